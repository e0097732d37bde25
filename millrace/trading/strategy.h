#pragma once

#include <cstdint>
#include <span>

#include "millrace/trading/exchange.h"
#include "millrace/trading/market_batch.h"

namespace millrace {

class Desk;

/// Decides. The same object runs in backtest, paper and live: it sees rows as we learn of them, and asks the desk for
/// orders. Features of a row are columns of the plan that it was made with.
class Strategy {
 public:
  virtual ~Strategy() = default;

  /// Sees a batch before its rows are played, to compute over it what can be computed at once; may look at features of
  /// each row only, never at a later one for an earlier. Fills `attention` by row of the chunk: bits of its own, and
  /// `must_see` on rows that it wants to be shown. Others reach it only while it has orders or a position in the
  /// instrument, or watches it, and looks between marks.
  virtual void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) = 0;
  static constexpr std::uint8_t must_see = 0x80;

  /// False: rows that it has not marked tell it nothing, whatever it has open, and it is spared them. Asked once.
  virtual bool looks_between_marks() const { return true; }

  virtual void on_row(const Observation& row, Desk& desk) = 0;

  /// An answer of the venue, after the account has booked it.
  virtual void on_event(const ExchangeEvent& event, Desk& desk) = 0;

  /// The run is over: time for notes, not for orders.
  virtual void on_end(Desk&) {}
};

}  // namespace millrace
