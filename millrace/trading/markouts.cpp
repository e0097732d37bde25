#include "millrace/trading/markouts.h"

#include <utility>

namespace millrace {

void Markouts::add(FillRecord record, double money_per_price) {
  const double mid = record.fill.mid;
  const InstrumentId instrument = record.fill.instrument;
  if (instrument >= counts_.size()) counts_.resize(instrument + 1, 0);
  ++counts_[instrument];
  waiting_.push_back({.record = std::move(record), .money_per_price = money_per_price, .mid = mid});
}

void Markouts::settle(Waiting& one, Nanos now) {
  const std::array<double*, 3> values{&one.record.markout_1s, &one.record.markout_5s, &one.record.markout_30s};
  while (one.next < horizons.size() && one.record.ts_venue + horizons[one.next] < now) {
    *values[one.next++] =
        static_cast<double>(one.record.fill.side) * (one.mid - one.record.fill.mid) * one.money_per_price;
  }
}

void Markouts::on_mid(InstrumentId instrument, double mid, Nanos now) {
  for (Waiting& one : waiting_) {
    if (one.record.fill.instrument != instrument) continue;
    settle(one, now);
    one.mid = mid;
  }
}

void Markouts::take(Nanos now, std::vector<FillRecord>& out) {
  std::size_t kept = 0;
  const std::size_t spare = waiting_.size() > most_waiting ? waiting_.size() - most_waiting : 0;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    Waiting& one = waiting_[i];
    const bool is_over = now == no_time || one.record.ts_venue + horizons.back() < now || i < spare;
    if (is_over) {
      if (now != no_time) settle(one, now);
      --counts_[one.record.fill.instrument];
      out.push_back(std::move(one.record));
    } else {
      if (kept != i) waiting_[kept] = std::move(one);
      ++kept;
    }
  }
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(kept), waiting_.end());
}

}  // namespace millrace
