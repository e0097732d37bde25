#pragma once

#include <algorithm>
#include <array>
#include <span>

#include "millrace/kernels/family.h"
#include "millrace/kernels/shares.h"

namespace millrace {

/// Where positions opened lately would be liquidated. New open interest is taken to be opened at the price of its row,
/// as much long as short; a price that passes a level has liquidated it. Every row is watched, since all decays.
///
/// Cells are of ln price on a fixed grid, bins / 2 either side of the price's own, in a ring.
struct LiquidationDensity {
  static constexpr Doc doc{
      .name = "liquidation_density",
      .title = "Estimated liquidations below and above the price",
      .formula =
          "price * max(0, change of open interest) * share at price * (1 - 1/L) / (1 - m) and price * (1 + 1/L) / "
          "(1 + m), by half-life, cleared where the price passes;  sums below and above",
      .unit = "quote asset",
      .warmup = "first observation",
      .reference = "isolated margin of linear contracts, by the venues' own documents",
  };

  struct Params {
    Shares mix{};
    double maintenance = 0.005;
    std::int64_t bins = 200;
    double range = 0.5;
    Nanos half_life = one_day;
  };
  static constexpr std::array params{
      shares<&Params::mix>("mix", 1.0, 1000.0, "leverage:share of new positions, '5:0.2,10:0.5,25:0.3'"),
      number<&Params::maintenance>("maintenance", 0.0, 0.99, "maintenance margin, share of the notional"),
      number<&Params::bins>("bins", 2, 2000, "cells, half of them on either side"),
      number<&Params::range>("range", 0.001, 0.999, "how far below the price cells are kept, share of it"),
      duration<&Params::half_life>("half_life", 1, 400 * one_day, "time in which half of the positions are closed")};
  static std::string_view check(const Params& p) {
    if (p.bins % 2 != 0) return "bins must be even: half of them lie on either side";
    for (std::int64_t i = 0; i < p.mix.count; ++i) {
      if (p.mix.of[i] * p.maintenance >= 1.0) return "maintenance must be below 1/leverage";
    }
    return "";
  }

  static constexpr bool watches_every_row = true;
  struct State {
    double below = 0.0, above = 0.0;  // at `stamp`, as are the cells
    double interest = no_value;
    Nanos stamp = no_time;  // of the newest observation
    std::int64_t cell = 0;  // of its price
  };
  static constexpr std::array inputs{InputInfo{.name = "price", .is_positive = true}, InputInfo{"open_interest"}};
  static constexpr std::array outputs{OutputInfo{"liq_below"}, OutputInfo{"liq_above"}};

  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(p.bins + 1); }

  static double long_price(double entry, double leverage, double maintenance) noexcept {
    return entry * (1.0 - 1.0 / leverage) / (1.0 - maintenance);
  }
  static double short_price(double entry, double leverage, double maintenance) noexcept {
    return entry * (1.0 + 1.0 / leverage) / (1.0 + maintenance);
  }
  static std::int64_t cell_of(const Params& p, double price) noexcept {
    const double width = -2.0 * std::log1p(-p.range) / static_cast<double>(p.bins);
    return static_cast<std::int64_t>(std::floor(std::log(price) / width));
  }

  static std::array<double, 2> update(const Params& p, State& s, double price, double interest, Now now, Seen seen,
                                      Tail ring) noexcept {
    if (seen == observed) observe(p, s, price, interest, now.clock, ring);
    if (seen == observed_null || s.stamp == no_time) return {no_value, no_value};
    const double left = left_after(p, now.clock - s.stamp);
    return {s.below * left, s.above * left};
  }

  /// The cells at a time no earlier than the newest observation, from the lowest kept one up. REQUIRES: out.size() ==
  /// bins + 1.
  static void density(const Params& p, const State& s, const double* ring, Nanos clock,
                      std::span<double> out) noexcept {
    const double left = s.stamp == no_time ? 0.0 : left_after(p, clock - s.stamp);
    for (std::int64_t k = 0; k <= p.bins; ++k) {
      out[static_cast<std::size_t>(k)] = ring[slot(p, s.cell - p.bins / 2 + k)] * left;
    }
  }

 private:
  static std::int64_t slot(const Params& p, std::int64_t cell) noexcept {
    const std::int64_t length = p.bins + 1;
    return (cell % length + length) % length;
  }
  static double left_after(const Params& p, Nanos time) noexcept {
    return std::exp2(-static_cast<double>(time) / static_cast<double>(p.half_life));
  }

  static void observe(const Params& p, State& s, double price, double interest, Nanos clock, Tail ring) noexcept {
    const std::int64_t cell = cell_of(p, price), half = p.bins / 2;
    if (s.stamp != no_time) {
      if (clock > s.stamp) {
        const double left = left_after(p, clock - s.stamp);
        for (std::int64_t k = 0; k <= p.bins; ++k) ring[k] *= left;
      }
      move(p, s.cell, cell, ring);
      const double opened = price * std::max(0.0, interest - s.interest);
      for (std::int64_t i = 0; i < p.mix.count; ++i) {
        const double leverage = p.mix.of[i], amount = opened * p.mix.share[i];
        for (const double level :
             {long_price(price, leverage, p.maintenance), short_price(price, leverage, p.maintenance)}) {
          const std::int64_t at = level > 0.0 ? cell_of(p, level) : cell;
          if (at != cell && at >= cell - half && at <= cell + half) ring[slot(p, at)] += amount;
        }
      }
    }
    s = {.interest = interest, .stamp = clock, .cell = cell};
    for (std::int64_t k = 1; k <= half; ++k) {
      s.below += ring[slot(p, cell - k)];
      s.above += ring[slot(p, cell + k)];
    }
  }

  /// Clears what the price has passed, its own cells included, and what the ring needs for the cells that come in
  /// range.
  static void move(const Params& p, std::int64_t from, std::int64_t to, Tail ring) noexcept {
    const std::int64_t half = p.bins / 2;
    if (std::abs(to - from) > p.bins) {
      std::fill_n(ring, p.bins + 1, 0.0);
      return;
    }
    for (std::int64_t k = std::min(from, to); k <= std::max(from, to); ++k) ring[slot(p, k)] = 0.0;
    for (std::int64_t k = from + half + 1; k <= to + half; ++k) ring[slot(p, k)] = 0.0;
    for (std::int64_t k = to - half; k < from - half; ++k) ring[slot(p, k)] = 0.0;
  }
};

}  // namespace millrace
