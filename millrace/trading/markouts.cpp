#include "millrace/trading/markouts.h"

#include <algorithm>
#include <utility>

namespace millrace {

void Markouts::add(FillRecord record, double money_per_price) {
  const InstrumentId instrument = record.fill.instrument;
  if (instrument >= watched_.size()) watched_.resize(instrument + 1);
  Watched& at = watched_[instrument];
  at.due = std::min(at.due, record.ts_venue + horizons.front());
  at.fills.push_back(first_ + waiting_.size());
  waiting_.push_back({.record = std::move(record), .money_per_price = money_per_price, .mids_before = at.mids});
  if (waiting_.size() == 1 || waiting_.size() > most_waiting) find_first_due();
}

void Markouts::find_first_due() {
  first_due_ = INT64_MAX;
  if (!waiting_.empty()) first_due_ = waiting_.front().record.ts_venue + horizons.back();
  if (waiting_.size() > most_waiting) first_due_ = no_time;
}

/// The middle that holds for a fill is its own until a newer one comes in.
void Markouts::settle(const Watched& at, Waiting& one, std::size_t horizon) const {
  FillRecord& record = one.record;
  const double mid = at.mids > one.mids_before ? at.mid : record.fill.mid;
  const std::array<double*, 3> values{&record.markout_1s, &record.markout_5s, &record.markout_30s};
  *values[horizon] = static_cast<double>(record.fill.side) * (mid - record.fill.mid) * one.money_per_price;
}

void Markouts::settle_due(Watched& at, Nanos now) {
  at.due = INT64_MAX;
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    for (std::uint64_t& next = at.settled[h]; next - at.gone < at.fills.size(); ++next) {
      Waiting& one = waiting(at.fills[next - at.gone]);
      const Nanos due = one.record.ts_venue + horizons[h];
      if (due >= now) {
        at.due = std::min(at.due, due);
        break;
      }
      settle(at, one, h);
    }
  }
}

void Markouts::take(Nanos now, std::vector<FillRecord>& out) {
  while (!waiting_.empty() && (now == no_time || is_due(now))) {
    Waiting& one = waiting_.front();
    Watched& at = watched_[one.record.fill.instrument];
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      if (at.settled[h] > at.gone) continue;
      if (now != no_time && one.record.ts_venue + horizons[h] < now) settle(at, one, h);
      ++at.settled[h];
    }
    at.fills.pop_front();
    ++at.gone;
    out.push_back(std::move(one.record));
    waiting_.pop_front();
    ++first_;
    find_first_due();
  }
}

}  // namespace millrace
