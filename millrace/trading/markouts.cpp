#include "millrace/trading/markouts.h"

#include <algorithm>
#include <utility>

namespace millrace {

void Markouts::add(FillRecord record, double money_per_price) {
  const InstrumentId instrument = record.fill.instrument;
  if (instrument >= watched_.size()) watched_.resize(instrument + 1);
  Watched& at = watched_[instrument];
  ++at.waiting;
  waiting_.push_back(
      {.record = std::move(record), .money_per_price = money_per_price, .mids_before = at.mids, .next = 0});
  at.due = std::min(at.due, waiting_.back().due());
}

/// The middle that holds for a fill is its own until a newer one comes in.
void Markouts::settle(Waiting& one, Nanos now) const {
  const Watched& at = watched_[one.record.fill.instrument];
  const double mid = at.mids > one.mids_before ? at.mid : one.record.fill.mid;
  const std::array<double*, 3> values{&one.record.markout_1s, &one.record.markout_5s, &one.record.markout_30s};
  while (one.next < horizons.size() && one.due() < now) {
    *values[one.next++] = static_cast<double>(one.record.fill.side) * (mid - one.record.fill.mid) * one.money_per_price;
  }
}

void Markouts::on_mid(InstrumentId instrument, double mid, Nanos now) {
  Watched& at = watched_[instrument];
  if (at.due < now) {
    at.due = INT64_MAX;
    for (Waiting& one : waiting_) {
      if (one.record.fill.instrument != instrument) continue;
      settle(one, now);
      if (one.next < horizons.size()) at.due = std::min(at.due, one.due());
    }
  }
  at.mid = mid;
  ++at.mids;
}

void Markouts::take(Nanos now, std::vector<FillRecord>& out) {
  std::size_t kept = 0;
  const std::size_t spare = waiting_.size() > most_waiting ? waiting_.size() - most_waiting : 0;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    Waiting& one = waiting_[i];
    const bool is_over = now == no_time || one.record.ts_venue + horizons.back() < now || i < spare;
    if (is_over) {
      if (now != no_time) settle(one, now);
      --watched_[one.record.fill.instrument].waiting;
      out.push_back(std::move(one.record));
    } else {
      if (kept != i) waiting_[kept] = std::move(one);
      ++kept;
    }
  }
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(kept), waiting_.end());
}

}  // namespace millrace
