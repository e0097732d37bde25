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
    const double size = row.size > 0.0 ? row.size : 0.0;  // no branch: kinds alternate too fast to be predicted
    volume_ += is_volume ? size : 0.0;
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
  KindSet kinds = 0;                    // seen so far
  bool is_gap = false;                  // rows were missed: the quote is that from before
  bool is_watched = false;              // orders or positions depend on the rows

  void on_row(const MarketRow& next) {
    if (has_taken()) forget_taken(next);
    row = next;
    kinds |= only(row.kind);
    if (row.kind == Kind::gap || is_gap) is_gap = (only(row.kind) & quote_kinds) == 0;
    activity.on_row(row, is_new_volume());
  }

  bool has_trades() const { return (kinds & only(Kind::trade)) != 0; }  // tickers only restate them
  bool has_prices() const { return (kinds & (trade_kinds | only(Kind::bar))) != 0; }
  bool is_known() const { return row.ts_event != no_time; }
  bool has_quote() const { return row.has_quote() && !is_gap; }

  /// As `MarketRow::mark`; where that has nothing but a crossed quote, its middle.
  double mark() const {
    const double mark = row.mark();
    return mark > 0.0 || !row.has_quote() ? mark : 0.5 * (row.bid + row.ask);
  }

  /// The newest row brings a trade that was not told before.
  bool is_new_volume() const { return row.kind == Kind::trade || (!has_trades() && row.has_trade()); }

  /// What an order on `side` takes from, and what it has taken of that.
  double touch(Side side) const;
  double touch_size(Side side) const { return side == Side::buy ? row.ask_size : row.bid_size; }
  Lots& taken(Side side) { return side == Side::buy ? ask_taken : bid_taken; }
  Lots& beyond(Side side) { return side == Side::buy ? ask_beyond : bid_beyond; }

  ImpactLaw impact(const InstrumentSpec& spec, double y, double assumed_bps) const;

 private:
  bool has_taken() const { return (bid_taken | ask_taken | bid_beyond | ask_beyond) != 0; }
  void forget_taken(const MarketRow& next) {
    if (next.bid != row.bid || next.bid_size != row.bid_size) bid_taken = bid_beyond = 0;
    if (next.ask != row.ask || next.ask_size != row.ask_size) ask_taken = ask_beyond = 0;
  }
};

}  // namespace millrace
