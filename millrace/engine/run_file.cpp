#include <array>

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
};
struct ListKey {
  std::string_view name;
  std::vector<std::string> RunSettings::*member;
};
constexpr std::array list_keys{
    ListKey{"in", &RunSettings::inputs},       ListKey{"tiers", &RunSettings::tiers},
    ListKey{"capital", &RunSettings::capital}, ListKey{"rates", &RunSettings::rates},
    ListKey{"symbols", &RunSettings::symbols}, ListKey{"legs", &RunSettings::legs},
};
using Pairs = std::vector<std::pair<std::string, std::string>>;
struct PairsKey {
  std::string_view name;
  Pairs RunSettings::*member;
};
constexpr std::array pair_keys{PairsKey{"set", &RunSettings::set}, PairsKey{"limits", &RunSettings::limits},
                               PairsKey{"files", &RunSettings::files}};

/// A basic TOML string: JSON's escapes are TOML's.
std::string quoted(std::string_view text) { return json_quoted(text); }

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
  text += fmt::format("seed = {}\nedge_test = {}\nscenarios = {}\n", settings.seed, settings.has_edge_test,
                      settings.has_scenarios);
  for (const PairsKey& key : pair_keys) {
    text += fmt::format("\n[{}]\n", key.name);
    for (const auto& [name, value] : settings.*key.member)
      text += fmt::format("{} = {}\n", quoted(name), quoted(value));
  }
  return text;
}

RunSettings read_run_file(const std::string& path) {
  RunSettings settings;
  const TomlValue root = read_toml_file(path);
  const auto text_of = [&](const TomlValue& value) {
    if (value.type != TomlValue::Type::text) {
      fail(Fault::config, "{}: expected a text, was {}", place_of(path, value), value.type_name());
    }
    return value.text;
  };
  for (const TomlValue& one : root.members) {
    bool is_known = false;
    for (const TextKey& key : text_keys) {
      if (key.name != one.key) continue;
      settings.*key.member = text_of(one);
      is_known = true;
    }
    for (const ListKey& key : list_keys) {
      if (key.name != one.key) continue;
      (settings.*key.member).clear();
      for (TomlValue member : one.members) {
        member.key = one.key;
        (settings.*key.member).push_back(text_of(member));
      }
      is_known = true;
    }
    for (const PairsKey& key : pair_keys) {
      if (key.name != one.key) continue;
      for (const TomlValue& member : one.members) (settings.*key.member).emplace_back(member.key, text_of(member));
      is_known = true;
    }
    if (one.key == "seed" && one.type == TomlValue::Type::integer && one.number >= 0.0) {
      settings.seed = static_cast<std::uint64_t>(one.number);
    } else if (one.key == "edge_test" && one.type == TomlValue::Type::boolean) {
      settings.has_edge_test = one.number != 0.0;
    } else if (one.key == "scenarios" && one.type == TomlValue::Type::boolean) {
      settings.has_scenarios = one.number != 0.0;
    } else if (!is_known) {
      fail(Fault::config, "{}: expected a key of run.toml, was `{}`", place_of(path, one), one.key);
    }
  }
  return settings;
}

}  // namespace millrace
