#include "millrace/trading/rule_program.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/chunk/column.h"
#include "millrace/graph/operators.h"

namespace millrace {

namespace {

constexpr std::string_view column_prefix = "row_";  // a feature cannot be called as a column is

/// Makes features of what rules name.
class RuleReader {
 public:
  RuleReader(const StrategySpec& spec, const std::vector<Definition>& more) : spec_(spec) {
    set_.features = spec.features;
    set_.features.name = spec.name;
    for (const Definition& one : more) {
      std::erase_if(set_.features.lets, [&](const Definition& let) { return let.is_used && let.name == one.name; });
      set_.features.features.push_back(one);
    }
  }

  RuleSet read() {
    std::vector<std::string> problems;
    for (const RuleText& one : spec_.rules) {
      try {
        read_rule(one);
      } catch (const Error& error) {
        if (error.fault() != Fault::config) throw;
        problems.emplace_back(error.what());
      }
    }
    if (!problems.empty()) fail(Fault::config, "{}", fmt::join(problems, "\n"));
    return std::move(set_);
  }

 private:
  void read_rule(const RuleText& one) {
    auto parsed = parse_expression(one.definition.expression);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
      fail(Fault::config, "{}:{}:{}: rule `{}`: {}", spec_.file, one.definition.line,
           one.definition.column + complaint->at, one.rule, complaint->message);
    }
    rule_ = &one;
    Expression expression = std::get<Expression>(std::move(parsed));
    take_apart(expression);
    set_.rules.push_back({one.rule, one.name, std::move(expression)});
  }

  static bool needs_graph(const Expression& expression) {
    using Type = Expression::Type;
    if (expression.type == Type::call || expression.type == Type::member) return true;
    return expression.type == Type::operation &&
           (expression.op == Operator::time_of_day || expression.op == Operator::day_of_week ||
            expression.op == Operator::closes);
  }

  void take_apart(Expression& expression) {
    if (needs_graph(expression)) {
      become_name(expression, make_feature(text_of(expression), expression.at));
    } else if (expression.type == Expression::Type::name) {
      become_name(expression, feature_of(expression));
    } else {
      for (Expression& operand : expression.operands) take_apart(operand);
    }
  }

  static void become_name(Expression& expression, std::string name) {
    expression.type = Expression::Type::name;
    expression.name = std::move(name);
    expression.operands.clear();
    expression.arguments.clear();
  }

  Definition* find(std::vector<Definition>& list, std::string_view name) {
    const auto at = std::find_if(list.rbegin(), list.rend(), [&](const Definition& one) { return one.name == name; });
    return at == list.rend() ? nullptr : &*at;
  }

  std::string add(std::string name, std::string expression, std::size_t at) {
    if (find(set_.features.features, name) == nullptr) {
      set_.features.features.push_back({.name = name,
                                        .expression = std::move(expression),
                                        .line = rule_->definition.line,
                                        .column = rule_->definition.column + at,
                                        .file = spec_.file});
    }
    return name;
  }

  /// A call: equal ones are one feature, whatever rule they stand in.
  std::string make_feature(std::string expression, std::size_t at) {
    for (const auto& [text, name] : made_) {
      if (text == expression) return name;
    }
    const std::string name = fmt::format("rule_{}", made_.size() + 1);
    made_.emplace_back(expression, name);
    return add(name, std::move(expression), at);
  }

  std::string feature_of(const Expression& expression) {
    const std::string& name = expression.name;
    if (find(set_.features.features, name) != nullptr) return name;
    if (Definition* let = find(set_.features.lets, name)) {  // becomes a column under its own name
      Definition feature = *let;
      feature.is_used = false;
      std::erase_if(set_.features.lets, [&](const Definition& one) { return one.name == name; });
      set_.features.features.push_back(std::move(feature));
      return name;
    }
    if (find_column(name)) return add(std::string(column_prefix) + name, name, expression.at);
    std::vector<std::string_view> names;
    for (const auto* list : {&set_.features.lets, &set_.features.features}) {
      for (const Definition& one : *list) names.push_back(one.name);
    }
    for (const ColumnInfo& column : column_table) names.push_back(column.name);
    fail(Fault::config, "{}:{}:{}: rule `{}`: `{}` is no feature, column or parameter{}", spec_.file,
         rule_->definition.line, rule_->definition.column + expression.at, rule_->rule, name,
         did_you_mean(name, names));
  }

