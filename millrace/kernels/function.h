#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/kernels/kernel.h"

/// Kernels of scope `function`: pure functions of scalars, vectors and matrices. They are called offline, at the pace
/// of bars or by the execution layer; no feature graph knows them.
namespace millrace {

enum class Rank : std::uint8_t { scalar, vector, matrix };

enum class ElementType : std::uint8_t {
  number,   // double; NaN is "no value"
  integer,  // int64_t
  time,     // int64_t, ns since 1970 UTC; no_time is "no value"
  side,     // int64_t: 1 buys, −1 sells, 0 is not known
  text,     // results only, of rank scalar; empty is "none"
};

/// A matrix by rows, borrowed.
struct MatrixView {
  const double* values = nullptr;
  std::size_t rows = 0, columns = 0;

  bool is_given() const noexcept { return values != nullptr; }
  std::span<const double> row(std::size_t i) const noexcept { return {values + i * columns, columns}; }
  double at(std::size_t i, std::size_t j) const noexcept { return values[i * columns + j]; }
};

/// A matrix by rows.
struct Matrix {
  std::vector<double> values;
  std::size_t rows = 0, columns = 0;

  Matrix() = default;
  Matrix(std::size_t height, std::size_t width, double value = 0.0)
      : values(height * width, value), rows(height), columns(width) {}
  double& at(std::size_t i, std::size_t j) noexcept { return values[i * columns + j]; }
};

struct ArgumentInfo {
  std::string_view name;
  Rank rank{};
  ElementType type{};
  std::string_view meaning;
  bool is_optional = false;
  std::string_view like{};  // an earlier argument that has as many rows (two matrices: also as many columns)
};

/// An argument as the caller holds it. Numbers are in `numbers`, all other types in `integers`; a matrix lies by rows,
/// a vector has `rows` elements, a scalar one.
struct ArgumentView {
  bool is_given = false;
  std::size_t rows = 1, columns = 1;
  std::span<const double> numbers{};
  std::span<const std::int64_t> integers{};
};

struct ResultValue {
  std::size_t rows = 1, columns = 1;
  std::vector<double> numbers{};
  std::vector<std::int64_t> integers{};
  std::string text{};
};

struct ResultInfo {
  std::string_view name;
  Rank rank{};
  ElementType type{};
  std::string_view meaning;
  void (*take)(void* results, ResultValue& value) = nullptr;  // moves one member out of a kernel's Results
};

/// One row of the registry of functions.
struct FunctionKernel {
  Doc doc;
  std::uint16_t version = 1;
  std::string_view family;
  std::span<const ArgumentInfo> inputs;
  std::span<const ResultInfo> outputs;
  std::span<const ParamInfo> params;
  std::size_t params_bytes = 0;
  void (*default_params)(void* params) = nullptr;
  std::string_view (*check)(const void* params) = nullptr;  // empty, or what is wrong with parameters in range
  /// REQUIRES: arguments of the shapes that `inputs` tells. Throws Error(Fault::config) on values it cannot take.
  void (*run)(const void* params, std::span<const ArgumentView> arguments, std::span<ResultValue> results) = nullptr;
};

inline constexpr std::size_t most_arguments = 16;
inline constexpr std::size_t most_elements = 100'000'000;  // of one argument or result

/// Calls a function: one view for each of its arguments, in its order; one value for each of its results. Throws
/// Error(Fault::config) that names function and argument where one is missing or has another shape than it should.
std::vector<ResultValue> call_function(const FunctionKernel& function, const void* params,
                                       std::span<const ArgumentView> arguments);

/// "quantity", "price[]", "cov[][]?": name, rank and whether it may be left out.
std::string text_of(const ArgumentInfo& argument);
std::string text_of(const ResultInfo& result);

}  // namespace millrace
