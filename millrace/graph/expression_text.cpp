#include <fmt/format.h>

#include "millrace/graph/expression.h"
#include "millrace/graph/operators.h"

namespace millrace {

namespace {

std::string operation_text(const Expression& expression) {
  const std::string first = text_of(expression.operands[0]);
  switch (expression.op) {
    case Operator::negate: return fmt::format("(-{})", first);
    case Operator::negation: return fmt::format("(not {})", first);
    default: return fmt::format("({} {} {})", first, name_of(expression.op), text_of(expression.operands[1]));
  }
}

}  // namespace

std::string text_of(const Expression& expression) {
  switch (expression.type) {
    case Expression::Type::number: return fmt::format("{}", expression.number);
    case Expression::Type::name: return expression.name;
    case Expression::Type::member: return fmt::format("{}.{}", text_of(expression.operands[0]), expression.name);
    case Expression::Type::operation: return operation_text(expression);
    case Expression::Type::call: break;
  }
  std::string inside;
  for (const Expression& operand : expression.operands) {
    inside += fmt::format("{}{}", inside.empty() ? "" : ", ", text_of(operand));
  }
  for (const Argument& argument : expression.arguments) {
    inside += fmt::format("{}{}={}", inside.empty() ? "" : ", ", argument.name, argument.value);
  }
  return fmt::format("{}({})", expression.name, inside);
}

}  // namespace millrace
