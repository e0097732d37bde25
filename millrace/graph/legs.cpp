#include "millrace/graph/legs.h"

#include <algorithm>

#include "millrace/chunk/column.h"

namespace millrace {

namespace {

void add(std::vector<std::string>& list, std::string_view leg) {
  if (std::find(list.begin(), list.end(), leg) == list.end()) list.emplace_back(leg);
}

}  // namespace

bool LegUse::uses(std::string_view leg) const { return std::find(all.begin(), all.end(), leg) != all.end(); }

LegFinder::LegFinder(const FeatureSet& set) : set_(set) {
  for (const auto* list : {&set.lets, &set.features}) {
    for (const Definition& definition : *list) definitions_.try_emplace(definition.name, &definition);
  }
}

bool LegFinder::is_leg(std::string_view name) const {
  if (definitions_.find(name) != definitions_.end()) return false;
  if (name == row_leg) return !set_.legs.empty();
  return std::any_of(set_.legs.begin(), set_.legs.end(), [&](const Leg& leg) { return leg.name == name; });
}

const LegUse& LegFinder::use_of(std::string_view definition) {
  const auto [at, is_new] = known_.try_emplace(std::string(definition));
  if (!is_new) return at->second;  // also while it is being found: a cycle
  const auto found = definitions_.find(definition);
  if (found == definitions_.end()) return at->second;
  if (depth_ == deepest) return at->second;
  ++depth_;
  auto parsed = parse_expression(found->second->expression);
  if (const auto* expression = std::get_if<Expression>(&parsed)) at->second = use_of(*expression);
  --depth_;
  return at->second;
}

LegUse LegFinder::use_of(const Expression& expression) {
  LegUse use;
  walk(expression, true, use);
  return use;
}

void LegFinder::walk(const Expression& expression, bool is_outside, LegUse& use) {
  const auto meet = [&](std::string_view leg) {
    add(use.all, leg);
    if (is_outside) add(use.outside, leg);
  };
  if (expression.type == Expression::Type::name) {
    if (definitions_.find(expression.name) != definitions_.end()) {
      const LegUse inner = use_of(expression.name);
      for (const std::string& leg : inner.all) add(use.all, leg);
      for (const std::string& leg : inner.outside) {
        if (is_outside) add(use.outside, leg);
      }
    } else if (find_column(expression.name) || expression.name == expiry_name) {
      meet(row_leg);
    }
    return;
  }
  const bool is_of_leg = expression.type == Expression::Type::member &&
                         expression.operands[0].type == Expression::Type::name && is_leg(expression.operands[0].name);
  if (is_of_leg) return meet(expression.operands[0].name);
  const bool is_asof = expression.type == Expression::Type::call && expression.name == "asof";
  for (const Expression& operand : expression.operands) walk(operand, is_outside && !is_asof, use);
  for (const Argument& argument : expression.arguments) {  // a parameter may be bound to a leg's column
    auto parsed = parse_expression(argument.value);
    if (const auto* inner = std::get_if<Expression>(&parsed);
        inner != nullptr && inner->type == Expression::Type::member)
      walk(*inner, is_outside, use);
  }
}

}  // namespace millrace
