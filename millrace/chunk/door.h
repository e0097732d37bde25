#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "millrace/base/bytes.h"
#include "millrace/chunk/chunk.h"
#include "millrace/chunk/ledger.h"

namespace millrace {

/// What is known about an instrument after its last row. Plain data, so that saving it is a copy of bytes.
struct MarketState {
  double carried[column_count];  // by Column; NaN = not known yet
  std::int64_t n_trades_24h = no_i64;
  Nanos next_funding_ns = no_time;
  Nanos latest = no_time;  // greatest ts_event so far
  Nanos last_ts = no_time;
  std::uint64_t last_seq = no_u64, last_trade_id = no_u64;
  double last_values[6];  // price, size, bid, bid_size, ask, ask_size as read
  std::uint64_t rows = 0;
  std::uint32_t last_kind = kind_count, unused = 0;
  MarketState();
};
static_assert(std::is_trivially_copyable_v<MarketState>);

/// Which rows the run wants. Rows outside are counted, never seen.
struct Selection {
  std::vector<std::uint8_t> instruments;  // by InstrumentId, 1 = wanted; empty or shorter = wanted
  Nanos from = no_time;                   // first ts_event
  Nanos to = no_time;                     // first ts_event no longer wanted
};

/// The one place where ticks are checked. Behind it every row has a time, a known kind and an instrument, every number
/// is an observation or NaN, and the market columns hold the state as of the row: what a source leaves out is carried
/// forward. A missing bid or ask is carried unless the source marks the row `flag_one_sided`; price is never carried
/// onto a trade. A value that was given but is invalid becomes null on its row and does not change what is carried.
class Door {
 public:
  /// What tells one event from the next; a chunk without them shows different events as duplicates.
  static constexpr ColumnSet columns{Column::trade_id, Column::price, Column::size,    Column::bid,
                                     Column::bid_size, Column::ask,   Column::ask_size};

  explicit Door(Ledger& ledger) : ledger_(ledger) {}

  void select(Selection selection) { selection_ = std::move(selection); }
  Selection& selection() { return selection_; }

  /// Checks and completes the rows in place; rows that cannot be used disappear from the chunk.
  void admit(Chunk& chunk);

  std::span<const MarketState> states() const { return states_; }
  std::uint64_t rejected(InstrumentId instrument) const {  // rows that could not be used
    return instrument < rejected_.size() ? rejected_[instrument] : 0;
  }
  void restore(InstrumentId instrument, const MarketState& state);

 private:
  void drop_unusable(Chunk& chunk);
  void check_order(Chunk& chunk);
  void carry(Chunk& chunk, Column column);
  void carry_rows(Chunk& chunk, Column column, std::size_t first, std::size_t end);
  void carry_integers(Chunk& chunk);
  void mark_books(Chunk& chunk);
  MarketState& state_of(InstrumentId instrument);

  Ledger& ledger_;
  Selection selection_;
  std::vector<MarketState> states_;      // by InstrumentId
  std::vector<std::uint64_t> rejected_;  // by InstrumentId
  std::vector<std::uint8_t> keep_;
  ColumnSet seen_;  // numbers of which a value came: where none did there is nothing to check or carry
};

}  // namespace millrace
