#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "millrace/graph/feature_set.h"
#include "millrace/kernels/safety/throttle_check.h"
#include "millrace/trading/instrument_spec.h"
#include "millrace/trading/order.h"

namespace millrace {

/// What stops an order. Shares are of the account's equity.
struct GuardLimits {
  Nanos quote_age_max = one_second;
  double price_band = 0.05;       // of the middle
  double fat_finger_band = 0.10;  // of the middle
  double notional_max = 1e6;      // of one order, in the quote asset
  double adv_share_max = 0.01;    // of the 24 h volume, where it is known
  double name_max = 0.25, gross_max = 1.0, net_max = 0.5;
  double daily_loss_max = 0.05;  // share of the equity at 00:00 UTC; more stop entries for the day
  double kill_loss_max = 0.10;   // the same; more stop all trading
  double var_max = 0.02;  // share of the equity: what one of the last 100 equity steps in 20 loses; more stop trading
  Nanos clock_offset_max = 500'000'000;  // of our clock against a venue's, live; more stop all trading
  double rate_per_s = 100.0;             // requests to a venue
  double cancel_reserve = 0.2;           // of the rate, which only cancels may use
  double breaker_band = 0.05;
  Nanos breaker_window = 300 * one_second, breaker_cooldown = 300 * one_second;
  std::uint32_t rejects_max = 50;  // within a minute; more stop all trading
};

/// Features that the guards read on every row, in this order, as `guard_*` columns of the plan.
enum class GuardColumn : std::uint8_t { is_stale, book_state, outlier, breaker, volume_24h };
inline constexpr std::size_t guard_columns = 5;
std::vector<Definition> guard_definitions(const GuardLimits& limits);
constexpr std::string_view guard_prefix = "guard_";

/// Their values on the newest row of an instrument; NaN = null, which never passes.
using GuardValues = std::array<double, guard_columns>;

/// Which guards make sense: an input without quotes cannot have stale ones. The run says which are off.
struct GuardScope {
  bool has_quotes = true;
};

/// What an order is judged by.
struct GuardRequest {
  const OrderRequest* order = nullptr;
  const InstrumentSpec* spec = nullptr;
  bool is_reducing = false;     // makes a position smaller, never turns it
  double price = no_value;      // the limit, or the touch that a market order meets
  double reference = no_value;  // middle of the newest quote, or the last price
  GuardValues values{};
  double equity = 0.0, day_start_equity = 0.0;  // in the account's asset, as what follows
  double notional = 0.0;                        // of the order
  double name = 0.0, gross = 0.0, net = 0.0;    // exposures with this order and all open ones filled; net signed
  bool is_killed = false;
};

/// The checks that look at one request and remember nothing, in the order of the pipeline: the first that stops it.
/// Rates are the throttle's, which counts requests that got so far.
OrderReason first_objection(const GuardLimits& limits, const GuardScope& scope, const GuardRequest& request);

/// Requests to one venue within its rate. Cancels may use all of it, others leave a reserve.
class Throttle {
 public:
  explicit Throttle(const GuardLimits& limits) : limits_(limits) {}
  bool passes_order(Nanos now);
  bool passes_cancel(Nanos now);

 private:
  bool take(ThrottleCheck::State& state, double rate, Nanos now);

  const GuardLimits& limits_;
  ThrottleCheck::State all_, orders_;
};

}  // namespace millrace
