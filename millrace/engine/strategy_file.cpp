#include "millrace/engine/strategy_file.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/config.h"
#include "millrace/engine/embedded.h"
#include "millrace/engine/lay_over.h"
#include "millrace/engine/toml_tree.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, 13> rule_names{
    "when", "entry_long", "entry_short", "exit_long", "exit_short",     "gain",  "sigma",
    "stop", "trail",      "close",       "defensive", "defensive_stop", "signal"};
constexpr std::array<std::string_view, 12> top_keys{"name", "title", "idea",       "loses", "kind",  "over",
                                                    "uses", "needs", "parameters", "let",   "rules", "legs"};
constexpr std::array<std::string_view, 6> parameter_keys{"value", "min", "max", "meaning", "unit", "text"};
constexpr std::size_t most_rules = 200, most_parameters = 200, most_problems = 50;

struct Standard {
  std::string_view name, text, meaning;
  double least, most;
};
constexpr std::array standard_parameters{
    Standard{"risk", "0.0025", "share of the equity that a move of k_sigma standard deviations may cost", 0.0, 1.0},
    Standard{"k_sigma", "3", "standard deviations of the sizing rule", 0.1, 100.0},
    Standard{"cap", "0.25", "largest position, as a share of the equity", 0.0, 100.0},
    Standard{"cooldown", "30s", "rest after a position is closed", 0.0, 3.2e7},
};

class StrategyReader {
 public:
  StrategyReader(const TomlValue& root, const std::string& file) : root_(root), file_(file) {}

  StrategySpec read() {
    spec_.name = std::filesystem::path(file_).stem().string();
    spec_.file = file_;
    for (const TomlValue& one : root_.members) {
      attempt([&] { read_key(one); });
    }
    for (const Standard& one : standard_parameters) add_standard(one);
    if (spec_.title.empty()) spec_.title = spec_.name;
    if (spec_.kind == "rules") check_rules();
    if (!problems_.empty()) fail(Fault::config, "{}", fmt::join(problems_, "\n"));
    return std::move(spec_);
  }

 private:
  /// What is wrong is told together at the end.
  template <class Work>
  void attempt(Work&& work) {
    try {
      work();
    } catch (const Error& error) {
      if (error.fault() != Fault::config) throw;
      if (problems_.size() < most_problems) problems_.emplace_back(error.what());
    }
  }

  void read_key(const TomlValue& one) {
    if (one.key == "parameters") return read_parameters(one);
    if (one.key == "rules") return read_rules(one);
    if (one.key == "let") return read_lets(one);
    if (one.key == "legs") return read_legs(one);
    if (one.key == "needs") return read_needs(one);
    std::string* const text = one.key == "name"    ? &spec_.name
                              : one.key == "title" ? &spec_.title
                              : one.key == "idea"  ? &spec_.idea
                              : one.key == "loses" ? &spec_.loses
                              : one.key == "kind"  ? &spec_.kind
                                                   : nullptr;
    if (text != nullptr) {
      *text = text_of(one);
    } else if (one.key == "uses") {
      FeatureSet used = load_profile(text_of(one));
      make_names(used);
      extend(spec_.features, std::move(used));
    } else if (one.key == "over") {
      spec_.parameters.push_back({.name = "over",
                                  .text = text_of(one),
                                  .is_text = true,
                                  .meaning = "the strategy that it is put over",
                                  .line = one.line,
                                  .column = one.column});
    } else {
      unknown(one, top_keys);
    }
  }

  void read_parameters(const TomlValue& table) {
    expect(table, TomlValue::Type::table, "a table of parameters");
    if (table.members.size() > most_parameters)
      wrong(table, fmt::format("expected at most {} parameters", most_parameters));
    for (const TomlValue& one : table.members) {
      attempt([&] { read_parameter(one); });
    }
  }

  void read_parameter(const TomlValue& one) {
    StrategyParameter parameter{.name = one.key, .line = one.line, .column = one.column};
    const bool is_table = one.type == TomlValue::Type::table;
    const TomlValue* value = is_table ? one.find("value") : &one;
    if (value == nullptr) wrong(one, "expected a `value`, was none");
    parameter.text = value->text;
    if (value->type == TomlValue::Type::text) {
      const auto span = parse_duration(value->text);
      parameter.is_duration = span.has_value();
      parameter.is_text = !span;
      if (span) parameter.value = static_cast<double>(*span) / 1e9;
    } else if (value->type == TomlValue::Type::integer || value->type == TomlValue::Type::number) {
      parameter.value = value->number;
    } else {
      wrong(one, fmt::format("expected a number or a text, was {}", value->type_name()));
    }
    if (is_table) read_bounds(one, parameter);
    spec_.parameters.push_back(std::move(parameter));
  }

