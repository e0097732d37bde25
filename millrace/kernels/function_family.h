#pragma once

#include <array>
#include <utility>

#include "millrace/kernels/function_rows.h"

/// Turns the `evaluate` of a function kernel into a row of the registry. Nothing here knows a kernel.
namespace millrace {

namespace function {

/// How `evaluate` takes one argument; what is left out is NaN, no_time, Side::unknown or an empty span.
template <class T>
T take_argument(const ArgumentView& view) {
  if constexpr (std::is_same_v<T, double>) {
    return view.is_given ? view.numbers[0] : no_value;
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return view.is_given ? view.integers[0] : no_time;
  } else if constexpr (std::is_same_v<T, Side>) {
    return view.is_given ? static_cast<Side>(view.integers[0]) : Side::unknown;
  } else if constexpr (std::is_same_v<T, std::span<const double>>) {
    return view.numbers;
  } else if constexpr (std::is_same_v<T, std::span<const std::int64_t>>) {
    return view.integers;
  } else {
    static_assert(std::is_same_v<T, MatrixView>, "evaluate takes double, int64_t, Side, spans of them or MatrixView");
    static constexpr double nothing = 0.0;  // a given matrix without elements is still given
    if (!view.is_given) return {};
    return {view.numbers.empty() ? &nothing : view.numbers.data(), view.rows, view.columns};
  }
}

template <class T>
constexpr bool fits(const ArgumentInfo& info) {
  const bool is_number = info.type == ElementType::number;
  if constexpr (std::is_same_v<T, double>) return info.rank == Rank::scalar && is_number;
  if constexpr (std::is_same_v<T, std::int64_t>) return info.rank == Rank::scalar && info.type == ElementType::time;
  if constexpr (std::is_same_v<T, Side>) return info.rank == Rank::scalar && info.type == ElementType::side;
  if constexpr (std::is_same_v<T, std::span<const double>>) return info.rank == Rank::vector && is_number;
  if constexpr (std::is_same_v<T, std::span<const std::int64_t>>) return info.rank == Rank::vector && !is_number;
  if constexpr (std::is_same_v<T, MatrixView>) return info.rank == Rank::matrix && is_number;
  return false;
}

template <class Evaluate>
struct Signature;
template <class Results, class P, class... Args>
struct Signature<Results (*)(const P&, Args...)> {
  static constexpr std::size_t arguments = sizeof...(Args);

  template <class Table>
  static constexpr bool matches(const Table& table) {
    std::size_t at = 0;
    return table.size() == sizeof...(Args) && (fits<Args>(table[at++]) && ...);
  }
  template <Results (*evaluate)(const P&, Args...), std::size_t... I>
  static Results call(const P& p, std::span<const ArgumentView> views, std::index_sequence<I...>) {
    return evaluate(p, take_argument<Args>(views[I])...);
  }
};

template <class K>
void run(const void* params, std::span<const ArgumentView> views, std::span<ResultValue> values) {
  using Shape = Signature<decltype(&K::evaluate)>;
  const auto& p = *static_cast<const typename K::Params*>(params);
  auto results = Shape::template call<&K::evaluate>(p, views, std::make_index_sequence<Shape::arguments>{});
  for (std::size_t i = 0; i < K::outputs.size(); ++i) K::outputs[i].take(&results, values[i]);
}

/// The rows of a stateless stream kernel, called as a function of one row.
template <class K>
struct Scalars {
  static constexpr auto inputs = [] {
    std::array<ArgumentInfo, K::inputs.size()> list{};
    for (std::size_t i = 0; i < list.size(); ++i) {
      const InputInfo& input = K::inputs[i];
      if (input.is_time || input.is_id || input.is_keyword) throw "a function of one row takes numbers";
      list[i] = argument::scalar(input.name, "as in a feature");
      list[i].is_optional = input.is_optional;
    }
    return list;
  }();
  static constexpr auto outputs = [] {
    std::array<ResultInfo, K::outputs.size()> list{};
    for (std::size_t i = 0; i < list.size(); ++i) {
      list[i] = {.name = K::outputs[i].name, .meaning = K::doc.unit};
    }
    return list;
  }();

  static void run(const void* params, std::span<const ArgumentView> views, std::span<ResultValue> values) {
    static_assert(form::make_form<K, typename K::Params>().is_stateless, "a function has no state");
    std::array<const double*, K::inputs.size()> in{};
    std::array<double, K::outputs.size()> row{};
    std::array<double*, K::outputs.size()> out{};
    bool is_observed = true;
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (!views[i].is_given) continue;
      in[i] = views[i].numbers.data();
      const bool is_valid = has_value(*in[i]) && (!K::inputs[i].is_positive || *in[i] > 0.0);
      is_observed = is_observed && (is_valid || K::inputs[i].is_nullable);
    }
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = &row[i];
    if (is_observed) form::Forms<K>::rows.run(params, nullptr, {.rows = 1, .in = in.data(), .out = out.data()});
    for (std::size_t i = 0; i < out.size(); ++i) values[i].numbers = {is_observed ? row[i] : no_value};
  }
};

template <class K>
constexpr FunctionKernel describe(std::string_view family) {
  using P = typename K::Params;
  static_assert(sizeof(P) <= largest_params && std::is_trivially_copyable_v<P>);
  FunctionKernel row{.doc = K::doc,
                     .version = form::version_of<K>(),
                     .family = family,
                     .params_bytes = sizeof(P),
                     .default_params = &form::Forms<K>::default_params,
                     .check = &form::Forms<K>::check};
  if constexpr (requires { K::params.size(); }) row.params = K::params;
  if constexpr (requires { &K::evaluate; }) {
    static_assert(Signature<decltype(&K::evaluate)>::matches(K::inputs), "evaluate takes what `inputs` tells");
    row.inputs = K::inputs;
    row.outputs = K::outputs;
    row.run = &run<K>;
  } else {
    row.inputs = Scalars<K>::inputs;
    row.outputs = Scalars<K>::outputs;
    row.run = &Scalars<K>::run;
  }
  return row;
}

}  // namespace function

/// The functions of a family: `functions<OptimalAcSchedule, FixImpact>("execution")`. A stateless stream kernel may be
/// among them.
template <class... K>
constexpr std::array<FunctionKernel, sizeof...(K)> functions(std::string_view name) {
  return {function::describe<K>(name)...};
}

}  // namespace millrace
