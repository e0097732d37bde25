#include "millrace/engine/config.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/chunk/column.h"
#include "millrace/engine/embedded.h"
#include "millrace/engine/lay_over.h"
#include "millrace/engine/leg_text.h"
#include "millrace/engine/toml_library.h"
#include "millrace/engine/toml_lines.h"
#include "millrace/graph/expression.h"

namespace millrace {

namespace {

constexpr std::size_t most_messages = 50;

/// Files that are being read, each extended by the one before it.
using Chain = std::vector<std::string>;

FeatureSet read_text(std::string_view text, const std::string& file, Chain& chain);

std::string wrong_name(std::string_view name) {
  return fmt::format("expected a name of letters, digits and _ ([A-Za-z_][A-Za-z0-9_]*, at most {} characters), was {}",
                     longest_feature_name, json_quoted(name.substr(0, 40)));
}

std::string_view type_of(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number";
    case toml::node_type::boolean: return "true or false";
    case toml::node_type::string: return "a text";
    default: return "a date or time";
  }
}

std::optional<std::string> text_of_file(const std::string& path, std::string& problem) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    problem = "is a folder";
    return std::nullopt;
  }
  std::ifstream stream(path, std::ios::binary);
  std::string text(longest_feature_file + 1, '\0');
  if (!stream || !stream.read(text.data(), static_cast<std::streamsize>(text.size())).eof()) {
    problem = stream.is_open() ? fmt::format("expected at most {} bytes, was longer", longest_feature_file)
                               : "cannot be opened";
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

const EmbeddedFile* find_profile(std::string_view name) {
  for (const EmbeddedFile& profile : embedded_profiles()) {
    if (profile.name == name) return &profile;
  }
  return nullptr;
}

std::string unknown_profile(std::string_view name) {
  std::vector<std::string_view> names;
  for (const EmbeddedFile& profile : embedded_profiles()) names.push_back(profile.name);
  return fmt::format("expected one of {}, was `{}`{}", fmt::join(names, ", "), name, did_you_mean(name, names));
}

FeatureSet read_profile(const EmbeddedFile& profile, Chain& chain) {
  return read_text(profile.text, fmt::format("<embedded {}.toml>", profile.name), chain);
}

/// Equal for two spellings of one path.
std::string identity_of(const std::string& file) {
  std::error_code code;
  const auto path = std::filesystem::weakly_canonical(file, code);
  return code ? file : path.string();
}

/// One file's text as definitions.
class Reader {
 public:
  Reader(std::string_view text, const std::string& file, Chain& chain)
      : text_(text), file_(file), chain_(chain), lines_(text) {}

  FeatureSet read() {
    if (const std::size_t line = lines_.overnested(); line > 0) {
      fail(Fault::config, "{}:{}:1: expected at most {} dots, were more", file_, line, TomlLines::most_dots);
    }
    toml::table root;
    try {
      root = toml::parse(text_);
    } catch (const toml::parse_error& problem) {
      const auto at = problem.source().begin;
      fail(Fault::config, "{}:{}:{}: expected TOML: {}", file_, at.line, at.column, problem.description());
    }
    FeatureSet set{.name = std::filesystem::path(file_).stem().string(), .file = file_};
    std::optional<FeatureSet> base;
    for (const auto& [key, value] : in_file_order(root)) {
      if (*key == "name") {
        if (const auto name = text_at(*key, *value, "a name")) set.name = *name;
      } else if (*key == "mode") {
        set.is_replacement = mode_at(*key, *value);
      } else if (*key == "extends" || *key == "uses") {
        if (base) complain(*key, "expected one of extends and uses, were both");
        base = base_at(*key, *value);
        if (base && *key == "uses") make_names(*base);
      } else if (*key == "tolerance") {
        set.tolerance = tolerance_at(*key, *value);
      } else if (*key == "legs") {
        read_legs(*key, *value, set.legs);
      } else if (*key == "venues") {
        read_venues(*key, *value, set.venues);
      } else if (*key == "let" || *key == "features") {
        read_definitions(*key, *value, *key == "let" ? set.lets : set.features);
      } else {
        unknown_key(*key, {"name", "extends", "uses", "mode", "tolerance", "legs", "venues", "let", "features"});
      }
    }
    if (set.features.empty() && !root.contains("extends") && messages_.empty()) {
      fail(Fault::config, "{}:1:1: key `features`: expected at least one feature, was none", file_);
    }
    if (!messages_.empty()) fail(Fault::config, "{}", fmt::join(messages_, "\n"));
    if (!base) return set;
    base->name = set.name;
    base->file = set.file;
    base->is_replacement = set.is_replacement;
    extend(*base, std::move(set));
    return std::move(*base);
  }

 private:
  using Entry = std::pair<const toml::key*, const toml::node*>;

  static std::vector<Entry> in_file_order(const toml::table& table) {
    std::vector<Entry> entries;
    for (auto&& [key, value] : table) entries.emplace_back(&key, &value);
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.first->source().begin < b.first->source().begin; });
    return entries;
  }

  void read_definitions(const toml::key& section, const toml::node& value, std::vector<Definition>& list) {
    const auto* table = value.as_table();
    if (table == nullptr) return wrong(section, value, "a table");
    if (table->size() > most_definitions) {
      return complain(section,
                      fmt::format("expected at most {} definitions, were {}", most_definitions, table->size()));
    }
    for (const auto& [key, node] : in_file_order(*table)) {
      if (!is_feature_name(key->str())) {
        complain(*key, wrong_name(key->str()));
        continue;
      }
      Definition definition{.name = std::string(key->str()), .file = file_};
      const bool is_sound = section == "let" || !node->is_table() ? read_expression(*key, *node, definition)
                                                                  : read_table(*key, *node->as_table(), definition);
      if (is_sound) list.push_back(std::move(definition));
    }
  }

  bool read_expression(const toml::key& key, const toml::node& node, Definition& definition) {
    const auto text = text_at(key, node, "an expression");
    if (!text) return false;
    if (text->size() > longest_expression) {
      complain(key, fmt::format("expected an expression of at most {} characters, was {}", longest_expression,
                                text->size()));
      return false;
    }
    definition.expression = *text;
    const auto [line, column] = node.source().begin;
    std::tie(definition.line, definition.column) = lines_.inside(line, column);
    return true;
  }

  bool read_table(const toml::key& feature, const toml::table& table, Definition& definition) {
    bool is_sound = true;
    for (const auto& [key, node] : in_file_order(table)) {
      if (*key == "expression") {
        is_sound = read_expression(*key, *node, definition) && is_sound;
      } else if (*key == "unit" || *key == "warmup") {
        const auto text = text_at(*key, *node, "a text");
        if (text) (*key == "unit" ? definition.unit : definition.warmup) = *text;
      } else {
        unknown_key(*key, {"expression", "unit", "warmup"});
      }
    }
    if (!table.contains("expression")) complain(feature, "expected an `expression`, was none");
    return is_sound && table.contains("expression");
  }

  std::optional<std::string> text_at(const toml::key& key, const toml::node& value, std::string_view expected) {
    const auto* text = value.as_string();
    if (text == nullptr) {
      wrong(key, value, expected);
    } else if (trimmed(text->get()).empty()) {
      complain(key, fmt::format("expected {}, was empty", expected));
    } else {
      return text->get();
    }
    return std::nullopt;
  }

  Nanos tolerance_at(const toml::key& key, const toml::node& value) {
    const auto text = text_at(key, value, "a duration such as 500ms");
    const auto span = text ? parse_duration(*text) : std::nullopt;
    if (text && !span) complain(key, fmt::format("expected a duration such as 500ms, was {}", json_quoted(*text)));
    return span.value_or(0);
  }

  void read_legs(const toml::key& section, const toml::node& value, std::vector<Leg>& legs) {
    const auto* table = value.as_table();
    if (table == nullptr) return wrong(section, value, "a table");
    for (const auto& [key, node] : in_file_order(*table)) {
      const auto* text = node->as_string();
      if (!is_leg_name(key->str())) {
        complain(*key, "expected a name of letters, digits and _ that is no column and not x");
      } else if (text == nullptr) {
        wrong(*key, *node, "an instrument such as \"coinbase:BTC-USD\"");
      } else if (!is_instrument(text->get())) {
        complain(*key,
                 fmt::format("expected an instrument such as coinbase:BTC-USD, was {}", json_quoted(text->get())));
      } else {
        put_leg(legs, {std::string(key->str()), text->get(), key->source().begin.line, key->source().begin.column});
      }
    }
  }

  void read_venues(const toml::key& section, const toml::node& value, std::vector<VenueCosts>& venues) {
    const auto* table = value.as_table();
    if (table == nullptr) return wrong(section, value, "a table of venues");
    for (const auto& [name, node] : in_file_order(*table)) {
      const auto* costs = node->as_table();
      if (costs == nullptr) {
        wrong(*name, *node, "a table with fee_bps and other_bps");
        continue;
      }
      VenueCosts venue{.name = std::string(name->str())};
      for (const auto& [key, cost] : in_file_order(*costs)) {
        const auto bps = cost->value<double>();
        if (*key != "fee_bps" && *key != "other_bps") {
          unknown_key(*key, {"fee_bps", "other_bps"});
        } else if (!bps || !(*bps >= -1e4 && *bps <= 1e4)) {
          complain(*key, "expected a number of bps from -10000 to 10000");
        } else {
          (*key == "fee_bps" ? venue.fee_bps : venue.other_bps) = *bps;
        }
      }
      if (!costs->contains("fee_bps")) complain(*name, "expected `fee_bps`, was none");
      venues.push_back(std::move(venue));
    }
  }

  bool mode_at(const toml::key& key, const toml::node& value) {
    const auto mode = text_at(key, value, "extend or replace");
    if (mode && *mode != "extend" && *mode != "replace") {
      complain(key, fmt::format("expected extend or replace, was {}", json_quoted(mode->substr(0, 40))));
    }
    return mode == "replace";
  }

  std::optional<FeatureSet> base_at(const toml::key& key, const toml::node& value) {
    const auto wanted = text_at(key, value, "a profile or a path");
    if (!wanted) return std::nullopt;
    if (chain_.size() >= most_extends) {
      complain(key, fmt::format("expected at most {} files that extend one another, were more", most_extends));
      return std::nullopt;
    }
    if (const EmbeddedFile* profile = find_profile(*wanted)) return read_profile(*profile, chain_);
    if (wanted->find('/') == std::string::npos && !wanted->ends_with(".toml")) {
      complain(key, unknown_profile(*wanted) + ", or a path that ends in .toml");
      return std::nullopt;
    }
    const std::string path = (std::filesystem::path(file_).parent_path() / *wanted).string();
    if (std::find(chain_.begin(), chain_.end(), identity_of(path)) != chain_.end()) {
      complain(key, fmt::format("expected a file that does not extend itself, was {} -> {}", fmt::join(chain_, " -> "),
                                identity_of(path)));
      return std::nullopt;
    }
    std::string problem;
    const auto text = text_of_file(path, problem);
    if (text) return read_text(*text, path, chain_);
    complain(key, fmt::format("expected a feature file, was {}: {}", path, problem));
    return std::nullopt;
  }

  void unknown_key(const toml::key& key, std::initializer_list<std::string_view> known) {
    const std::vector<std::string_view> names(known);
    complain(key, fmt::format("expected one of {}, was `{}`{}", fmt::join(names, ", "), key.str().substr(0, 40),
                              did_you_mean(key.str(), names)));
  }
  void wrong(const toml::key& key, const toml::node& value, std::string_view expected) {
    complain(key, fmt::format("expected {}, was {}", expected, type_of(value)));
  }
  void complain(const toml::key& key, const std::string& what) {
    if (messages_.size() > most_messages) return;
    const auto at = key.source().begin;
    messages_.push_back(messages_.size() == most_messages ? fmt::format("{}: and more", file_)
                                                          : fmt::format("{}:{}:{}: key `{}`: {}", file_, at.line,
                                                                        at.column, key.str().substr(0, 40), what));
  }

  std::string_view text_;
  const std::string& file_;
  Chain& chain_;
  TomlLines lines_;
  std::vector<std::string> messages_;
};

