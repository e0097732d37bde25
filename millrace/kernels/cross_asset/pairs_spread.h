#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/log_ratio.h"
#include "millrace/kernels/numerics/recent.h"

namespace millrace {

/// Pairs by time: each row of one leg with the other leg's value as of that time, and none where that is too old.
struct PairsSpread {
  static constexpr bool is_cross = true;
  static constexpr Doc doc{
      .name = "pairs_spread",
      .title = "Spread of a pair",
      .formula = "f(a) - h * f(b) - c, f = ln or the value itself, the other leg's value as of the row",
      .unit = "1 with log, else the unit of a",
      .warmup = "a value of each leg",
      .reference = "Gatev, Goetzmann, Rouwenhorst (2006), RFS 19, 797-827",
  };

  struct Params {
    double h = 1.0, c = 0.0;
    bool log = true;
    Nanos tolerance = one_second;
  };
  static constexpr std::array params{
      number<&Params::h>("h", -1e12, 1e12, "hedge ratio, or a column"),
      number<&Params::c>("c", -1e12, 1e12, "constant that is taken away"), flag<&Params::log>("log", "of logarithms"),
      duration<&Params::tolerance>("tolerance", 1, 400 * one_day, "oldest value of the other leg that counts")};

  struct State {
    Recent legs[2];
    double shown = no_value;
  };
  static constexpr std::array inputs{
      InputInfo{"a"}, InputInfo{"b"},
      InputInfo{.name = "h", .is_optional = true, .is_nullable = true, .is_keyword = true}};
  static constexpr std::array outputs{OutputInfo{"pairs_spread"}};

  static constexpr bool watches_every_row = true;
  static double update(const Params& p, State& s, double a, double b, Offered h, Fresh fresh, Stamps row) noexcept {
    const double own[] = {a, b};
    bool is_seen = false, is_null = false;
    for (std::size_t leg = 0; leg < 2; ++leg) {
      if (fresh[leg] == unobserved) continue;
      const bool is_valid = fresh[leg] == observed && !(p.log && own[leg] <= 0.0);
      is_seen = true;
      is_null |= !is_valid;
      if (is_valid) s.legs[leg].insert(row.event, own[leg]);
    }
    if (!is_seen) return s.shown;
    const double first = s.legs[0].as_of(row.event, p.tolerance), second = s.legs[1].as_of(row.event, p.tolerance);
    const double ratio = h.is_given ? h.value : p.h;
    s.shown = is_null ? no_value : spread(p, first, second, ratio);
    return s.shown;
  }

 private:
  static double spread(const Params& p, double a, double b, double h) noexcept {
    if (!p.log) return a - h * b - p.c;
    if (h == 1.0) return (has_value(a) && has_value(b) ? log_ratio(a, b) : no_value) - p.c;
    return std::log(a) - h * std::log(b) - p.c;
  }
};

}  // namespace millrace
