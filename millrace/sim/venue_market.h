#pragma once

#include "millrace/sim/taker.h"
#include "millrace/trading/market_row.h"

namespace millrace {

/// Volatility and volume of a day as far as the rows so far tell: squared changes of the mark on a grid of 10 s, and
/// traded sizes, both over the time since the instrument's first row. Nothing until `least_samples` changes are known.
class Activity {
 public:
  static constexpr Nanos step = 10 * one_second;
  static constexpr int least_samples = 12;

  /// `is_volume`: the row's size is traded volume that no earlier row told.
  void on_row(const MarketRow& row, bool is_volume) {
    if (is_volume && row.size > 0.0) volume_ += row.size;
    if (row.ts_event >= next_sample_) sample(row);
  }

  double sigma_day() const;
  double volume_day() const;

 private:
  void sample(const MarketRow& row);
  double days() const { return static_cast<double>(latest_ - start_) / static_cast<double>(one_day); }

  double volume_ = 0.0, squares_ = 0.0, mark_ = 0.0;
  Nanos next_sample_ = no_time, start_ = 0, latest_ = 0;
  int samples_ = 0;
};

/// An instrument as its rows show it. Most rows do no more here than to replace the newest.
struct VenueMarket {
  MarketRow row;
  Activity activity;
  Lots bid_taken = 0, ask_taken = 0;    // of the displayed size, by us since the quote is as it is
  Lots bid_beyond = 0, ask_beyond = 0;  // what we traded beyond it
  bool has_trades = false;              // rows of kind trade: tickers only restate them
  bool has_prices = false;              // trades, tickers or bars
  bool is_gap = false;                  // rows were missed: the quote is that from before
  bool is_watched = false;              // orders or positions depend on the rows

  void on_row(const MarketRow& next) {
    if (next.bid != row.bid || next.bid_size != row.bid_size) bid_taken = bid_beyond = 0;
    if (next.ask != row.ask || next.ask_size != row.ask_size) ask_taken = ask_beyond = 0;
    const KindSet kind = only(next.kind);
    has_trades |= next.kind == Kind::trade;
    has_prices |= (kind & (trade_kinds | only(Kind::bar))) != 0;
    is_gap = next.kind == Kind::gap || (is_gap && (kind & quote_kinds) == 0);
    row = next;
    activity.on_row(next, is_new_volume());
  }

  bool is_known() const { return row.ts_event != no_time; }
  bool has_quote() const { return row.has_quote() && !is_gap; }

  /// The newest row brings a trade that was not told before.
  bool is_new_volume() const { return row.kind == Kind::trade || (!has_trades && row.has_trade()); }

  /// What an order on `side` takes from, and what it has taken of that.
  double touch(Side side) const;
  double touch_size(Side side) const { return side == Side::buy ? row.ask_size : row.bid_size; }
  Lots& taken(Side side) { return side == Side::buy ? ask_taken : bid_taken; }
  Lots& beyond(Side side) { return side == Side::buy ? ask_beyond : bid_beyond; }

  ImpactLaw impact(const InstrumentSpec& spec, double y, double assumed_bps) const;
};

}  // namespace millrace
