#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "millrace/base/random.h"
#include "millrace/base/time.h"
#include "millrace/chunk/chunk.h"

namespace millrace {

/// What an instrument shows besides time and kind, in the order of `shown_columns`. Numbers are decimal multiples of
/// the instrument's tick and lot, as a venue prints them.
inline constexpr std::array shown_columns{Column::price,      Column::size,     Column::bid,     Column::bid_size,
                                          Column::ask,        Column::ask_size, Column::vol_24h, Column::quote_vol_24h,
                                          Column::open_24h,   Column::high_24h, Column::low_24h, Column::vwap_24h,
                                          Column::pct_chg_24h};

/// One instrument of the simulated market: a random walk of the log price with stochastic volatility in three regimes,
/// a quote around it, and trades whose aggressors lean towards the last move. Plain numbers: 100,000 of them stay
/// small.
class SimulatedInstrument {
 public:
  /// `price` is near where it starts, `rank` counts from 0 in the order of activity, `rows_per_s` is its mean.
  SimulatedInstrument(double price, std::size_t rank, double rows_per_s, Nanos now, Random& random);

  /// Lets `market_move` (of the common log price, since the last call) and the instrument's own news move it.
  void advance(Nanos now, double market_move, Random& random);

  void quote(Random& random);
  void trade(Random& random);

  const std::array<double, shown_columns.size()>& shown() const { return shown_; }  // `size` is the last trade's
  std::int8_t side() const { return side_; }                                        // of the last trade
  std::uint64_t trade_id() const { return trade_id_; }
  std::int64_t trades_24h() const { return std::llround(trades_24h_); }

 private:
  enum class Regime : std::uint8_t { calm, trending, stormy };
  void change_regime(Random& random);
  void count_trade(double size);

  double ticks_per_unit_ = 1.0, lots_per_unit_ = 1.0;
  double mid_ = 0.0, home_ = 0.0;              // in ticks: now, and what it is drawn back to over weeks
  double sigma_ = 0.0, beta_ = 1.0;            // own volatility of one second in calm; share of the market's moves
  double variance_ = 1.0, drift_ = 0.0;        // multiple of sigma²; per second
  double push_ = 0.0;                          // the last move in standard deviations
  double spread_share_ = 0.0;                  // of the price, in calm
  double mean_lots_ = 1.0;                     // of a trade
  double bid_ = 0.0, ask_ = 0.0, last_ = 0.0;  // in ticks
  double bid_lots_ = 0.0, ask_lots_ = 0.0;
  double taken_bid_ = 0.0, taken_ask_ = 0.0;                 // lots traded since the quote
  double volume_ = 0.0, notional_ = 0.0, trades_24h_ = 0.0;  // of 24 h: base, quote, 1
  double open_ = 0.0, high_ = 0.0, low_ = 0.0;               // of 24 h, in ticks
  Nanos now_ = 0, last_trade_ = 0;
  std::uint64_t trade_id_ = 0;
  std::array<double, shown_columns.size()> shown_{};
  Regime regime_ = Regime::calm;
  std::int8_t side_ = 0;
};

}  // namespace millrace