  void read_bounds(const TomlValue& table, StrategyParameter& parameter) {
    for (const TomlValue& one : table.members) {
      if (one.key == "min" || one.key == "max") {
        (one.key == "min" ? parameter.least : parameter.most) = seconds_or_number(one);
      } else if (one.key == "meaning") {
        parameter.meaning = text_of(one);
      } else if (one.key == "unit") {
        parameter.unit = text_of(one);
      } else if (one.key != "value") {
        unknown(one, parameter_keys);
      }
    }
    if (parameter.least < parameter.most &&
        !(parameter.value >= parameter.least && parameter.value <= parameter.most)) {
      wrong(table, fmt::format("expected a value from {} to {}, was {}", format_number(parameter.least),
                               format_number(parameter.most), parameter.text));
    }
  }

  double seconds_or_number(const TomlValue& one) {
    if (one.type == TomlValue::Type::integer || one.type == TomlValue::Type::number) return one.number;
    const auto span = one.type == TomlValue::Type::text ? parse_duration(one.text) : std::nullopt;
    if (!span) wrong(one, fmt::format("expected a number or a length of time such as 15m, was {}", one.type_name()));
    return static_cast<double>(*span) / 1e9;
  }

  void add_standard(const Standard& one) {
    if (spec_.find(one.name) != nullptr) return;
    const auto span = parse_duration(one.text);
    spec_.parameters.push_back({.name = std::string(one.name),
                                .text = std::string(one.text),
                                .value = span ? static_cast<double>(*span) / 1e9 : *parse_number(one.text),
                                .is_duration = span.has_value(),
                                .least = one.least,
                                .most = one.most,
                                .meaning = std::string(one.meaning)});
  }

  void read_rules(const TomlValue& table) {
    expect(table, TomlValue::Type::table, "a table of rules");
    for (const TomlValue& one : table.members) {
      attempt([&] { read_rule(one); });
    }
    if (spec_.rules.size() > most_rules) wrong(table, fmt::format("expected at most {} rules", most_rules));
  }

  void read_rule(const TomlValue& one) {
    if (std::find(rule_names.begin(), rule_names.end(), one.key) == rule_names.end()) unknown(one, rule_names);
    if (one.type == TomlValue::Type::table) {
      for (const TomlValue& member : one.members) {
        attempt([&] { add_rule(one.key, member.key, member); });
      }
    } else if (one.type == TomlValue::Type::array) {
      for (TomlValue member : one.members) {
        member.key = one.key;
        add_rule(one.key, one.key, member);
      }
    } else {
      add_rule(one.key, one.key, one);
    }
  }

  void add_rule(const std::string& rule, const std::string& name, const TomlValue& value) {
    spec_.rules.push_back({rule, name, definition_of(name, value)});
  }

  Definition definition_of(const std::string& name, const TomlValue& value) {
    return {.name = name,
            .expression = text_of(value),
            .line = value.text_line,
            .column = value.text_column,
            .file = file_};
  }

  void read_lets(const TomlValue& table) {
    expect(table, TomlValue::Type::table, "a table of expressions");
    FeatureSet own;
    for (const TomlValue& one : table.members) {
      attempt([&] { own.lets.push_back(definition_of(one.key, one)); });
    }
    for (const Definition& one : own.lets) {
      std::erase_if(spec_.features.lets, [&](const Definition& let) { return let.name == one.name; });
      spec_.features.lets.push_back(one);
    }
  }

  void read_legs(const TomlValue& table) {
    expect(table, TomlValue::Type::table, "a table of instruments");
    for (const TomlValue& one : table.members) {
      expect(one, TomlValue::Type::text, "a text");  // empty: the command line says which instrument it is
      put_leg(spec_.features.legs, {one.key, one.text, one.line, one.column});
    }
  }

  void read_needs(const TomlValue& list) {
    expect(list, TomlValue::Type::array, "a list of texts");
    for (TomlValue one : list.members) {
      one.key = "needs";
      spec_.needs.push_back(text_of(one));
    }
  }

