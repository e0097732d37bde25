#include "millrace/trading/order.h"

#include <array>

namespace millrace {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(OrderReason::end_of_run) + 1> reasons{
    "",
    "stale_data",
    "book_not_sane",
    "price_outlier",
    "price_band",
    "fat_finger",
    "position_limit",
    "loss_limit",
    "rate_limit",
    "circuit_breaker",
    "kill_switch",
    "no_edge",
    "size_below_minimum",
    "short_not_allowed",
    "bad_price",
    "bad_size",
    "below_minimum_notional",
    "insufficient_balance",
    "insufficient_margin",
    "would_take",
    "would_not_reduce",
    "not_fillable",
    "unknown_order",
    "too_many_orders",
    "no_market",
    "by_request",
    "unfilled_rest",
    "self_trade",
    "liquidated",
    "expired",
    "end_of_run",
};
constexpr std::array<std::string_view, 4> types{"market", "limit", "stop", "trailing_stop"};
constexpr std::array<std::string_view, 3> times{"gtc", "ioc", "fok"};

}  // namespace

std::string_view name_of(OrderReason reason) { return reasons[static_cast<std::size_t>(reason)]; }
std::string_view name_of(OrderType type) { return types[static_cast<std::size_t>(type)]; }
std::string_view name_of(TimeInForce time) { return times[static_cast<std::size_t>(time)]; }

}  // namespace millrace
