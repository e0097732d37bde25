#include "millrace/graph/operators.h"

#include <array>
#include <cmath>

#include "millrace/kernels/form.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, 29> names{
    "+",        "-",    "*",   "/",           "^",           "neg",    "<",
    "<=",       ">",    ">=",  "==",          "!=",          "and",    "or",
    "not",      "sqrt", "ln",  "exp",         "abs",         "min",    "max",
    "sign",     "sin",  "cos", "time_of_day", "day_of_week", "closes", "time difference",
    "as number"};

template <class F>
void unary(const double* const* in, double* out, std::size_t rows, F f) {
  const double* x = in[0];
  for (std::size_t i = 0; i < rows; ++i) out[i] = form::finite_or_null(f(x[i]));
}

template <class F>
void binary(const double* const* in, double* out, std::size_t rows, F f) {
  const double* x = in[0];
  const double* y = in[1];
  for (std::size_t i = 0; i < rows; ++i) out[i] = form::finite_or_null(f(x[i], y[i]));
}

/// For results that would hide a null operand, such as a comparison.
template <class F>
void guarded(const double* const* in, double* out, std::size_t rows, F f) {
  binary(in, out, rows, [f](double x, double y) { return std::isnan(x) || std::isnan(y) ? no_value : f(x, y); });
}

template <class F>
void comparison(const double* const* in, double* out, std::size_t rows, F f) {
  guarded(in, out, rows, [f](double x, double y) { return f(x, y) ? 1.0 : 0.0; });
}

double power(double x, double y) {
  if (y == 2.0) return x * x;
  return std::isnan(x) || std::isnan(y) ? no_value : std::pow(x, y);  // pow(1, NaN) is 1
}

/// Of two times, as whole numbers: a double is too coarse for a time.
double difference(double x, double y) {
  return Cell::is_null(x) || Cell::is_null(y) ? no_value : static_cast<double>(Cell::time(x) - Cell::time(y));
}

}  // namespace

std::string_view name_of(Operator op) { return names[static_cast<std::size_t>(op)]; }

void apply(Operator op, const double* const* in, double* out, std::size_t rows) {
  switch (op) {
    case Operator::add: return binary(in, out, rows, [](double x, double y) { return x + y; });
    case Operator::subtract: return binary(in, out, rows, [](double x, double y) { return x - y; });
    case Operator::multiply: return binary(in, out, rows, [](double x, double y) { return x * y; });
    case Operator::divide: return binary(in, out, rows, [](double x, double y) { return x / y; });
    case Operator::power: return binary(in, out, rows, power);
    case Operator::negate: return unary(in, out, rows, [](double x) { return -x; });
    case Operator::less: return comparison(in, out, rows, [](double x, double y) { return x < y; });
    case Operator::less_equal: return comparison(in, out, rows, [](double x, double y) { return x <= y; });
    case Operator::greater: return comparison(in, out, rows, [](double x, double y) { return x > y; });
    case Operator::greater_equal: return comparison(in, out, rows, [](double x, double y) { return x >= y; });
    case Operator::equal: return comparison(in, out, rows, [](double x, double y) { return x == y; });
    case Operator::not_equal: return comparison(in, out, rows, [](double x, double y) { return x != y; });
    case Operator::both: return comparison(in, out, rows, [](double x, double y) { return x != 0.0 && y != 0.0; });
    case Operator::either: return comparison(in, out, rows, [](double x, double y) { return x != 0.0 || y != 0.0; });
    case Operator::negation: return unary(in, out, rows, [](double x) { return 1.0 - x; });
    case Operator::square_root: return unary(in, out, rows, [](double x) { return std::sqrt(x); });
    case Operator::logarithm: return unary(in, out, rows, [](double x) { return std::log(x); });
    case Operator::exponential: return unary(in, out, rows, [](double x) { return std::exp(x); });
    case Operator::absolute: return unary(in, out, rows, [](double x) { return std::abs(x); });
    case Operator::smaller: return guarded(in, out, rows, [](double x, double y) { return y < x ? y : x; });
    case Operator::larger: return guarded(in, out, rows, [](double x, double y) { return x < y ? y : x; });
    case Operator::sign_of:
      return unary(in, out, rows, [](double x) { return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : 0.0 * x; });
    case Operator::sine: return unary(in, out, rows, [](double x) { return std::sin(x); });
    case Operator::cosine: return unary(in, out, rows, [](double x) { return std::cos(x); });
    case Operator::time_difference: return binary(in, out, rows, difference);
    case Operator::as_number:
      return unary(in, out, rows, [](double x) { return Cell::is_null(x) ? x : static_cast<double>(Cell::time(x)); });
    case Operator::time_of_day:
    case Operator::day_of_week:
    case Operator::closes: break;
  }
}

}  // namespace millrace
