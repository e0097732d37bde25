#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace {

enum class Operator : std::uint8_t {
  add,
  subtract,
  multiply,
  divide,
  power,
  negate,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  both,
  either,
  negation,
  square_root,
  logarithm,
  exponential,
  absolute,
  smaller,
  larger,
  sign_of,
  sine,
  cosine,
  time_of_day,
  day_of_week,
  closes,           // of a bar: whether the row closes one
  time_difference,  // of two times: a number of ns
  as_number,        // of a span
};

/// `name=value` in a call; the value stays text until the kernel's parameter table reads it.
struct Argument {
  std::string name, value;
  std::size_t at = 0;  // of the name in the text
};

/// One node of a parsed expression. `at` is its first character in the text, for messages.
struct Expression {
  enum class Type : std::uint8_t { number, name, call, member, operation };
  Type type = Type::number;
  std::size_t at = 0;
  double number = 0.0;
  std::string name;  // of a name, a called kernel or a member
  Operator op{};
  std::vector<Expression> operands;  // inputs of a call, the base of a member, operands
  std::vector<Argument> arguments;
  std::size_t depth = 1;  // levels, its own included; at most `deepest_expression`
};

/// What is wrong, and where in the text.
struct Complaint {
  std::size_t at = 0;
  std::string message;
};

inline constexpr std::size_t longest_expression = 64 * 1024;  // characters
inline constexpr std::size_t deepest_expression = 200;        // levels of brackets, calls and operators

/// Reads `or`, `and`, `not`, comparisons, `+ -`, `* /`, unary `-`, `^` (to the right, tighter than unary minus), calls
/// with named parameters, `.member`, numbers, names. Comparisons do not chain.
std::variant<Expression, Complaint> parse_expression(std::string_view text);

/// The expression as text that reads back as the same; every operation in brackets.
std::string text_of(const Expression& expression);

/// The function's operator and how many operands it takes; nothing for other names.
struct FunctionInfo {
  std::string_view name;
  Operator op;
  std::size_t operands;
};
const FunctionInfo* find_function(std::string_view name);
std::vector<std::string_view> function_names();

}  // namespace millrace
