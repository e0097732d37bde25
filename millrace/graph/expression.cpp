#include "millrace/graph/expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace millrace {

namespace {

constexpr std::array functions{
    FunctionInfo{"sqrt", Operator::square_root, 1},
    FunctionInfo{"ln", Operator::logarithm, 1},
    FunctionInfo{"exp", Operator::exponential, 1},
    FunctionInfo{"abs", Operator::absolute, 1},
    FunctionInfo{"min", Operator::smaller, 2},
    FunctionInfo{"max", Operator::larger, 2},
    FunctionInfo{"sign", Operator::sign_of, 1},
    FunctionInfo{"sin", Operator::sine, 1},
    FunctionInfo{"cos", Operator::cosine, 1},
    FunctionInfo{"time_of_day", Operator::time_of_day, 1},
    FunctionInfo{"day_of_week", Operator::day_of_week, 1},
    FunctionInfo{"closes", Operator::closes, 1},
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Recursive descent over the text; the first complaint ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::variant<Expression, Complaint> parse() {
    if (text_.size() > longest_expression) {
      return Complaint{0, fmt::format("expected at most {} characters, was {}", longest_expression, text_.size())};
    }
    auto result = disjunction();
    skip_blanks();
    if (!complaint_ && at_ < text_.size()) complain(fmt::format("expected the end, was `{}`", rest()));
    if (complaint_) return *complaint_;
    return std::move(*result);
  }

 private:
  using Result = std::optional<Expression>;

  Result disjunction() {
    return chain({{"or", Operator::either}}, [this] { return conjunction(); });
  }
  Result conjunction() {
    return chain({{"and", Operator::both}}, [this] { return negation(); });
  }
  Result negation() {
    const std::size_t at = start();
    if (!take_word("not")) return comparison();
    return nested([&] { return unary(Operator::negation, at, negation()); });
  }

  Result comparison() {
    auto left = sum();
    if (!left) return left;
    const std::size_t at = start();
    for (const auto& [sign, op] : {std::pair{"<=", Operator::less_equal}, std::pair{">=", Operator::greater_equal},
                                   std::pair{"==", Operator::equal}, std::pair{"!=", Operator::not_equal},
                                   std::pair{"<", Operator::less}, std::pair{">", Operator::greater}}) {
      if (take(sign)) return binary(op, at, std::move(left), sum());
    }
    return left;
  }
  Result sum() {
    return chain({{"+", Operator::add}, {"-", Operator::subtract}}, [this] { return product(); });
  }
  Result product() {
    return chain({{"*", Operator::multiply}, {"/", Operator::divide}}, [this] { return signed_power(); });
  }
  Result signed_power() {
    const std::size_t at = start();
    if (take("-")) return nested([&] { return unary(Operator::negate, at, signed_power()); });
    if (take("+")) return nested([&] { return signed_power(); });
    auto base = postfix();
    const std::size_t sign = start();
    if (!base || !take("^")) return base;
    return nested([&] { return binary(Operator::power, sign, std::move(base), signed_power()); });
  }

  Result postfix() {
    auto value = primary();
    while (value && peek() == '.') {
      const std::size_t at = at_++;
      const std::string_view member = take_name();
      if (member.empty()) return complain("expected a name after `.`");
      Expression selected{.type = Expression::Type::member, .at = at, .name = std::string(member)};
      selected.operands.push_back(std::move(*value));
      value = measured(std::move(selected));
    }
    return value;
  }

  Result primary() {
    const std::size_t at = start();
    if (at_ >= text_.size()) return complain("expected a value, was the end");
    if (is_digit(text_[at_]) || text_[at_] == '.') return number();
    if (take("(")) {
      auto inner = nested([this] { return disjunction(); });
      if (inner && !take(")")) return complain(fmt::format("expected `)`, was {}", quoted_rest()));
      return inner;
    }
    const std::string_view name = take_name();
    if (name.empty()) return complain(fmt::format("expected a value, was {}", quoted_rest()));
    if (name == "and" || name == "or" || name == "not") {
      at_ = at;
      return complain(fmt::format("expected a value, was `{}`", name));
    }
    if (peek() != '(') return Expression{.type = Expression::Type::name, .at = at, .name = std::string(name)};
    ++at_;
    Expression call{.type = Expression::Type::call, .at = at, .name = std::string(name)};
    if (!nested([&]() -> Result { return arguments(call) ? Result(Expression{}) : std::nullopt; })) return std::nullopt;
    return measured(std::move(call));
  }

  bool arguments(Expression& call) {
    if (take(")")) return true;
    do {
      if (!argument(call)) return false;
    } while (take(","));
    if (take(")")) return true;
    complain(fmt::format("expected `,` or `)`, was {}", quoted_rest()));
    return false;
  }

  bool argument(Expression& call) {
    const std::size_t at = start();
    const std::string_view name = take_name();
    skip_blanks();
    const bool is_named = !name.empty() && at_ < text_.size() && text_[at_] == '=' && text_.substr(at_, 2) != "==";
    if (is_named) {
      ++at_;
      const std::string value = literal();
      if (complaint_) return false;
      call.arguments.push_back({std::string(name), value, at});
      return true;
    }
    at_ = at;
    auto input = disjunction();
    if (!input) return false;
    if (!call.arguments.empty()) {
      at_ = at;
      complain("expected inputs before named parameters");
      return false;
    }
    call.operands.push_back(std::move(*input));
    return true;
  }

  /// A parameter's value: a number, a duration such as 10s, or a word; with a sign. Or any text in quotes.
  std::string literal() {
    const std::size_t at = start();
    if (at_ < text_.size() && (text_[at_] == '\'' || text_[at_] == '"')) return quoted();
    if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
    const bool is_number = at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.');
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool is_exponent_sign =
          (c == '-' || c == '+') && is_number && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E');
      if (!is_letter(c) && !is_digit(c) && c != '.' && c != ':' && !is_exponent_sign) break;
      ++at_;
    }
    if (at_ == at)
      complain(fmt::format("expected a number, a duration, a word or a text in quotes, was {}", quoted_rest()));
    return std::string(text_.substr(at, at_ - at));
  }

