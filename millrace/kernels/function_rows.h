#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "millrace/kernels/family.h"
#include "millrace/kernels/function.h"

/// What a function kernel says of its inputs and outputs.
namespace millrace {

// ---- Inputs: `argument::vector("price", "of each fill")` ----------------------------------------------------------

namespace argument {

constexpr ArgumentInfo scalar(std::string_view name, std::string_view meaning) {
  return {.name = name, .rank = Rank::scalar, .type = ElementType::number, .meaning = meaning};
}
constexpr ArgumentInfo vector(std::string_view name, std::string_view meaning, std::string_view like = {}) {
  return {.name = name, .rank = Rank::vector, .type = ElementType::number, .meaning = meaning, .like = like};
}
constexpr ArgumentInfo matrix(std::string_view name, std::string_view meaning, std::string_view like = {}) {
  return {.name = name, .rank = Rank::matrix, .type = ElementType::number, .meaning = meaning, .like = like};
}
constexpr ArgumentInfo time(std::string_view name, std::string_view meaning) {
  return {.name = name, .rank = Rank::scalar, .type = ElementType::time, .meaning = meaning};
}
constexpr ArgumentInfo times(std::string_view name, std::string_view meaning, std::string_view like = {}) {
  return {.name = name, .rank = Rank::vector, .type = ElementType::time, .meaning = meaning, .like = like};
}
constexpr ArgumentInfo integers(std::string_view name, std::string_view meaning, std::string_view like = {}) {
  return {.name = name, .rank = Rank::vector, .type = ElementType::integer, .meaning = meaning, .like = like};
}
constexpr ArgumentInfo side(std::string_view name, std::string_view meaning) {
  return {.name = name, .rank = Rank::scalar, .type = ElementType::side, .meaning = meaning};
}
constexpr ArgumentInfo sides(std::string_view name, std::string_view meaning, std::string_view like = {}) {
  return {.name = name, .rank = Rank::vector, .type = ElementType::side, .meaning = meaning, .like = like};
}
constexpr ArgumentInfo optional(ArgumentInfo info) {
  info.is_optional = true;
  return info;
}

}  // namespace argument

// ---- Outputs: `result<&Results::kappa>("kappa", "1 / unit of the horizon")` ---------------------------------------

namespace function {

template <class T>
struct ResultOf;
template <>
struct ResultOf<double> {
  static constexpr Rank rank = Rank::scalar;
  static constexpr ElementType type = ElementType::number;
  static void put(double x, ResultValue& value) { value.numbers = {x}; }
};
template <>
struct ResultOf<std::int64_t> {
  static constexpr Rank rank = Rank::scalar;
  static constexpr ElementType type = ElementType::integer;
  static void put(std::int64_t x, ResultValue& value) { value.integers = {x}; }
};
template <>
struct ResultOf<std::string> {
  static constexpr Rank rank = Rank::scalar;
  static constexpr ElementType type = ElementType::text;
  static void put(std::string&& x, ResultValue& value) { value.text = std::move(x); }
};
template <>
struct ResultOf<std::vector<double>> {
  static constexpr Rank rank = Rank::vector;
  static constexpr ElementType type = ElementType::number;
  static void put(std::vector<double>&& x, ResultValue& value) {
    value.rows = x.size();
    value.numbers = std::move(x);
  }
};
template <>
struct ResultOf<std::vector<std::int64_t>> {
  static constexpr Rank rank = Rank::vector;
  static constexpr ElementType type = ElementType::integer;
  static void put(std::vector<std::int64_t>&& x, ResultValue& value) {
    value.rows = x.size();
    value.integers = std::move(x);
  }
};
template <>
struct ResultOf<Matrix> {
  static constexpr Rank rank = Rank::matrix;
  static constexpr ElementType type = ElementType::number;
  static void put(Matrix&& x, ResultValue& value) {
    value.rows = x.rows;
    value.columns = x.columns;
    value.numbers = std::move(x.values);
  }
};

template <auto member>
void take(void* results, ResultValue& value) {
  using Member = form::MemberOf<member>;
  ResultOf<typename Member::Type>::put(std::move(static_cast<typename Member::Class*>(results)->*member), value);
}

}  // namespace function

template <auto member>
constexpr ResultInfo result(std::string_view name, std::string_view meaning) {
  using Shape = function::ResultOf<typename form::MemberOf<member>::Type>;
  return {.name = name, .rank = Shape::rank, .type = Shape::type, .meaning = meaning, .take = &function::take<member>};
}
/// Integers that are times.
template <auto member>
constexpr ResultInfo result_times(std::string_view name, std::string_view meaning) {
  ResultInfo info = result<member>(name, meaning);
  info.type = ElementType::time;
  return info;
}

}  // namespace millrace
