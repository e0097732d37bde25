#pragma once

#include "millrace/kernels/family.h"

namespace millrace {

/// Fees of the trades of one deal, in bps: one for all of them, or one for each ("10" or "10,10,7.5").
struct Fees {
  static constexpr std::size_t most = 4;
  std::int64_t count = 1;
  double bps[most] = {};

  double of(std::size_t trade) const noexcept { return count == 1 ? bps[0] : bps[trade]; }
  bool is_for(std::int64_t trades) const noexcept { return count == 1 || count == trades; }
};

/// The parameter: numbers from `lowest` to `highest`, 0 where none is given. A graph that knows the venues of the legs
/// also takes the word `venue`.
template <auto member>
constexpr ParamInfo fees(std::string_view name, double lowest, double highest, std::string_view meaning) {
  return {.name = name,
          .type = ParamType::fees,
          .lowest = lowest,
          .highest = highest,
          .meaning = meaning,
          .slot = &form::slot<member>};
}

}  // namespace millrace
