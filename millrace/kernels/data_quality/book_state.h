#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// Answers where a side is missing, since that is one of its answers.
struct BookState {
  static constexpr Doc doc{
      .name = "book_state",
      .title = "State of the best quote",
      .formula = "0 bid < ask;  1 locked, bid = ask;  2 crossed, bid > ask;  3 a side is missing",
      .unit = "1: 0, 1, 2 or 3",
      .warmup = "none",
      .reference = "SEC Regulation NMS (2005), Rule 610(d), locked and crossed quotations",
  };

  struct Params {};

  static constexpr std::array inputs{InputInfo{.name = "bid", .is_nullable = true},
                                     InputInfo{.name = "ask", .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{.name = "book_state", .is_flag = true}};

  static double update(const Params&, double bid, double ask) noexcept {
    return bid < ask ? 0.0 : bid == ask ? 1.0 : bid > ask ? 2.0 : 3.0;
  }
};

}  // namespace millrace
