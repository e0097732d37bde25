#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/signature.h"

namespace millrace {

/// A bar that is still open. Sums are compensated, so that a threshold is reached on the same trade whatever came
/// before; value is summed about the first price.
struct OpenBar {
  double open = no_value, high = no_value, low = no_value, close = no_value;
  CompensatedSum volume, value;
  std::int64_t trades = 0, sized = 0;  // `sized`: those with a size
  Nanos first = 0, last = 0;           // times of its trades

  void add(double price, double size, Nanos time) noexcept {
    if (trades++ == 0) {
      open = high = low = price;
      first = time;
    }
    high = std::max(high, price);
    low = std::min(low, price);
    close = price;
    last = time;
    if (!has_value(size)) return;  // a trade of unknown size
    ++sized;
    volume.add(size);
    value.add((price - open) * size);
  }

  double vwap() const noexcept { return volume.value() > 0.0 ? open + value.value() / volume.value() : no_value; }
  double turnover() const noexcept { return sized == 0 ? 0.0 : open * volume.value() + value.value(); }
};

/// What the kernels of `bars` give of each bar.
inline constexpr std::array bar_outputs{OutputInfo{"open"},
                                        OutputInfo{"high"},
                                        OutputInfo{"low"},
                                        OutputInfo{"close"},
                                        OutputInfo{"volume"},
                                        OutputInfo{"value"},
                                        OutputInfo{"trades"},
                                        OutputInfo{"vwap"},
                                        OutputInfo{.name = "ts_open", .is_time = true},
                                        OutputInfo{.name = "ts_close", .is_time = true}};

/// Without any size there is neither volume nor value.
inline std::array<Cell, 10> cells_of(const OpenBar& bar) noexcept {
  const bool is_sized = bar.sized > 0;
  return {bar.open,
          bar.high,
          bar.low,
          bar.close,
          is_sized ? bar.volume.value() : no_value,
          is_sized ? bar.turnover() : no_value,
          static_cast<double>(bar.trades),
          bar.vwap(),
          Cell(bar.first),
          Cell(bar.last)};
}

/// Decimal sizes do not add up to round numbers: a sum this close below a threshold has reached it.
inline bool reaches(double sum, double threshold) noexcept { return sum >= threshold * (1.0 - 1e-12); }

}  // namespace millrace
