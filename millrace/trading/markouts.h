#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "millrace/trading/records.h"

namespace millrace {

/// Waits until 1, 5 and 30 s after a fill to see where the middle went. A fill that the run ends before, or whose
/// instrument falls silent, keeps no value. Fills of one instrument come in the order of the venue's clock.
class Markouts {
 public:
  static constexpr std::array<Nanos, 3> horizons{one_second, 5 * one_second, 30 * one_second};
  static constexpr std::size_t most_waiting = 100'000;  // beyond it the oldest go without

  void add(FillRecord record, double money_per_price);

  /// The instrument's middle is `mid` from `now` on: what was due before it had the middle before.
  void on_mid(InstrumentId instrument, double mid, Nanos now) {
    Watched& at = watched_[instrument];
    if (at.due < now) settle_due(at, now);
    at.mid = mid;
    ++at.mids;
  }

  bool waits_for(InstrumentId instrument) const {
    return instrument < watched_.size() && !watched_[instrument].fills.empty();
  }
  /// Whether `take` has any to give, the oldest first.
  bool is_due(Nanos now) const { return first_due_ < now; }

  /// Those that wait no longer by `now`, in the order of their fills; all of them with `no_time`.
  void take(Nanos now, std::vector<FillRecord>& out);

 private:
  struct Waiting {
    FillRecord record;
    double money_per_price = 0.0;
    std::uint64_t mids_before = 0;  // of its instrument, when it was added
  };
  struct Watched {                           // an instrument
    std::deque<std::uint64_t> fills;         // numbers of those that wait, the oldest first
    std::uint64_t gone = 0;                  // that were before them
    std::array<std::uint64_t, 3> settled{};  // by horizon, of all that ever waited
    std::uint64_t mids = 0;                  // that came in
    double mid = no_value;                   // the newest
    Nanos due = INT64_MAX;                   // no fill is due before; fills are many and rows are more
  };
  Waiting& waiting(std::uint64_t number) { return waiting_[number - first_]; }
  void settle(const Watched& at, Waiting& one, std::size_t horizon) const;
  void settle_due(Watched& at, Nanos now);
  void find_first_due();

  std::deque<Waiting> waiting_;   // in the order of the fills
  std::uint64_t first_ = 0;       // number of the first
  Nanos first_due_ = INT64_MAX;   // when it has waited long enough: at once where they are too many
  std::vector<Watched> watched_;  // by instrument
};

}  // namespace millrace
