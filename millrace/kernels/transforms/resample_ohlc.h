#pragma once

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/open_bar.h"

namespace millrace {

/// A bar is known when time has left it, so it closes on the first row of any kind at or after its end; never at the
/// end of the data.
struct ResampleOhlc {
  static constexpr Doc doc{
      .name = "resample_ohlc",
      .title = "Bars of equal time",
      .formula = "bars [t, t + interval) from 1970 on;  empty=carry: a bar without trades repeats the close",
      .unit = "price, base, 1, ns",
      .warmup = "end of the first bar",
      .reference = "ISO 8601-1 (2019): half-open intervals",
  };

  enum Empty : std::uint8_t { skip, carry };
  static constexpr std::array<std::string_view, 2> empties{"skip", "carry"};
  struct Params {
    Nanos interval = 60 * one_second;
    std::uint8_t empty = skip;
  };
  static constexpr std::array params{
      duration<&Params::interval>("interval", one_second / 1000, 400 * one_day, "length of a bar"),
      choice<&Params::empty>("empty", empties, "what becomes of bars without trades")};

  struct State {
    OpenBar bar;
    Nanos start = no_time;    // of the bar that runs
    double close = no_value;  // of the last one
  };
  static constexpr std::array inputs{InputInfo{.name = "price", .is_positive = true},
                                     InputInfo{.name = "size", .is_optional = true, .is_nullable = true}};
  static constexpr std::array outputs{
      OutputInfo{"open"},   OutputInfo{"high"}, OutputInfo{"low"},    OutputInfo{"close"},
      OutputInfo{"volume"}, OutputInfo{"vwap"}, OutputInfo{"trades"}, OutputInfo{.name = "bar_start", .is_time = true}};

  static constexpr bool watches_every_row = true;
  static void update(const Params& p, State& s, double price, double size, Seen seen, Now now, Emit<8> emit) noexcept {
    const Nanos start = now.clock - floor_remainder(now.clock, p.interval);
    if (s.start != no_time && start > s.start) close(p, s, start, emit);
    s.start = start;
    if (seen == observed) s.bar.add(price, size, now.clock);
  }

 private:
  static Nanos floor_remainder(Nanos time, Nanos interval) noexcept {
    const Nanos rest = time % interval;
    return rest < 0 ? rest + interval : rest;
  }

  static void close(const Params& p, State& s, Nanos now, const Emit<8>& emit) noexcept {
    const OpenBar& bar = s.bar;
    Nanos next = s.start;
    if (bar.trades > 0) {
      emit({bar.open, bar.high, bar.low, bar.close, bar.volume.value(), bar.vwap(), static_cast<double>(bar.trades),
            Cell(s.start)});
      s.close = bar.close;
      s.bar = OpenBar{};
      next += p.interval;
    }
    if (p.empty == skip || std::isnan(s.close)) return;
    // Of a silence without end the last bars are given.
    next = std::max(next, now - static_cast<Nanos>(Emissions::most_by_row - 1) * p.interval);
    for (; next < now; next += p.interval) {
      emit({s.close, s.close, s.close, s.close, 0.0, no_value, 0.0, Cell(next)});
    }
  }
};

}  // namespace millrace