FeatureSet read_text(std::string_view text, const std::string& file, Chain& chain) {
  if (text.size() > longest_feature_file) {
    fail(Fault::config, "{}: expected at most {} bytes, was {}", file, longest_feature_file, text.size());
  }
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // a mark of UTF-8 would shift columns
  chain.push_back(identity_of(file));
  FeatureSet set = Reader(text, file, chain).read();
  chain.pop_back();
  return set;
}

}  // namespace

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& profile : embedded_profiles()) names.emplace_back(profile.name);
  return names;
}

FeatureSet load_profile(std::string_view name) {
  const EmbeddedFile* profile = find_profile(name);
  if (profile == nullptr) fail(Fault::config, "profile: {}", unknown_profile(name));
  Chain chain;
  return read_profile(*profile, chain);
}

FeatureSet read_feature_file(const std::string& path) {
  std::string problem;
  const auto text = text_of_file(path, problem);
  if (!text) fail(Fault::config, "{}: expected a feature file: {}", path, problem);
  return parse_feature_text(*text, path);
}

FeatureSet parse_feature_text(std::string_view text, const std::string& file) {
  Chain chain;
  return read_text(text, file, chain);
}

FeatureSet make_feature_set(std::string name, std::vector<Definition> lets, std::vector<Definition> features) {
  for (const auto* list : {&lets, &features}) {
    for (const Definition& definition : *list) {
      if (is_feature_name(definition.name)) continue;
      fail(Fault::config, "{}: {}", name, wrong_name(definition.name));
    }
  }
  return {.name = std::move(name), .lets = std::move(lets), .features = std::move(features)};
}

}  // namespace millrace
