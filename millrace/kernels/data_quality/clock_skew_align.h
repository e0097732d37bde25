#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// The fastest message says most about two clocks: what it took is delay at its least. A mean would move with every
/// jam. Each new minimum counts at once, whether or not the window is full.
struct ClockSkewAlign {
  static constexpr Doc doc{
      .name = "clock_skew_align",
      .title = "Venue time by the receiver's clock",
      .formula = "offset = min(ts_recv - ts_event) over the window;  aligned = ts_event + offset, at most ts_recv",
      .unit = "ns; ns since 1970",
      .warmup = "first observation",
      .reference = "Paxson (1998), On Calibrating Measurements of Packet Transit Times, SIGMETRICS, 11-21",
  };

  struct Params {
    Window window{.span = 10 * 60 * one_second};
  };
  static constexpr std::array params{
      window<&Params::window>("window", by_time | expanding, 1, "a duration, or expanding")};

  static constexpr std::array inputs{InputInfo{.name = "ts_event", .is_time = true},
                                     InputInfo{.name = "ts_recv", .is_time = true}};
  static constexpr std::array outputs{OutputInfo{.name = "offset_ns", .is_span = true},
                                      OutputInfo{.name = "ts_aligned", .is_time = true}};

  struct ByTime {
    struct Content {
      Nanos offset = INT64_MAX;
    };
    static constexpr std::int64_t fewest = 1;
    static constexpr bool takes_partial_windows = true;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double) noexcept {
      c.offset = std::min(c.offset, Cell::time(x[1]) - Cell::time(x[0]));
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.offset = std::min(older.offset, newer.offset);
    }
    static std::array<Cell, 2> value(const Params&, const Content& c, const form::NoCarry&, const double* x,
                                     double) noexcept {
      return {Cell(c.offset), Cell(Cell::time(x[0]) + c.offset)};
    }
  };

  struct Expanding {
    struct State {
      Nanos offset = INT64_MAX;
      std::int64_t count = 0;
    };
    static std::array<Cell, 2> update(const Params& p, State& s, Nanos event, Nanos received) noexcept {
      s.offset = std::min(s.offset, received - event);
      if (++s.count < p.window.min_periods) return {};
      return {Cell(s.offset), Cell(event + s.offset)};
    }
  };
};

}  // namespace millrace