  /// What is missing; a rule that is there and wrong is not.
  void check_rules() {
    const TomlValue* rules = root_.find("rules");
    const auto has = [&](std::string_view rule) {
      const TomlValue* one = rules == nullptr ? nullptr : rules->find(rule);
      const bool is_list = one != nullptr && one->type <= TomlValue::Type::array;
      return one != nullptr && !(is_list && one->members.empty());
    };
    const auto miss = [&](const std::string& what) {
      problems_.push_back(fmt::format("{}:{}:1: key `rules`: {}", file_, rules == nullptr ? 1 : rules->line, what));
    };
    if (!has("entry_long") && !has("entry_short")) {
      miss("expected entry_long or entry_short, was neither");
    }
    for (const std::string_view side : {"long", "short"}) {
      if (!has(fmt::format("entry_{}", side)) || has(fmt::format("exit_{}", side))) continue;
      miss(fmt::format("expected exit_{} beside entry_{}, was none", side, side));
    }
    if (!has("sigma")) miss("expected sigma (volatility over the holding time, for the size), was none");
  }

  std::string text_of(const TomlValue& one) {
    expect(one, TomlValue::Type::text, "a text");
    if (trimmed(one.text).empty()) wrong(one, "expected a text, was empty");
    return one.text;
  }
  void expect(const TomlValue& one, TomlValue::Type type, std::string_view expected) {
    expect_type(file_, one, type, expected);
  }
  [[noreturn]] void wrong(const TomlValue& one, const std::string& what) { fail_at(file_, one, what); }
  [[noreturn]] void unknown(const TomlValue& one, std::span<const std::string_view> names) {
    fail_unknown(file_, one, names);
  }

  const TomlValue& root_;
  const std::string& file_;
  StrategySpec spec_;
  std::vector<std::string> problems_;
};

StrategySpec read_named(const std::string& name) {
  if (name.ends_with(".toml")) {
    const TomlValue root = read_toml_file(name);
    return StrategyReader(root, name).read();
  }
  std::vector<std::string_view> names;
  for (const EmbeddedFile& one : embedded_strategies()) {
    if (one.name == name) {
      StrategySpec spec = parse_strategy(one.text, fmt::format("<embedded {}.toml>", name));
      spec.name = name;
      return spec;
    }
    names.push_back(one.name);
  }
  fail(Fault::config, "strategy: expected one of {}, or a file that ends in .toml, was `{}`{}", fmt::join(names, ", "),
       name, did_you_mean(name, names));
}

/// A name that is known keeps its meaning.
void add_missing(std::vector<Definition>& list, std::vector<Definition> more) {
  for (Definition& one : more) {
    const auto is_same = [&](const Definition& known) { return known.name == one.name; };
    if (std::none_of(list.begin(), list.end(), is_same)) list.push_back(std::move(one));
  }
}

/// Puts an overlay's rules and parameters on the strategy it goes over.
StrategySpec put_over(StrategySpec overlay) {
  const StrategyParameter* over = overlay.find("over");
  if (over == nullptr)
    fail(Fault::config, "{}:1:1: key `over`: expected the name of a strategy, was none", overlay.file);
  StrategySpec base = read_named(over->text);
  if (base.kind == "overlay") {
    fail(Fault::config, "{}:{}:{}: key `over`: expected a strategy that is no overlay, was {}", overlay.file,
         over->line, over->column, over->text);
  }
  for (StrategyParameter& one : overlay.parameters) {
    if (base.find(one.name) == nullptr) base.parameters.push_back(std::move(one));
  }
  for (RuleText& one : overlay.rules) base.rules.push_back(std::move(one));
  add_missing(base.features.lets, std::move(overlay.features.lets));
  add_missing(base.features.features, std::move(overlay.features.features));
  base.title = fmt::format("{} over {}", overlay.title, base.title);
  base.name = overlay.name;
  base.idea = overlay.idea;
  base.loses = overlay.loses;
  base.overlay = true;
  return base;
}

StrategySpec finished(StrategySpec spec, const std::vector<std::pair<std::string, std::string>>& set) {
  if (spec.kind == "overlay") {
    for (const auto& [key, value] : set) {
      if (key == "over") spec.set(key, value, "--set");
    }
    spec = put_over(std::move(spec));
  }
  for (const auto& [key, value] : set) spec.set(key, value, "--set");
  insert_parameters(spec);
  return spec;
}

}  // namespace

std::vector<std::string> strategy_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& one : embedded_strategies()) names.emplace_back(one.name);
  return names;
}

StrategySpec parse_strategy(std::string_view text, const std::string& file) {
  const TomlValue root = parse_toml(text, file);
  return StrategyReader(root, file).read();
}

StrategySpec load_strategy(const std::string& name, const std::vector<std::pair<std::string, std::string>>& set) {
  return finished(read_named(name), set);
}

StrategySpec load_strategy_text(std::string_view text, const std::string& file,
                                const std::vector<std::pair<std::string, std::string>>& set) {
  return finished(parse_strategy(text, file), set);
}

}  // namespace millrace
