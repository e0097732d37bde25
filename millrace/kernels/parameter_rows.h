#pragma once

#include "millrace/kernels/kernel.h"

/// What a kernel's table of parameters is written with: `number<&Params::k>("k", 0, 10, "limit")`.
namespace millrace {

namespace form {
template <auto member>
struct MemberOf;
template <class C, class T, T C::*member>
struct MemberOf<member> {
  using Class = C;
  using Type = T;
};
template <auto member>
void* slot(void* params) {
  return &(static_cast<typename MemberOf<member>::Class*>(params)->*member);
}
}  // namespace form

template <auto member>
constexpr ParamInfo number(std::string_view name, double lowest, double highest, std::string_view meaning) {
  using T = typename form::MemberOf<member>::Type;
  constexpr ParamType type = std::is_same_v<T, double> ? ParamType::number : ParamType::integer;
  return {.name = name,
          .type = type,
          .lowest = lowest,
          .highest = highest,
          .meaning = meaning,
          .slot = &form::slot<member>};
}
template <auto member>
constexpr ParamInfo auto_number(std::string_view name, double lowest, double highest, std::string_view meaning) {
  return {.name = name,
          .type = ParamType::auto_number,
          .lowest = lowest,
          .highest = highest,
          .meaning = meaning,
          .slot = &form::slot<member>};
}
/// From `lowest` to `highest` nanoseconds.
template <auto member>
constexpr ParamInfo duration(std::string_view name, Nanos lowest, Nanos highest, std::string_view meaning) {
  return {.name = name,
          .type = ParamType::duration,
          .lowest = static_cast<double>(lowest),
          .highest = static_cast<double>(highest),
          .meaning = meaning,
          .slot = &form::slot<member>};
}
template <auto member>
constexpr ParamInfo optional_duration(std::string_view name, Nanos lowest, Nanos highest, std::string_view meaning) {
  ParamInfo info = duration<member>(name, lowest, highest, meaning);
  info.is_optional = true;
  return info;
}
template <auto member>
constexpr ParamInfo flag(std::string_view name, std::string_view meaning) {
  return {.name = name, .type = ParamType::flag, .meaning = meaning, .slot = &form::slot<member>};
}
template <auto member>
constexpr ParamInfo choice(std::string_view name, std::span<const std::string_view> choices, std::string_view meaning) {
  return {.name = name, .type = ParamType::choice, .meaning = meaning, .choices = choices, .slot = &form::slot<member>};
}
template <auto member>
constexpr ParamInfo window(std::string_view name, std::uint8_t extents, double fewest_rows, std::string_view meaning) {
  return {.name = name,
          .type = ParamType::window,
          .lowest = fewest_rows,
          .highest = 1e6,
          .meaning = meaning,
          .extents = extents,
          .slot = &form::slot<member>};
}
template <auto member>
constexpr ParamInfo lag_of(std::string_view name, std::uint8_t extents, double fewest_rows, std::string_view meaning) {
  return {.name = name,
          .type = ParamType::lag,
          .lowest = fewest_rows,
          .highest = 1e6,
          .meaning = meaning,
          .extents = extents,
          .slot = &form::slot<member>};
}
template <auto member>
constexpr ParamInfo weight(std::uint8_t extents, std::string_view meaning) {
  return {
      .name = "weight", .type = ParamType::weight, .meaning = meaning, .extents = extents, .slot = &form::slot<member>};
}

}  // namespace millrace
