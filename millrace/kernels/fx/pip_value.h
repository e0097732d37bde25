#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The rate turns the quote currency into the account's.
struct PipValue {
  static constexpr Doc doc{
      .name = "pip_value",
      .title = "Money per pip",
      .formula = "size * pip * rate",
      .unit = "account currency",
      .warmup = "none",
      .reference = "market convention",
  };

  struct Params {
    double pip = no_value;
  };
  static constexpr std::array params{number<&Params::pip>("pip", 1e-12, 1e6, "size of a pip, in the quote currency")};

  static constexpr std::array inputs{InputInfo{"size"}, InputInfo{"rate"}};
  static constexpr std::array outputs{OutputInfo{"pip_value"}};

  static double update(const Params& p, double size, double rate) noexcept { return size * p.pip * rate; }
};

}  // namespace millrace