  const StrategySpec& spec_;
  const RuleText* rule_ = nullptr;
  RuleSet set_;
  std::vector<std::pair<std::string, std::string>> made_;
};

}  // namespace

std::vector<std::uint32_t> RuleSet::find(std::string_view rule) const {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 0; i < rules.size(); ++i) {
    if (rules[i].rule == rule) found.push_back(i);
  }
  return found;
}

RuleSet make_rules(const StrategySpec& spec, const std::vector<Definition>& more) {
  return RuleReader(spec, more).read();
}

RuleProgram::RuleProgram(const RuleSet& set, const std::vector<std::uint32_t>& rules, const Plan& plan) {
  for (const std::uint32_t rule : rules) results_.push_back(compile(set.rules[rule].expression, plan));
  values_.resize(texts_.size() * block_rows);
  sources_.resize(texts_.size());
  for (std::uint32_t slot = 0; slot < texts_.size(); ++slot) {
    sources_[slot] = at(slot, 0);
  }
  for (const auto& [slot, number] : constants_) std::fill_n(at(slot, 0), block_rows, number);
}

std::uint32_t RuleProgram::compile(const Expression& expression, const Plan& plan) {
  std::string text =
      expression.type == Expression::Type::number ? format_number(expression.number) : text_of(expression);
  const auto known = std::find(texts_.begin(), texts_.end(), text);
  if (known != texts_.end()) return static_cast<std::uint32_t>(known - texts_.begin());
  std::array<std::uint32_t, 2> operands{};
  for (std::size_t i = 0; i < expression.operands.size() && i < 2; ++i)
    operands[i] = compile(expression.operands[i], plan);
  const auto slot = static_cast<std::uint32_t>(texts_.size());
  texts_.push_back(std::move(text));
  if (expression.type == Expression::Type::number) {
    constants_.emplace_back(slot, expression.number);
  } else if (expression.type == Expression::Type::name) {
    const auto at = std::find_if(plan.features.begin(), plan.features.end(),
                                 [&](const PlannedFeature& one) { return one.name == expression.name; });
    if (at == plan.features.end()) fail(Fault::config, "rules: the plan has no feature `{}`", expression.name);
    loads_.push_back({static_cast<std::uint32_t>(at - plan.features.begin()), slot});
  } else if (expression.type == Expression::Type::operation) {
    steps_.push_back({expression.op, {operands[0], operands[1]}, slot});
  }
  return slot;
}

void RuleProgram::run(const FeatureBlock& features, std::size_t first, std::size_t count) {
  for (const Load& load : loads_) {
    const FeatureColumn& column = features.columns[load.column];
    if (column.type == ValueType::number) {
      sources_[load.slot] = column.values.data() + first;
      continue;
    }
    double* out = at(load.slot, 0);
    for (std::size_t i = 0; i < count; ++i) out[i] = column.number(first + i);
  }
  for (const Step& step : steps_) {
    const std::array<const double*, 2> operands{sources_[step.operands[0]], sources_[step.operands[1]]};
    apply(step.op, operands.data(), at(step.slot, 0), count);
  }
  for (const Load& load : loads_) {  // results may be plain columns
    if (std::find(results_.begin(), results_.end(), load.slot) == results_.end()) continue;
    if (sources_[load.slot] != at(load.slot, 0)) std::copy_n(sources_[load.slot], count, at(load.slot, 0));
  }
}

}  // namespace millrace
