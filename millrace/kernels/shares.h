#pragma once

#include "millrace/kernels/family.h"

namespace millrace {

/// How a whole is made up: pairs of a number and its share, which sum to 1 ("5:0.2,10:0.8").
struct Shares {
  static constexpr std::size_t most = 8;
  std::int64_t count = 0;
  double of[most] = {}, share[most] = {};
};

/// The parameter: numbers from `lowest` to `highest`. It has to be given.
template <auto member>
constexpr ParamInfo shares(std::string_view name, double lowest, double highest, std::string_view meaning) {
  return {.name = name,
          .type = ParamType::shares,
          .lowest = lowest,
          .highest = highest,
          .meaning = meaning,
          .slot = &form::slot<member>};
}

}  // namespace millrace
