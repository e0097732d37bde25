#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// A trade of unknown side is null: counted as either side it would lean the sum.
struct SignedVolume {
  static constexpr Doc doc{
      .name = "signed_volume",
      .title = "Volume with the sign of the aggressor",
      .formula = "sign(side) * size",
      .unit = "unit of size",
      .warmup = "none",
      .reference = "Lee, Ready (1991), J. Finance 46, 733-746",
  };

  struct Params {};

  static constexpr std::array inputs{InputInfo{"side"}, InputInfo{"size"}};
  static constexpr std::array outputs{OutputInfo{"signed_volume"}};

  static double update(const Params&, double side, double size) noexcept {
    return side > 0.0 ? size : side < 0.0 ? -size : no_value;
  }
};

}  // namespace millrace
