#include "millrace/graph/expression.h"

#include <string>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/graph/operators.h"

namespace millrace {
namespace {

using testing::HasSubstr;

/// With a pair of brackets around every operation, so that precedence can be read.
std::string shape_of(const Expression& expression) {
  std::vector<std::string> operands;
  for (const Expression& operand : expression.operands) operands.push_back(shape_of(operand));
  switch (expression.type) {
    case Expression::Type::number: return fmt::format("{}", expression.number);
    case Expression::Type::name: return expression.name;
    case Expression::Type::member: return fmt::format("{}.{}", operands[0], expression.name);
    case Expression::Type::call:
      for (const Argument& argument : expression.arguments) {
        operands.push_back(fmt::format("{}={}", argument.name, argument.value));
      }
      return fmt::format("{}[{}]", expression.name, fmt::join(operands, ", "));
    case Expression::Type::operation:
      if (operands.size() == 1) return fmt::format("({} {})", name_of(expression.op), operands[0]);
      return fmt::format("({} {} {})", operands[0], name_of(expression.op), operands[1]);
  }
  return {};
}

std::string shape_of(const std::string& text) {
  const auto parsed = parse_expression(text);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) return complaint->message;
  return shape_of(std::get<Expression>(parsed));
}

struct Read {
  std::string text, shape;
};

TEST(Expression, BindsAsTheTableSays) {
  const std::vector<Read> cases{
      {"a or b and c", "(a or (b and c))"},
      {"a and b or c", "((a and b) or c)"},
      {"not a and b", "((not a) and b)"},
      {"not a < b", "(not (a < b))"},
      {"not not a", "(not (not a))"},
      {"a < b + c", "(a < (b + c))"},
      {"a <= b", "(a <= b)"},
      {"a >= b", "(a >= b)"},
      {"a == b", "(a == b)"},
      {"a != b", "(a != b)"},
      {"a > b", "(a > b)"},
      {"a + b * c", "(a + (b * c))"},
      {"a - b - c", "((a - b) - c)"},
      {"a / b / c", "((a / b) / c)"},
      {"a * b / c", "((a * b) / c)"},
      {"(a - b) * c", "((a - b) * c)"},
      {"-a * b", "((neg a) * b)"},
      {"a * -b", "(a * (neg b))"},
      {"- -a", "(neg (neg a))"},
      {"+a", "a"},
      {"-a ^ 2", "(neg (a ^ 2))"},
      {"a ^ b ^ c", "(a ^ (b ^ c))"},
      {"a ^ -b", "(a ^ (neg b))"},
      {"a * b ^ 2", "(a * (b ^ 2))"},
      {"a.b ^ 2", "(a.b ^ 2)"},
      {"f(a).b.c", "f[a].b.c"},
      {"(a + b).c", "(a + b).c"},
      {"order + android", "(order + android)"},
      {"f(a < b, -c)", "f[(a < b), (neg c)]"},
      {"f(a == b)", "f[(a == b)]"},
      {"f()", "f[]"},
  };
  for (const auto& [text, shape] : cases) EXPECT_EQ(shape_of(text), shape) << text;
}

TEST(Expression, ReadsNumbersNamesAndParameters) {
  const std::vector<Read> cases{
      {"1e4", "10000"},
      {".5", "0.5"},
      {"1.5E-3", "0.0015"},
      {"_a9", "_a9"},
      {" \t\r\n a ", "a"},
      {"f(x, w=10s, a=-0.5, on=trade, auto=auto)", "f[x, w=10s, a=-0.5, on=trade, auto=auto]"},
      {"f(q = 1e-8)", "f[q=1e-8]"},
      {"f(q=-1e-8, r=+2E+3)", "f[q=-1e-8, r=+2E+3]"},
      {"f(w=1.5h,r=3)", "f[w=1.5h, r=3]"},
  };
  for (const auto& [text, shape] : cases) EXPECT_EQ(shape_of(text), shape) << text;
}

struct Refused {
  std::string text;
  std::size_t at;
  std::string message;
};

TEST(Expression, SaysWhatItExpectedAndWhere) {
  const std::vector<Refused> cases{
      {"", 0, "expected a value, was the end"},
      {"a +", 3, "expected a value, was the end"},
      {"a b", 2, "expected the end, was `b`"},
      {"a < b < c", 6, "expected the end, was `< c`"},
      {"(a", 2, "expected `)`, was the end"},
      {"(a b)", 3, "expected `)`, was `b)`"},
      {"a)", 1, "expected the end, was `)`"},
      {"f(a", 3, "expected `,` or `)`, was the end"},
      {"f(a b)", 4, "expected `,` or `)`, was `b)`"},
      {"f(a,)", 4, "expected a value, was `)`"},
      {"f(k=1, a)", 7, "expected inputs before named parameters"},
      {"f(k=)", 4, "expected a number, a duration, a word or a text in quotes, was `)`"},
      {"f(k=", 4, "expected a number, a duration, a word or a text in quotes, was the end"},
      {"f(k='a)", 4, "expected a closing '"},
      {"a.", 2, "expected a name after `.`"},
      {"a.1", 2, "expected a name after `.`"},
      {"10s", 2, "expected an operator after the number (durations are values of parameters)"},
      {".", 0, "expected a number, was `.`"},
      {"1e999", 0, "expected a number, was `1e999`"},
      {"a and or b", 6, "expected a value, was `or`"},
      {"a $ b", 2, "expected the end, was `$ b`"},
      {"* a", 0, "expected a value, was `* a`"},
      {"a = b", 2, "expected the end, was `= b`"},
  };
  for (const auto& [text, at, message] : cases) {
    const auto parsed = parse_expression(text);
    const auto* complaint = std::get_if<Complaint>(&parsed);
    ASSERT_NE(complaint, nullptr) << text;
    EXPECT_EQ(complaint->message, message) << text;
    EXPECT_EQ(complaint->at, at) << text;
  }
}

TEST(Expression, KnowsWhereEachNodeBegins) {
  const auto parsed = parse_expression("ab + f( c, k = 2 ).d");
  const auto& sum = std::get<Expression>(parsed);
  EXPECT_EQ(sum.at, 3U);
  EXPECT_EQ(sum.operands[0].at, 0U);
  EXPECT_EQ(sum.operands[1].at, 18U);
  const Expression& call = sum.operands[1].operands[0];
  EXPECT_EQ(call.at, 5U);
  EXPECT_EQ(call.operands[0].at, 8U);
  EXPECT_EQ(call.arguments[0].at, 11U);
}

std::string repeated(const std::string& part, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += part;
  return text;
}

TEST(Expression, OfAnyShapeIsRefusedBeyondItsDeepestLevel) {
  const std::size_t many = deepest_expression + 5;
  const std::vector<std::string> cases{
      repeated("(", many) + "a" + repeated(")", many),
      repeated("-", many) + "a",
      repeated("not ", many) + "a",
      repeated("a^", many) + "a",
      repeated("a+", many) + "a",
      repeated("a*", many) + "a",
      repeated("a or ", many) + "a",
      "a" + repeated(".b", many),
      repeated("f(", many) + "a" + repeated(")", many),
      repeated("(", 150) + "a" + repeated(repeated("+a", 100) + ")", 150),
      "a" + repeated(".b", longest_expression / 2 - 1),
  };
  for (const std::string& text : cases) {
    EXPECT_THAT(shape_of(text), HasSubstr("expected at most 200 levels")) << text.substr(0, 40);
  }
  EXPECT_THAT(shape_of(repeated("a+", 150) + "a"), HasSubstr("(a + a)"));
  EXPECT_THAT(shape_of(std::string(longest_expression + 1, ' ')), HasSubstr("expected at most 65536 characters"));
}

TEST(Function, IsKnownByItsName) {
  EXPECT_EQ(find_function("sqrt")->op, Operator::square_root);
  EXPECT_EQ(find_function("max")->operands, 2U);
  EXPECT_EQ(find_function("log"), nullptr);
  for (const std::string_view name : function_names()) EXPECT_NE(find_function(name), nullptr);
}

}  // namespace
}  // namespace millrace
