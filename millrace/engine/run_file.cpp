#include <array>
#include <cstdint>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/run_settings.h"
#include "millrace/engine/toml_tree.h"

// run.toml: settings as a file and back.

namespace millrace {

namespace {

struct TextKey {
  std::string_view name;
  std::string RunSettings::*member;
};
constexpr std::array text_keys{
    TextKey{"strategy", &RunSettings::strategy},
    TextKey{"fees", &RunSettings::fees},
    TextKey{"asset", &RunSettings::asset},
    TextKey{"feed_latency", &RunSettings::feed_latency},
    TextKey{"latency", &RunSettings::order_latency},
    TextKey{"ack_latency", &RunSettings::ack_latency},
    TextKey{"queue", &RunSettings::queue},
    TextKey{"instruments", &RunSettings::instruments},
    TextKey{"features", &RunSettings::features},
    TextKey{"from", &RunSettings::from},
    TextKey{"to", &RunSettings::to},
    TextKey{"gap_limit", &RunSettings::gap_limit},
    TextKey{"walk_forward", &RunSettings::walk_forward},
};
struct ListKey {
  std::string_view name;
  std::vector<std::string> RunSettings::*member;
};
constexpr std::array list_keys{
    ListKey{"in", &RunSettings::inputs},       ListKey{"tiers", &RunSettings::tiers},
    ListKey{"capital", &RunSettings::capital}, ListKey{"rates", &RunSettings::rates},
    ListKey{"symbols", &RunSettings::symbols}, ListKey{"legs", &RunSettings::legs},
    ListKey{"grid", &RunSettings::grid},
};
using Pairs = std::vector<std::pair<std::string, std::string>>;
struct PairsKey {
  std::string_view name;
  Pairs RunSettings::*member;
};
constexpr std::array pair_keys{PairsKey{"set", &RunSettings::set}, PairsKey{"limits", &RunSettings::limits},
                               PairsKey{"files", &RunSettings::files}};

struct TruthKey {
  std::string_view name;
  bool RunSettings::*member;
};
constexpr std::array truth_keys{TruthKey{"edge_test", &RunSettings::has_edge_test},
                                TruthKey{"scenarios", &RunSettings::has_scenarios},
                                TruthKey{"close_at_gap", &RunSettings::closes_at_gap}};

/// A basic TOML string: JSON's escapes are TOML's, which wants one more.
std::string quoted(std::string_view text) {
  std::string result = json_quoted(text);
  for (std::size_t at = 0; (at = result.find('\x7f', at)) != std::string::npos;) result.replace(at, 1, "\\u007f");
  return result;
}

class RunFileReader {
 public:
  explicit RunFileReader(const std::string& file) : file_(file) {}

  RunSettings read(const TomlValue& root) {
    for (const TomlValue& one : root.members) read_key(one);
    return std::move(settings_);
  }

 private:
  void read_key(const TomlValue& one) {
    for (const TextKey& key : text_keys) {
      if (key.name != one.key) continue;
      settings_.*key.member = text_of(one);
      return;
    }
    for (const ListKey& key : list_keys) {
      if (key.name == one.key) return read_list(one, settings_.*key.member);
    }
    for (const PairsKey& key : pair_keys) {
      if (key.name == one.key) return read_pairs(one, settings_.*key.member);
    }
    for (const TruthKey& key : truth_keys) {
      if (key.name != one.key) continue;
      expect(one, TomlValue::Type::boolean, "true or false");
      settings_.*key.member = one.number != 0.0;
      return;
    }
    if (one.key == "seed") return read_seed(one);
    const std::vector<std::string_view> names = known();
    fail(Fault::config, "{}: expected a key of run.toml, was `{}`{}", place_of(file_, one), one.key,
         did_you_mean(one.key, names));
  }

  void read_list(const TomlValue& one, std::vector<std::string>& list) {
    expect(one, TomlValue::Type::array, "a list of texts");
    list.clear();
    for (TomlValue member : one.members) {
      member.key = one.key;
      list.push_back(text_of(member));
    }
  }

  void read_pairs(const TomlValue& one, Pairs& pairs) {
    expect(one, TomlValue::Type::table, "a table of texts");
    for (const TomlValue& member : one.members) pairs.emplace_back(member.key, text_of(member));
  }

  void read_seed(const TomlValue& one) {
    const auto seed = one.type == TomlValue::Type::integer ? parse_integer(one.text) : std::nullopt;
    if (!seed || *seed < 0) {
      fail(Fault::config, "{}: expected a whole number from 0 to {}, was {}", place_of(file_, one), INT64_MAX,
           one.text.empty() ? one.type_name() : std::string_view(one.text));
    }
    settings_.seed = static_cast<std::uint64_t>(*seed);
  }

  std::string text_of(const TomlValue& one) {
    expect(one, TomlValue::Type::text, "a text");
    return one.text;
  }
  void expect(const TomlValue& one, TomlValue::Type type, std::string_view expected) {
    if (one.type != type)
      fail(Fault::config, "{}: expected {}, was {}", place_of(file_, one), expected, one.type_name());
  }
  static std::vector<std::string_view> known() {
    std::vector<std::string_view> names{"seed"};
    for (const TextKey& key : text_keys) names.push_back(key.name);
    for (const ListKey& key : list_keys) names.push_back(key.name);
    for (const PairsKey& key : pair_keys) names.push_back(key.name);
    for (const TruthKey& key : truth_keys) names.push_back(key.name);
    return names;
  }

  const std::string& file_;
  RunSettings settings_;
};

}  // namespace

std::string to_toml(const RunSettings& settings) {
  std::string text =
      "# All that decided this run: `millrace backtest --run run.toml --out FOLDER` gives the same bytes.\n";
  for (const ListKey& key : list_keys) {
    std::vector<std::string> parts;
    for (const std::string& one : settings.*key.member) parts.push_back(quoted(one));
    text += fmt::format("{} = [{}]\n", key.name, fmt::join(parts, ", "));
  }
  for (const TextKey& key : text_keys) text += fmt::format("{} = {}\n", key.name, quoted(settings.*key.member));
  text += fmt::format("seed = {}\n", settings.seed);
  for (const TruthKey& key : truth_keys) text += fmt::format("{} = {}\n", key.name, settings.*key.member);
  for (const PairsKey& key : pair_keys) {
    text += fmt::format("\n[{}]\n", key.name);
    for (const auto& [name, value] : settings.*key.member)
      text += fmt::format("{} = {}\n", quoted(name), quoted(value));
  }
  return text;
}

RunSettings parse_run_file(std::string_view text, const std::string& file) {
  return RunFileReader(file).read(parse_toml(text, file));
}

RunSettings read_run_file(const std::string& path) { return RunFileReader(path).read(read_toml_file(path)); }

}  // namespace millrace
