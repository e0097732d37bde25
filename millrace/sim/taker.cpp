#include "millrace/sim/taker.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/trading/impact.h"

namespace millrace {

namespace {

constexpr double boundless = std::numeric_limits<double>::infinity();

bool is_within(Side side, Ticks price, Ticks limit) { return side == Side::buy ? price <= limit : price >= limit; }

/// The share by which `limit` is worse than the touch.
double room_of(const TakerMarket& market, const InstrumentSpec& spec, Ticks limit) {
  const double touch = spec.price(market.touch), end = spec.price(limit);
  return market.side == Side::buy ? end / touch - 1.0 : touch / end - 1.0;
}

}  // namespace

double ImpactLaw::share(double size) const {
  return is_known() ? 1e-4 * impact_bps(size, volume_day, sigma_day, y) : assumed;
}

double ImpactLaw::size_within(double room) const {
  if (!is_known()) return room >= assumed ? boundless : 0.0;
  const double one = y * sigma_day;  // the share of a day's volume
  if (one == 0.0) return boundless;
  return volume_day * (room / one) * (room / one);
}

TakerPlan plan_taker(const TakerMarket& market, const InstrumentSpec& spec, Lots left, std::optional<Ticks> limit) {
  TakerPlan plan;
  if (market.touch <= 0 || (limit && !is_within(market.side, market.touch, *limit))) return plan;
  plan.touch = {.size = std::min(left, std::max<Lots>(market.displayed, 0)), .price = market.touch};
  Lots rest = left - plan.touch.size;
  if (limit) {
    const double most = market.impact.size_within(room_of(market, spec, *limit));
    const auto lots = spec.lots(most);
    if (most != boundless && lots) rest = std::min(rest, std::max<Lots>(*lots - market.beyond, 0));
  }
  if (rest <= 0) return plan;
  const double share = market.impact.share(spec.size(market.beyond + rest));
  const double touch = spec.price(market.touch);
  const auto price =
      market.side == Side::buy ? spec.ticks_up(touch * (1.0 + share)) : spec.ticks_down(touch / (1.0 + share));
  if (!price) return plan;  // nobody buys for less than one step
  plan.beyond = {.size = rest, .price = *price};
  if (limit && !is_within(market.side, *price, *limit)) plan.beyond.price = *limit;  // by the rounding alone
  return plan;
}

}  // namespace millrace
