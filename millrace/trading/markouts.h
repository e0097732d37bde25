#pragma once

#include <array>
#include <vector>

#include "millrace/trading/records.h"

namespace millrace {

/// Waits until 1, 5 and 30 s after a fill to see where the middle went. A fill that the run ends before, or whose
/// instrument falls silent, keeps no value.
class Markouts {
 public:
  static constexpr std::array<Nanos, 3> horizons{one_second, 5 * one_second, 30 * one_second};
  static constexpr std::size_t most_waiting = 100'000;  // beyond it the oldest go without

  void add(FillRecord record, double money_per_price);

  /// The instrument's middle is `mid` from `now` on: what was due before it had the middle before.
  void on_mid(InstrumentId instrument, double mid, Nanos now);

  bool waits_for(InstrumentId instrument) const { return instrument < counts_.size() && counts_[instrument] > 0; }
  /// Whether `take` has any to give, the oldest first.
  bool is_due(Nanos now) const {
    return !waiting_.empty() &&
           (waiting_.front().record.ts_venue + horizons.back() < now || waiting_.size() > most_waiting);
  }

  /// Those that wait no longer by `now`, in the order of their fills; all of them with `no_time`.
  void take(Nanos now, std::vector<FillRecord>& out);

 private:
  struct Waiting {
    FillRecord record;
    double money_per_price = 0.0, mid = no_value;
    std::size_t next = 0;  // horizon
  };
  static void settle(Waiting& one, Nanos now);

  std::vector<Waiting> waiting_;       // in the order of the fills
  std::vector<std::uint32_t> counts_;  // by instrument
};

}  // namespace millrace
