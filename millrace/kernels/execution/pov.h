#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// Own volume is part of the market's: a share `rate` of the whole is rate / (1 - rate) of what others trade. The
/// execution layer keeps a State for each order; `evaluate` plays the events of one order.
struct Pov {
  static constexpr Doc doc{
      .name = "pov",
      .title = "Child order that keeps a share of the market's volume",
      .formula =
          "rate / (1 - rate) * V_others - done, at least 0, at most cap, in whole lots, 0 below min_size;  done = "
          "filled and working",
      .unit = "base asset",
      .warmup = "first volume; a null volume: null, nothing counted",
      .reference = "Kissell (2013), The Science of Algorithmic Trading and Portfolio Management, ch. 1",
  };

  struct Params {
    double rate = 0.1, lot = 0.0, min_size = 0.0, cap = no_value;
  };
  static constexpr std::array params{
      number<&Params::rate>("rate", 0.0, 1.0, "share of the whole volume, above 0 and below 1"),
      number<&Params::lot>("lot", 0.0, 1e12, "step of sizes; 0: any size"),
      number<&Params::min_size>("min_size", 0.0, 1e12, "a smaller child waits"),
      auto_number<&Params::cap>("cap", 0.0, 1e15, "largest child; auto: none")};
  static std::string_view check(const Params& p) {
    return p.rate > 0.0 && p.rate < 1.0 ? "" : "rate must be above 0 and below 1";
  }

  struct State {
    double others = 0.0, done = 0.0;  // base asset, since the order's start
  };

  static void trade(State& s, double size) noexcept { s.others += size; }
  /// A child was sent (size > 0) or what was working of it cancelled (size < 0).
  static void place(State& s, double size) noexcept { s.done += size; }

  static double child(const Params& p, const State& s) noexcept {
    const double due = std::max(0.0, p.rate / (1.0 - p.rate) * s.others - s.done);
    const double capped = std::isnan(p.cap) ? due : std::min(due, p.cap);
    const double whole = p.lot > 0.0 ? p.lot * std::floor(capped / p.lot + 1e-9) : capped;
    return whole < p.min_size ? 0.0 : whole;
  }

  struct Results {
    std::vector<double> child;
  };
  static constexpr std::array inputs{
      argument::vector("volume", "by event: traded by others, base asset"),
      argument::optional(argument::vector(
          "placed", "by event: change of filled and working, before the child is asked; left out: each child is placed",
          "volume"))};
  static constexpr std::array outputs{result<&Results::child>("child", "by event: size to send now")};

  static Results evaluate(const Params& p, std::span<const double> volume, std::span<const double> placed) {
    State state;
    Results results;
    for (std::size_t i = 0; i < volume.size(); ++i) {
      if (volume[i] < 0.0) fail(Fault::config, "{}: volume[{}] must be 0 or more, was {}", doc.name, i, volume[i]);
      if (i < placed.size() && has_value(placed[i])) place(state, placed[i]);
      if (!has_value(volume[i])) {
        results.child.push_back(no_value);
        continue;
      }
      trade(state, volume[i]);
      results.child.push_back(child(p, state));
      if (placed.data() == nullptr) place(state, results.child.back());
    }
    return results;
  }
};

}  // namespace millrace
