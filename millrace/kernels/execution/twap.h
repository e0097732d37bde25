#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/compensated.h"
#include "millrace/kernels/numerics/time_mean.h"

namespace millrace {

/// A price counts for as long as it stands, not once per tick. Every row is watched, since time passes on each.
struct Twap {
  static constexpr Doc doc{
      .name = "twap",
      .title = "Price weighted by time",
      .formula = "integral of the last price over time / time, since the later of the anchor and the first price",
      .unit = "unit of the price",
      .warmup = "some time after the first price; a window: the window",
      .reference = "Kissell, Glantz (2003), Optimal Trading Strategies, ch. 2",
  };

  enum Anchor : std::uint8_t { first, day };
  static constexpr std::array<std::string_view, 2> anchors{"first", "day"};
  struct Params {
    std::uint8_t anchor = first;
    Window window{};
  };
  static constexpr std::array params{
      choice<&Params::anchor>("anchor", anchors, "start: of the series, or of the UTC day"),
      window<&Params::window>("window", by_time | expanding, 1,
                              "a duration, in place of an anchor; expanding: the anchor's")};
  static std::string_view check(const Params& p) {
    if (p.window.span > 0 && p.anchor != first) return "an anchor or a window, not both";
    return p.window.min_periods < 0 ? "" : "min_periods does not apply: time is what counts";
  }

  static constexpr bool takes_row_times = true;
  static constexpr std::array inputs{InputInfo{"price"}};
  static constexpr std::array outputs{OutputInfo{"twap"}};

  struct Expanding {
    static constexpr bool watches_every_row = true;
    struct State {
      CompensatedSum area;  // about the origin, in price times ns
      double origin = no_value;
      double price = no_value;  // the last one
      Nanos start = no_time, since = no_time;
    };
    static double update(const Params& p, State& s, double price, Now now, Seen seen) noexcept {
      if (s.since != no_time) {
        const Nanos midnight = floor_of(now.clock, one_day) * one_day;
        if (p.anchor == day && midnight > s.since) {
          s.area = CompensatedSum{};
          s.origin = s.price;
          s.start = s.since = midnight;
        }
        s.area.add((s.price - s.origin) * static_cast<double>(now.clock - s.since));
        s.since = now.clock;
      }
      if (seen == observed) {
        if (s.since == no_time) {
          s.start = s.since = now.clock;
          s.origin = price;
        }
        s.price = price;
      }
      const bool has_time = s.since != no_time && now.clock > s.start && seen != observed_null;
      return has_time ? s.origin + s.area.value() / static_cast<double>(now.clock - s.start) : no_value;
    }
  };

  struct ByTime {
    static constexpr bool watches_every_row = true;
    static constexpr bool is_reevaluated = true;
    using State = TimeMean;
    static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.window.buckets); }

    static double update(const Params& p, State& s, double price, Now now, Seen seen, Tail ring) noexcept {
      s.pass(p.window, ring, now.clock);
      if (seen == observed) s.take(p.window, price, now.clock);
      return seen == observed_null ? no_value : s.value(p.window, ring, now);
    }
  };
};

}  // namespace millrace
