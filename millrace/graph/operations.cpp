#include <cmath>

#include "millrace/graph/operators.h"
#include "millrace/graph/resolver.h"

namespace millrace {

Resolver::Resolved Resolver::operation(const Expression& expression) {
  std::vector<ValueRef> inputs;
  for (const Expression& operand : expression.operands) {
    const Resolved value = value_of(operand);
    if (value) inputs.push_back(*value);
  }
  if (inputs.size() < expression.operands.size()) return std::nullopt;
  return operation_node(expression.op, std::move(inputs), expression.at);
}

Resolver::Resolved Resolver::operation_node(Operator op, std::vector<ValueRef> inputs, std::size_t at) {
  const bool wants_truth = op == Operator::both || op == Operator::either || op == Operator::negation;
  for (const ValueRef& input : inputs) {
    if (!wants_truth || plan_.nodes[input.node].is_truth) continue;
    complain(at, "`{}` joins conditions; expected a comparison on both sides", name_of(op));
    return std::nullopt;
  }
  if (!settle_types(op, inputs, at)) return std::nullopt;
  if (std::optional<double> folded = fold(op, inputs)) return constant(*folded);
  Node node{.type = Node::Type::operation, .op = op, .inputs = std::move(inputs)};
  if (!settle_legs(node, at)) return std::nullopt;
  node.is_truth = wants_truth || (op >= Operator::less && op <= Operator::not_equal);
  observe(node, std::nullopt);
  node.is_reevaluated = has_reevaluated_input(node);
  lay_out(node);
  node.identity = fmt::format("{}{}", name_of(op), inputs_text(node));
  return intern(std::move(node));
}

/// Operators work on numbers. Of times there is the difference, which is exact; a span becomes a number of ns.
bool Resolver::settle_types(Operator& op, std::vector<ValueRef>& inputs, std::size_t at) {
  const auto is_time = [&](ValueRef value) { return type_of(value) == ValueType::time; };
  if (op == Operator::subtract && is_time(inputs[0]) && is_time(inputs[1])) {
    op = Operator::time_difference;
    return true;
  }
  for (ValueRef& input : inputs) {
    const ValueType type = type_of(input);
    if (type == ValueType::span) {
      input = as_number(input);
    } else if (is_integer(type)) {
      complain(at, "`{}` works on numbers, was given {}", name_of(op),
               type == ValueType::time ? "a time (subtract another, or see time_of_day)" : "an identifier");
      return false;
    }
  }
  return true;
}

ValueRef Resolver::as_number(ValueRef value) {
  Node node{.type = Node::Type::operation, .op = Operator::as_number, .inputs = {value}};
  observe(node, std::nullopt);
  node.is_reevaluated = has_reevaluated_input(node);
  lay_out(node);
  node.identity = fmt::format("{}{}", name_of(node.op), inputs_text(node));
  return intern(std::move(node));
}

std::optional<double> Resolver::fold(Operator op, const std::vector<ValueRef>& inputs) const {
  double values[2] = {};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Node& node = plan_.nodes[inputs[i].node];
    if (node.type != Node::Type::constant) return std::nullopt;
    values[i] = node.constant;
  }
  if (op >= Operator::less && op <= Operator::negation) return std::nullopt;  // stays a truth
  const double* columns[2] = {&values[0], &values[1]};
  double result = 0.0;
  apply(op, columns, &result, 1);
  return result;
}

Resolver::Resolved Resolver::function_call(const FunctionInfo& function, const Expression& expression) {
  if (expression.operands.size() != function.operands || !expression.arguments.empty()) {
    return complain(expression.at, "{} takes {} value{}, was given {}{}", function.name, function.operands,
                    function.operands == 1 ? "" : "s", expression.operands.size(),
                    expression.arguments.empty() ? "" : " and parameters");
  }
  if (function.op == Operator::closes) return closes(expression);
  if (function.op != Operator::time_of_day && function.op != Operator::day_of_week) {
    Expression as_operation = expression;
    as_operation.op = function.op;
    return operation(as_operation);
  }
  const Expression& operand = expression.operands[0];
  if (operand.type != Expression::Type::name || operand.name != "ts_event") {
    return complain(operand.at, "{} takes ts_event", function.name);
  }
  plan_.columns.add(Column::ts_event);
  return intern({.type = Node::Type::operation,
                 .op = function.op,
                 .observed = every_row_of(context()),
                 .taken = every_row_of(context()),
                 .laid_out = every_row_of(context()),
                 .legs = context(),
                 .identity = fmt::format("{}(ts_event) of {}", function.name, context())});
}

/// 1 on the rows that close a bar, else 0.
Resolver::Resolved Resolver::closes(const Expression& expression) {
  const Resolved bar = value_of(expression.operands[0]);
  if (!bar) return std::nullopt;
  const Node& from = plan_.nodes[bar->node];
  if (from.observed.events == 0 || from.observed.kinds != 0) {
    return complain(expression.operands[0].at, "closes takes a bar, such as tick_bars(price, ticks=100)");
  }
  const Rows rows = every_row_of(from.legs);
  Node node{.type = Node::Type::operation, .op = Operator::closes, .inputs = {*bar}};
  node.observed = node.taken = node.laid_out = rows;
  node.legs = from.legs;
  node.is_truth = true;
  node.identity = fmt::format("closes{}", inputs_text(node));
  return intern(std::move(node));
}

}  // namespace millrace
