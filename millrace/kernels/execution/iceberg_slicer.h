#pragma once

#include <algorithm>
#include <array>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"
#include "millrace/kernels/numerics/jitter.h"

namespace millrace {

/// Shows one child at a time and the next once it is filled; never more than is left of the parent. The execution layer
/// keeps a State for each order; `evaluate` plays the fills of one order.
struct IcebergSlicer {
  static constexpr Doc doc{
      .name = "iceberg_slicer",
      .title = "Children that show a part of a large order",
      .formula =
          "child_i = min(rest, display * (1 + jitter * (2 u_i - 1))), the rest once it is below display;  u = "
          "splitmix64(seed)",
      .unit = "base asset",
      .warmup = "none",
      .reference = "Esser, Moench (2007), J. Financial Markets 10, 153-188",
  };

  struct Params {
    double parent = no_value, display = no_value, jitter = 0.0;
    std::int64_t seed = 0;
  };
  static constexpr std::array params{number<&Params::parent>("parent", 1e-12, 1e15, "size of the whole order"),
                                     number<&Params::display>("display", 1e-12, 1e15, "size shown at a time"),
                                     number<&Params::jitter>("jitter", 0.0, 0.999, "of a child, as a share of it"),
                                     number<&Params::seed>("seed", 0, 9e15, "of the jitter")};

  struct State {
    double rest = 0.0;          // of the parent, the shown child's part included
    double child = 0.0;         // size of the shown child; 0 = the parent is filled
    double shown = 0.0;         // what is left of it
    std::int64_t children = 0;  // shown so far
  };

  static State start(const Params& p) noexcept {
    State s{.rest = p.parent};
    show(p, s);
    return s;
  }

  /// Takes a fill of the shown child; returns the next child's size once the shown one is filled, else 0. A child is
  /// filled where less than 1e-12 of it is left: decimal sizes do not add up in binary.
  static double fill(const Params& p, State& s, double size) noexcept {
    s.rest = std::max(0.0, s.rest - size);
    s.shown -= size;
    if (s.shown > 1e-12 * s.child) return 0.0;
    show(p, s);
    return s.child;
  }

  struct Results {
    std::vector<double> children;
    double rest = 0.0, shown = 0.0;
  };
  static constexpr std::array inputs{argument::vector("fills", "of the shown child, in order")};
  static constexpr std::array outputs{result<&Results::children>("child", "sizes of the children shown, in order"),
                                      result<&Results::rest>("rest", "of the parent, after the fills"),
                                      result<&Results::shown>("shown", "what is left of the shown child")};

  static Results evaluate(const Params& p, std::span<const double> fills) {
    State state = start(p);
    Results results{.children = {state.child}};
    for (std::size_t i = 0; i < fills.size(); ++i) {
      if (!has_value(fills[i])) continue;
      if (!(fills[i] >= 0.0) || fills[i] > state.shown * (1.0 + 1e-12)) {
        fail(Fault::config, "{}: fills[{}] must be 0 to the {} that is shown, was {}", doc.name, i, state.shown,
             fills[i]);
      }
      if (const double child = fill(p, state, fills[i]); child > 0.0) results.children.push_back(child);
    }
    results.rest = state.rest;
    results.shown = state.shown;
    return results;
  }

 private:
  static void show(const Params& p, State& s) noexcept {
    if (s.rest <= 1e-12 * p.parent) {  // what decimal sizes leave over
      s.rest = s.child = s.shown = 0.0;
      return;
    }
    const Jitter jitter{.jitter = p.jitter, .seed = p.seed};
    s.child = s.rest < p.display ? s.rest : std::min(s.rest, jitter.of(p.display, s.children));
    s.shown = s.child;
    ++s.children;
  }
};

}  // namespace millrace
