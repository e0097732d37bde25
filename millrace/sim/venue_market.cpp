#include "millrace/sim/venue_market.h"

#include <algorithm>
#include <cmath>

namespace millrace {

void Activity::sample(const MarketRow& row) {
  const double mark = row.has_quote() ? 0.5 * (row.bid + row.ask) : row.price;
  if (!(mark > 0.0)) return;
  if (mark_ > 0.0) {
    const double change = std::log(mark / mark_);
    squares_ += change * change;
    ++samples_;
  } else {
    start_ = row.ts_event;
    volume_ = 0.0;
  }
  mark_ = mark;
  latest_ = row.ts_event;
  next_sample_ = row.ts_event + step;
}

double Activity::sigma_day() const { return samples_ < least_samples ? no_value : std::sqrt(squares_ / days()); }

double Activity::volume_day() const { return samples_ < least_samples ? no_value : volume_ / days(); }

double VenueMarket::touch(Side side) const {
  // In a crossed book the worse of its two prices.
  return side == Side::buy ? std::max(row.bid, row.ask) : std::min(row.bid, row.ask);
}

ImpactLaw VenueMarket::impact(const InstrumentSpec& spec, double y, double assumed_bps) const {
  // Venues give the day's volume of an inverse contract in contracts or in base: what we saw is in contracts.
  const bool is_given = row.vol_24h > 0.0 && spec.contract != Contract::inverse;
  return {.y = y,
          .sigma_day = activity.sigma_day(),
          .volume_day = is_given ? row.vol_24h : activity.volume_day(),
          .assumed = 1e-4 * assumed_bps};
}

}  // namespace millrace
