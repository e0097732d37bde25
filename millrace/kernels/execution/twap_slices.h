#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"
#include "millrace/kernels/numerics/jitter.h"

namespace millrace {

/// The schedule that aims at the price `twap` measures: equal slices at equal distances.
struct TwapSlices {
  static constexpr Doc doc{
      .name = "twap",
      .title = "Equal slices at equal distances in time",
      .formula =
          "Q / slices at start + i * (end - start) / slices, i = 0 ... slices - 1;  with jitter each but the last "
          "times 1 + jitter * (2 u_i - 1), at most what is left, u = splitmix64(seed); the last takes the rest",
      .unit = "unit of the quantity",
      .warmup = "none",
      .reference = "Kissell, Glantz (2003), Optimal Trading Strategies, ch. 2",
  };

  struct Params {
    std::int64_t slices = 0;
    double jitter = 0.0;
    std::int64_t seed = 0;
  };
  static constexpr std::array params{number<&Params::slices>("slices", 1, 1e6, "number of slices"),
                                     number<&Params::jitter>("jitter", 0.0, 0.999, "of a size, as a share of it"),
                                     number<&Params::seed>("seed", 0, 9e15, "of the jitter")};

  struct Results {
    std::vector<double> slices;
    std::vector<Nanos> times;
  };
  static constexpr std::array inputs{argument::scalar("quantity", "to trade, of either sign"),
                                     argument::optional(argument::time("start", "of the programme")),
                                     argument::optional(argument::time("end", "of the programme"))};
  static constexpr std::array outputs{
      result<&Results::slices>("slices", "sizes; they add up to the quantity"),
      result_times<&Results::times>("slice_times", "of each slice; empty without start and end")};

  /// The start of part `i` of `parts`, in whole nanoseconds, rounded down.
  static Nanos part_of(Nanos start, Nanos length, std::int64_t i, std::int64_t parts) noexcept {
    return start + length / parts * i + length % parts * i / parts;
  }

  static Results evaluate(const Params& p, double quantity, Nanos start, Nanos end) {
    if (!has_value(quantity)) fail(Fault::config, "{}: quantity must be a number, was null", doc.name);
    if ((start == no_time) != (end == no_time)) {
      fail(Fault::config, "{}: expected start and end, or neither, was {} alone", doc.name,
           start == no_time ? "end" : "start");
    }
    if (start != no_time && !(start < end && start > INT64_MIN / 4 && end < INT64_MAX / 4)) {
      fail(Fault::config, "{}: end must be after start, was {} and start {}", doc.name, end, start);
    }
    const Jitter jitter{.jitter = p.jitter, .seed = p.seed};
    const double slice = quantity / static_cast<double>(p.slices);
    double rest = std::abs(quantity);
    Results results;
    for (std::int64_t i = 0; i < p.slices; ++i) {
      if (start != no_time) results.times.push_back(part_of(start, end - start, i, p.slices));
      const bool is_rest = i + 1 == p.slices && p.jitter > 0.0;
      const double size = p.jitter == 0.0 ? std::abs(slice)
                          : is_rest       ? rest
                                          : std::min(rest, std::abs(jitter.of(slice, i)));
      rest -= size;
      results.slices.push_back(std::copysign(size, quantity));
    }
    return results;
  }
};

}  // namespace millrace
