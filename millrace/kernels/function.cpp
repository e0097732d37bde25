#include "millrace/kernels/function.h"

#include <array>
#include <cmath>

#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr std::array rank_marks{std::string_view(""), std::string_view("[]"), std::string_view("[][]")};

std::string shape_of(Rank rank, std::size_t rows, std::size_t columns) {
  if (rank == Rank::scalar) return "a single value";
  return rank == Rank::vector ? fmt::format("{} elements", rows) : fmt::format("{} x {}", rows, columns);
}

void check_one(const FunctionKernel& function, const ArgumentInfo& info, const ArgumentView& view) {
  const std::string_view name = function.doc.name;
  if (!view.is_given) {
    if (info.is_optional) return;
    fail(Fault::config, "{}: argument `{}` is required ({})", name, info.name, info.meaning);
  }
  if (view.rows > most_elements || view.columns > most_elements || view.rows * view.columns > most_elements) {
    fail(Fault::config, "{}: {} has more than {} elements", name, info.name, most_elements);
  }
  const std::size_t held = info.type == ElementType::number ? view.numbers.size() : view.integers.size();
  const bool has_rank =
      (info.rank != Rank::scalar || view.rows == 1) && (info.rank == Rank::matrix || view.columns == 1);
  if (!has_rank || held != view.rows * view.columns) {
    fail(Fault::config, "{}: {} must be {}, was {} x {} with {} elements", name, info.name,
         info.rank == Rank::scalar   ? "a single value"
         : info.rank == Rank::vector ? "a vector"
                                     : "a matrix by rows",
         view.rows, view.columns, held);
  }
  if (info.type != ElementType::side) return;
  for (const std::int64_t side : view.integers) {
    if (side < -1 || side > 1) fail(Fault::config, "{}: {} must be 1, -1 or null, was {}", name, info.name, side);
  }
}

void check_likeness(const FunctionKernel& function, std::span<const ArgumentView> views, std::size_t at) {
  const ArgumentInfo& info = function.inputs[at];
  if (info.like.empty() || !views[at].is_given) return;
  for (std::size_t i = 0; i < at; ++i) {
    const ArgumentInfo& model = function.inputs[i];
    if (model.name != info.like || !views[i].is_given) continue;
    const bool are_matrices = model.rank == Rank::matrix && info.rank == Rank::matrix;
    if (views[i].rows == views[at].rows && (!are_matrices || views[i].columns == views[at].columns)) return;
    fail(Fault::config, "{}: {} must be as long as {}, {}, was {}", function.doc.name, info.name, model.name,
         shape_of(model.rank, views[i].rows, views[i].columns), shape_of(info.rank, views[at].rows, views[at].columns));
  }
}

}  // namespace

std::vector<ResultValue> call_function(const FunctionKernel& function, const void* params,
                                       std::span<const ArgumentView> arguments) {
  if (arguments.size() != function.inputs.size()) {
    fail(Fault::config, "{}: expected {} arguments, was {}", function.doc.name, function.inputs.size(),
         arguments.size());
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) check_one(function, function.inputs[i], arguments[i]);
  for (std::size_t i = 0; i < arguments.size(); ++i) check_likeness(function, arguments, i);
  std::vector<ResultValue> results(function.outputs.size());
  function.run(params, arguments, results);
  for (ResultValue& result : results) {
    for (double& number : result.numbers) {
      if (!std::isfinite(number)) number = no_value;
    }
  }
  return results;
}

std::string text_of(const ArgumentInfo& argument) {
  return fmt::format("{}{}{}", argument.name, rank_marks[static_cast<std::size_t>(argument.rank)],
                     argument.is_optional ? "?" : "");
}

std::string text_of(const ResultInfo& result) {
  return fmt::format("{}{}", result.name, rank_marks[static_cast<std::size_t>(result.rank)]);
}

}  // namespace millrace
