#pragma once

#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/compensated.h"

namespace millrace {

/// Its sums live in the state, so that no chunk restarts them; an anchor does.
struct Vwap {
  static constexpr Doc doc{
      .name = "vwap",
      .title = "Price weighted by volume",
      .formula = "sum of price * size / sum of size, since the anchor or in the window",
      .unit = "unit of the price",
      .warmup = "first volume; a window: the window",
      .reference = "Berkowitz, Logue, Noser (1988), J. Finance 43, 97-112",
  };

  static constexpr std::array<std::string_view, 9> anchors{"day", "first", "1m", "5m", "15m", "30m", "1h", "4h", "8h"};
  static constexpr std::array<std::int64_t, 9> minutes{1440, 0, 1, 5, 15, 30, 60, 240, 480};
  struct Params {
    std::uint8_t anchor = 0;
    Window window{};
  };
  static constexpr std::array params{
      choice<&Params::anchor>("anchor", anchors,
                              "start: of the UTC day, of the series, or of each such length of time"),
      window<&Params::window>("window", by_time | expanding, 1,
                              "a duration, in place of an anchor; expanding: the anchor's")};

  static std::string_view check(const Params& p) {
    if (p.window.span > 0 && p.anchor != 0) return "an anchor or a window, not both";
    return p.window.span > 0 || p.window.min_periods < 0 ? "" : "min_periods belongs to a window";
  }

  static constexpr std::array inputs{InputInfo{"price"}, InputInfo{"size"}};
  static constexpr std::array outputs{OutputInfo{"vwap"}};

  struct Expanding {
    struct State {
      CompensatedSum value, volume;  // value about the first price
      double origin = no_value;
      Nanos end = no_time;  // of the running period
    };
    static double update(const Params& p, State& s, double price, double size, Now now) noexcept {
      const Nanos length = minutes[p.anchor] * 60 * one_second;
      if (s.end == no_time || (length > 0 && now.clock >= s.end)) {
        s.value = s.volume = CompensatedSum{};
        s.origin = price;
        s.end = length == 0 ? 0 : (now.clock / length + (now.clock % length < 0 ? 0 : 1)) * length;
      }
      s.value.add((price - s.origin) * size);
      s.volume.add(size);
      return s.volume.value() > 0.0 ? s.origin + s.value.value() / s.volume.value() : no_value;
    }
  };

  struct ByTime {
    struct Content {
      double value = 0.0, volume = 0.0;
    };
    static constexpr std::int64_t fewest = 1;
    static void add(const Params&, Content& c, form::NoCarry&, const double* x, double origin) noexcept {
      c.value += (x[0] - origin) * x[1];
      c.volume += x[1];
    }
    static void merge(Content& older, const Content& newer) noexcept {
      older.value += newer.value;
      older.volume += newer.volume;
    }
    static double value(const Params&, const Content& c, const form::NoCarry&, const double*, double origin) noexcept {
      return c.volume > 0.0 ? origin + c.value / c.volume : no_value;
    }
  };
};

}  // namespace millrace
