#include "millrace/trading/guards.h"

#include <cmath>

#include <fmt/format.h>

#include "millrace/kernels/safety/fat_finger_guard.h"
#include "millrace/kernels/safety/price_band_guard.h"

namespace millrace {

namespace {

double value_of(const GuardRequest& request, GuardColumn column) {
  return request.values[static_cast<std::size_t>(column)];
}

/// Null is not zero: it does not pass.
bool is_zero(double value) { return value == 0.0; }

bool is_within_limits(const GuardLimits& limits, const GuardRequest& request) {
  const double equity = request.equity;
  return equity > 0.0 && request.name <= limits.name_max * equity && request.gross <= limits.gross_max * equity &&
         std::abs(request.net) <= limits.net_max * equity;
}

bool passes_fat_finger(const GuardLimits& limits, const GuardRequest& request) {
  const FatFingerGuard::Params params{
      .pct = limits.fat_finger_band, .notional_max = limits.notional_max, .adv_max = limits.adv_share_max};
  const double volume = value_of(request, GuardColumn::volume_24h);
  // The unit of sizes differs between contracts and base assets: notional over price is base in all.
  const double size = request.spec->notional(request.order->size, request.price) / request.price;
  return FatFingerGuard::update(params, request.price, size, request.reference, volume) == 1.0;
}

}  // namespace

std::vector<Definition> guard_definitions(const GuardLimits& limits) {
  return {
      {.name = "guard_is_stale",
       .expression = fmt::format("stale_quote_detector(ts_event, ts_recv, bid, ask, max_age={}).is_stale",
                                 format_duration(limits.quote_age_max))},
      {.name = "guard_book_state", .expression = "book_state(bid, ask)"},
      {.name = "guard_outlier", .expression = "outlier_flag_mad(price, window=100, k=3, tick=instrument)"},
      {.name = "guard_breaker",
       .expression = fmt::format("circuit_breaker(price, pct={}, ref_window={}, cooldown={})", limits.breaker_band,
                                 format_duration(limits.breaker_window), format_duration(limits.breaker_cooldown))},
      {.name = "guard_volume_24h", .expression = "vol_24h"},
  };
}

OrderReason first_objection(const GuardLimits& limits, const GuardScope& scope, const GuardRequest& request) {
  if (scope.has_quotes && !request.is_reducing && !is_zero(value_of(request, GuardColumn::is_stale))) {
    return OrderReason::stale_data;
  }
  if (scope.has_quotes && !is_zero(value_of(request, GuardColumn::book_state))) return OrderReason::book_not_sane;
  if (!request.is_reducing && !is_zero(value_of(request, GuardColumn::outlier))) return OrderReason::price_outlier;
  const PriceBandGuard::Params band{.pct = limits.price_band};
  if (PriceBandGuard::update(band, request.price, request.reference) != 1.0) return OrderReason::price_band;
  if (!passes_fat_finger(limits, request)) return OrderReason::fat_finger;
  if (!request.is_reducing) {
    if (!is_within_limits(limits, request)) return OrderReason::position_limit;
    const double loss = request.day_start_equity - request.equity;
    if (!(loss <= limits.daily_loss_max * request.day_start_equity)) return OrderReason::loss_limit;
    if (!is_zero(value_of(request, GuardColumn::breaker))) return OrderReason::circuit_breaker;
    if (request.is_killed) return OrderReason::kill_switch;
  }
  return OrderReason::none;
}

bool Throttle::take(ThrottleCheck::State& state, double rate, Nanos now) {
  return ThrottleCheck::update({.rate = rate}, state, now, Now{.clock = now}) == 1.0;
}

bool Throttle::passes_order(Nanos now) {
  ThrottleCheck::State orders = orders_;
  if (!take(orders, limits_.rate_per_s * (1.0 - limits_.cancel_reserve), now)) return false;
  if (!take(all_, limits_.rate_per_s, now)) return false;
  orders_ = orders;
  return true;
}

bool Throttle::passes_cancel(Nanos now) { return take(all_, limits_.rate_per_s, now); }

}  // namespace millrace
