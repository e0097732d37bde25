#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "millrace/base/random.h"
#include "tests/sim/scripted_venue.h"

namespace millrace::testing {

/// What is asked of the venue at a time, whatever came before.
struct Action {
  enum class Kind : std::uint8_t { submit, cancel, amend };
  Nanos at = no_time;
  Kind kind = Kind::submit;
  Order order;  // of a cancel its id; of an amend id, limit and size
};

/// A market of the scripted venue's three instruments and what is done in it, all from a seed; each row has a time of
/// its own. Rows and actions before a time depend on nothing after it.
struct RandomTape {
  std::vector<MarketRow> rows;
  std::vector<Action> actions;
};

class TapeMaker {
 public:
  explicit TapeMaker(std::uint64_t seed) : random_(seed) {
    for (InstrumentId i = 0; i < 3; ++i) {
      MarketRow& row = market_[i];
      row.instrument = i;
      row.mark_price = i == 0 ? no_value : mid_[i];
      quote(row);
      row.price = row.bid;
    }
  }

  /// Goes on until `count` rows are there; from row `fork` on with other random numbers.
  RandomTape make(std::size_t count, double actions_per_row, std::size_t fork = SIZE_MAX, std::uint64_t other = 0) {
    RandomTape tape;
    while (tape.rows.size() < count) {
      if (tape.rows.size() == fork) random_ = Random(other);
      now_ += 2 * one_ms + static_cast<Nanos>(20e6 * random_.exponential());
      const auto instrument = static_cast<InstrumentId>(below(3));
      MarketRow& row = market_[instrument];
      change(row);
      row.ts_event = now_;
      row.ts_recv = now_ + 1 + below(30) * one_ms;
      tape.rows.push_back(row);
      double wanted = actions_per_row;
      for (; wanted > 0.0; --wanted) {
        if (random_.uniform() < wanted) tape.actions.push_back(action());
      }
    }
    return tape;
  }

 private:
  std::int64_t below(std::int64_t count) { return static_cast<std::int64_t>(random_.uniform() * double(count)); }

  void quote(MarketRow& row) {
    const double mid = mid_[row.instrument];
    const auto half = static_cast<double>(1 + below(3));
    row.bid = std::floor(mid) - half + 1;
    row.ask = std::ceil(mid) + half - 1 + (std::floor(mid) == std::ceil(mid) ? 1 : 0);
    row.bid_size = static_cast<double>(1 + below(40));
    row.ask_size = static_cast<double>(1 + below(40));
  }

  void change(MarketRow& row) {
    double& mid = mid_[row.instrument];
    row.size = no_value;
    row.side = Side::unknown;
    const double kind = random_.uniform();
    if (kind < 0.5) {
      row.kind = Kind::quote;
      mid = std::clamp(mid + 1.5 * random_.gaussian(), 500.0, 2000.0);
      quote(row);
    } else if (kind < 0.95) {
      row.kind = Kind::trade;
      const bool is_buy = random_.uniform() < 0.5;
      if (random_.uniform() < 0.9) row.side = is_buy ? Side::buy : Side::sell;
      const auto through = static_cast<double>(std::max<std::int64_t>(below(6) - 3, 0));
      row.price = is_buy ? row.ask + through : row.bid - through;
      row.size = static_cast<double>(1 + below(30));
    } else if (kind < 0.98) {
      row.kind = Kind::ticker;
      quote(row);
    } else {
      row.kind = Kind::gap;
    }
    if (row.instrument == 0) return;
    row.mark_price = mid + 0.5 * random_.gaussian();
    if (row.instrument != 1 || now_ < row.next_funding_ns) return;
    row.funding_rate = 0.0005 * random_.gaussian();
    row.next_funding_ns = (now_ / (10 * one_second) + 1) * 10 * one_second;
  }

  Action action() {
    Action made{.at = now_ + 1 + below(5) * 100'000};
    made.at = last_action_ = std::max(last_action_ + 1, made.at);
    const double kind = random_.uniform();
    made.order.instrument = static_cast<InstrumentId>(below(3));
    const auto mid = static_cast<Ticks>(mid_[made.order.instrument]);
    if (kind < 0.35 && next_ > 1) {
      made.kind = kind < 0.25 ? Action::Kind::cancel : Action::Kind::amend;
      made.order.id = static_cast<OrderId>(std::max<std::int64_t>(1, static_cast<std::int64_t>(next_) - 1 - below(30)));
      made.order.limit = mid - 8 + below(17);
      made.order.size = below(20);
      return made;
    }
    constexpr OrderType types[] = {OrderType::limit,  OrderType::limit, OrderType::limit,        OrderType::limit,
                                   OrderType::market, OrderType::stop,  OrderType::trailing_stop};
    constexpr TimeInForce times[] = {TimeInForce::gtc, TimeInForce::gtc, TimeInForce::ioc, TimeInForce::fok};
    made.order.id = next_++;
    made.order.type = types[below(7)];
    made.order.time_in_force = times[below(4)];
    made.order.side = random_.uniform() < 0.5 ? Side::buy : Side::sell;
    made.order.size = below(25);
    made.order.limit = made.order.trigger = mid - 8 + below(17);
    made.order.trail = 1 + below(6);
    made.order.is_post_only = made.order.type == OrderType::limit && random_.uniform() < 0.3;
    made.order.is_reduce_only = random_.uniform() < 0.15;
    made.order.sent = made.at;
    return made;
  }

  Random random_;
  MarketRow market_[3];
  double mid_[3] = {1000.0, 1000.0, 1000.0};
  Nanos now_ = one_second, last_action_ = 0;
  OrderId next_ = 1;
};

}  // namespace millrace::testing