  std::string quoted() {
    const std::size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) {
      complain(fmt::format("expected a closing {}", text_[at_]));
      return {};
    }
    const std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return std::string(inner);
  }

  Result number() {
    const std::size_t at = at_;
    double value = 0.0;
    const auto [end, problem] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (problem != std::errc{}) return complain(fmt::format("expected a number, was {}", quoted_rest()));
    at_ = static_cast<std::size_t>(end - text_.data());
    if (at_ < text_.size() && is_letter(text_[at_])) {
      return complain("expected an operator after the number (durations are values of parameters)");
    }
    return Expression{.type = Expression::Type::number, .at = at, .number = value};
  }

  template <class Next>
  Result chain(std::initializer_list<std::pair<std::string_view, Operator>> signs, Next&& next) {
    auto left = next();
    while (left) {
      const std::size_t at = start();
      const std::pair<std::string_view, Operator>* found = nullptr;
      for (const auto& sign : signs) {
        if (is_letter(sign.first.front()) ? take_word(sign.first) : take(sign.first)) {
          found = &sign;
          break;
        }
      }
      if (found == nullptr) break;
      left = binary(found->second, at, std::move(left), next());
    }
    return left;
  }

  Result unary(Operator op, std::size_t at, Result operand) {
    if (!operand) return std::nullopt;
    Expression result{.type = Expression::Type::operation, .at = at, .op = op};
    result.operands.push_back(std::move(*operand));
    return measured(std::move(result));
  }
  Result binary(Operator op, std::size_t at, Result left, Result right) {
    if (!left || !right) return std::nullopt;
    Expression result{.type = Expression::Type::operation, .at = at, .op = op};
    result.operands.push_back(std::move(*left));
    result.operands.push_back(std::move(*right));
    return measured(std::move(result));
  }

  /// Brackets are not all that nests: so do `a + a + …` and `a.b.b…`, and what reads and frees the tree is recursive.
  Result measured(Expression expression) {
    for (const Expression& operand : expression.operands) {
      expression.depth = std::max(expression.depth, operand.depth + 1);
    }
    if (expression.depth > deepest_expression) return complain(too_deep());
    return expression;
  }

  template <class Inner>
  Result nested(Inner&& inner) {
    if (++depth_ > deepest_expression) return complain(too_deep());
    auto result = inner();
    --depth_;
    return result;
  }
  static std::string too_deep() { return fmt::format("expected at most {} levels", deepest_expression); }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r'))
      ++at_;
  }
  std::size_t start() {
    skip_blanks();
    return at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view sign) {
    skip_blanks();
    if (text_.substr(at_, sign.size()) != sign) return false;
    at_ += sign.size();
    return true;
  }
  bool take_word(std::string_view word) {
    skip_blanks();
    const std::size_t end = at_ + word.size();
    if (text_.substr(at_, word.size()) != word) return false;
    if (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) return false;
    at_ = end;
    return true;
  }
  std::string_view take_name() {
    const std::size_t at = at_;
    if (at_ < text_.size() && is_letter(text_[at_])) {
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
    }
    return text_.substr(at, at_ - at);
  }
  std::string_view rest() const { return text_.substr(at_, 12); }
  std::string quoted_rest() const { return at_ < text_.size() ? fmt::format("`{}`", rest()) : "the end"; }
  std::nullopt_t complain(std::string message) {
    if (!complaint_) complaint_ = Complaint{at_, std::move(message)};
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_ = 0, depth_ = 0;
  std::optional<Complaint> complaint_;
};

}  // namespace

std::variant<Expression, Complaint> parse_expression(std::string_view text) { return Parser(text).parse(); }

const FunctionInfo* find_function(std::string_view name) {
  for (const FunctionInfo& function : functions) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const FunctionInfo& function : functions) names.push_back(function.name);
  return names;
}

}  // namespace millrace
