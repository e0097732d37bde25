#pragma once

#include <cmath>

#include "millrace/kernels/numerics/open_bar.h"

namespace millrace {

/// Bars that close when an amount is full: the volume, or the value with `by_value`. The closing trade stays whole in
/// its bar, or is cut where the bar is full; each part counts as a trade of its bar.
struct FilledBars {
  double threshold;
  bool is_split, by_value;

  /// Adds a trade and calls `close(bar)` for each bar that it fills.
  template <class Close>
  void add(OpenBar& bar, double price, double size, Nanos time, Close close) const noexcept {
    if (is_split) size = cut(bar, price, size, time, close);
    if (is_split && !(size > 0.0)) return;
    bar.add(price, size, time);
    if (!reaches(amount(bar), threshold)) return;
    close(bar);
    bar = OpenBar{};
  }

 private:
  double amount(const OpenBar& bar) const noexcept { return by_value ? bar.turnover() : bar.volume.value(); }

  /// Fills bars from the trade as long as it reaches, and returns what is left of its size.
  template <class Close>
  double cut(OpenBar& bar, double price, double size, Nanos time, Close close) const noexcept {
    const double unit = by_value ? price : 1.0;  // amount of a size of 1
    for (std::size_t closed = 0; reaches(amount(bar) + size * unit, threshold); ++closed) {
      const double part = std::min(size, (threshold - amount(bar)) / unit);
      bar.add(price, part, time);
      close(bar);
      bar = OpenBar{};
      size -= part;
      if (size * unit <= threshold * 1e-12) return 0.0;
      if (closed + 1 == Emissions::most_by_row) return std::fmod(size * unit, threshold) / unit;
    }
    return size;
  }
};

}  // namespace millrace
