#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "millrace/base/ring.h"
#include "millrace/sim/latency.h"
#include "millrace/sim/sim_exchange.h"
#include "millrace/trading/desk.h"

namespace millrace {

/// One strategy at one desk before one simulated exchange, played over batches of rows: a backtest has one lane, and
/// one more for each set of parameters or assumptions. Rows and answers meet in the order of time: a row is at the
/// venue at its ts_event and at the desk after the feed's latency.
class Lane {
 public:
  struct Options {
    DeskOptions desk;
    SimOptions sim;
    LatencyModel feed;
  };
  /// Batches that wait for their rows to reach the desk, beyond which the feed's latency is an error.
  static constexpr std::size_t most_batches = 64;

  /// `specs` and `fees` live longer.
  Lane(std::unique_ptr<Strategy> strategy, const Options& options, const SpecBook& specs, const FeeTable& fees,
       Rates rates);

  /// Pre-funds a wallet, at the venue and in our books.
  void deposit(std::string_view venue, std::string_view asset, Amount amount);

  /// Inventory of a spot instrument that we hold from the start, there and here.
  void deposit_inventory(InstrumentId instrument, Lots size, Ticks price);

  /// Plays the rows in their order. The batch is kept until its last row has reached the desk.
  void play(std::shared_ptr<const MarketBatch> batch);

  /// Plays what is still on its way, and ends the run.
  void finish();

  Desk& desk() { return desk_; }
  const SimExchange& exchange() const { return exchange_; }

 private:
  struct Held {  // a batch with rows that are on their way
    std::shared_ptr<const MarketBatch> batch;
    std::size_t left = 0;
  };
  struct Pending {
    Nanos at = no_time;
    Held* from = nullptr;
    std::uint32_t row = 0;
    std::uint8_t attention = 0;
  };
  struct Feed {  // of one venue: rows do not overtake one another
    std::string venue;
    Ring<Pending> rows;
    Nanos last = no_time;
    LatencyStream latency;
  };

  void advance(Nanos until);
  void answer(Nanos now);
  void deliver(Feed& feed);
  void retire();
  Feed* earliest() {
    Feed* first = nullptr;
    for (Feed& one : feeds_) {
      if (!one.rows.empty() && (first == nullptr || one.rows.front().at < first->rows.front().at)) first = &one;
    }
    return first;
  }
  Feed& feed_of(InstrumentId instrument) {
    const bool is_known = instrument < feed_at_.size() && feed_at_[instrument] != 0;
    return feeds_[is_known ? feed_at_[instrument] - 1 : open_feed(instrument)];
  }
  std::uint32_t open_feed(InstrumentId instrument);

  const SpecBook& specs_;
  Options options_;
  std::unique_ptr<Strategy> strategy_;
  SimExchange exchange_;
  Desk desk_;
  Nanos clock_ = no_time;  // of the venues
  std::vector<Feed> feeds_;
  std::vector<std::uint32_t> feed_at_;  // by instrument, + 1
  std::deque<Held> batches_;            // they stay where they are
  std::vector<std::uint8_t> attention_;
};

}  // namespace millrace
