#include "millrace/kernels/execution/schedule_simulator.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "millrace/base/error.h"
#include "millrace/kernels/numerics/jitter.h"

namespace millrace {

namespace {

using Params = ScheduleSimulator::Params;
using Results = ScheduleSimulator::Results;

struct Schedule {
  double side;  // 1 or -1
  std::span<const Nanos> ts;
  std::span<const double> size, limit_px, queue_ahead;
};

struct Tape {
  std::span<const Nanos> ts;
  std::span<const double> trade_px, trade_size;
  std::span<const std::int64_t> trade_side;
  MatrixView near, near_size;  // our side of the book
  MatrixView far, far_size;    // what we take from
  double mid_of(std::size_t row) const {
    if (!near.is_given() || !far.is_given() || near.columns == 0 || far.columns == 0) return no_value;
    return 0.5 * (near.at(row, 0) + far.at(row, 0));
  }
};

constexpr std::size_t no_row = std::numeric_limits<std::size_t>::max();

/// Prices that are one as decimals.
bool is_same_price(double a, double b) {
  return std::abs(a - b) <= 4.0 * std::numeric_limits<double>::epsilon() * std::abs(b);
}

struct Waiting {
  std::size_t order;
  double limit, rest, queue;
};

class Replay {
 public:
  Replay(const Params& p, const Schedule& schedule, const Tape& tape) : p_(p), schedule_(schedule), tape_(tape) {
    results_.fills.assign(tape.ts.size(), 0.0);
    taken_.assign(tape.far.columns, 0.0);
    for (std::size_t i = 0; i < schedule.ts.size(); ++i) by_time_.push_back(i);
    std::stable_sort(by_time_.begin(), by_time_.end(),
                     [&](std::size_t a, std::size_t b) { return schedule.ts[a] < schedule.ts[b]; });
  }

  Results run() {
    std::size_t next = 0;
    const auto live_at = [&] { return schedule_.ts[by_time_[next]] + p_.latency; };
    for (std::size_t row = 0; row < tape_.ts.size(); ++row) {
      for (; next < by_time_.size() && live_at() < tape_.ts[row]; ++next) go_live(by_time_[next], row - 1);
      trade(row);
    }
    for (; next < by_time_.size() && !tape_.ts.empty() && live_at() <= tape_.ts.back(); ++next) {
      go_live(by_time_[next], tape_.ts.size() - 1);
    }
    finish_cost();
    return std::move(results_);
  }

 private:
  double limit_of(std::size_t order) const {
    return order < schedule_.limit_px.size() ? schedule_.limit_px[order] : no_value;
  }

  /// `row` is the last one at or before; before the first row nothing is known of the book.
  void go_live(std::size_t order, std::size_t row) {
    double rest = schedule_.size[order];
    const double limit = limit_of(order);
    if (row != no_row) rest = take(order, limit, rest, row);
    if (!(rest > 0.0) || std::isnan(limit)) return;
    const auto is_worse = [&](const Waiting& one) { return schedule_.side * (one.limit - limit) < 0.0; };
    waiting_.insert(std::find_if(waiting_.begin(), waiting_.end(), is_worse),
                    {.order = order, .limit = limit, .rest = rest, .queue = queue_of(order, limit, row)});
  }

  /// Takes from the recorded book up to the limit; returns what is left of the order.
  double take(std::size_t order, double limit, double rest, std::size_t row) {
    if (!tape_.far.is_given() || !tape_.far_size.is_given()) return rest;
    if (row != taken_row_) std::fill(taken_.begin(), taken_.end(), 0.0);
    taken_row_ = row;
    const Nanos ts = schedule_.ts[order] + p_.latency;
    for (std::size_t level = 0; level < tape_.far.columns && rest > 0.0; ++level) {
      const double price = tape_.far.at(row, level), shown = tape_.far_size.at(row, level) - taken_[level];
      if (!(price > 0.0) || !(shown > 0.0)) continue;
      double most = std::min(rest, shown);
      const double room = std::isnan(limit) ? most : schedule_.side * (limit - price);
      if (!std::isnan(limit) && room < 0.0 && !is_same_price(price, limit)) break;
      if (!std::isnan(limit) && p_.impact > 0.0) most = std::min(most, room / p_.impact - all_taken_);
      if (!(most > 0.0)) break;
      taken_[level] += most;
      all_taken_ += most;
      rest -= most;
      add({.order = order, .row = row, .ts = ts, .size = most, .is_maker = false},
          price + schedule_.side * p_.impact * all_taken_);
    }
    return rest;
  }

  double queue_of(std::size_t order, double limit, std::size_t row) const {
    if (order < schedule_.queue_ahead.size() && has_value(schedule_.queue_ahead[order])) {
      return schedule_.queue_ahead[order];
    }
    if (p_.queue == ScheduleSimulator::front || row == no_row) return 0.0;
    if (!tape_.near.is_given() || !tape_.near_size.is_given()) return 0.0;
    double shown = 0.0;
    for (std::size_t level = 0; level < tape_.near.columns; ++level) {
      const double size = tape_.near_size.at(row, level);
      if (is_same_price(tape_.near.at(row, level), limit) && size > 0.0) shown += size;
    }
    if (p_.queue == ScheduleSimulator::displayed) return shown;
    return shown * Jitter::uniform(p_.seed, static_cast<std::int64_t>(order));
  }

  /// An opposite aggressor fills the best of our orders first. What it trades with the queue at a price is gone from
  /// the queue of every order of ours there.
  void trade(std::size_t row) {
    if (row >= tape_.trade_px.size() || row >= tape_.trade_size.size() || row >= tape_.trade_side.size()) return;
    const double price = tape_.trade_px[row];
    double left = tape_.trade_size[row];
    if (!(price > 0.0) || !(left > 0.0)) return;
    if (static_cast<double>(tape_.trade_side[row]) != -schedule_.side) return;
    double served = 0.0;
    for (Waiting& order : waiting_) {
      const bool is_at = is_same_price(order.limit, price);
      if (!is_at && schedule_.side * (order.limit - price) < 0.0) break;
      order.queue = is_at ? std::max(0.0, order.queue - served) : 0.0;
      const double ahead = std::min(order.queue, left);
      order.queue -= ahead;
      left -= ahead;
      served += ahead;
      const double size = std::min(order.rest, left);
      if (!(size > 0.0)) continue;
      left -= size;
      order.rest -= size;
      add({.order = order.order, .row = row, .ts = tape_.ts[row], .size = size, .is_maker = true}, order.limit);
    }
    std::erase_if(waiting_, [](const Waiting& order) { return !(order.rest > 0.0); });
  }

  struct Fill {
    std::size_t order, row;
    Nanos ts;
    double size;
    bool is_maker;
  };
  void add(const Fill& fill, double price) {
    results_.fills[fill.row] += fill.size;
    results_.order.push_back(static_cast<std::int64_t>(fill.order));
    results_.ts.push_back(fill.ts);
    results_.price.push_back(price);
    results_.size.push_back(fill.size);
    results_.is_maker.push_back(fill.is_maker ? 1 : 0);
  }

  double mid_when_sent(std::size_t order) const {
    const auto after = std::upper_bound(tape_.ts.begin(), tape_.ts.end(), schedule_.ts[order]);
    if (after == tape_.ts.begin()) return no_value;
    return tape_.mid_of(static_cast<std::size_t>(after - tape_.ts.begin()) - 1);
  }

  void finish_cost() {
    double slip = 0.0, base = 0.0, value = 0.0, fees = 0.0;
    for (std::size_t i = 0; i < results_.size.size(); ++i) {
      const double size = results_.size[i], price = results_.price[i];
      const double mid = mid_when_sent(static_cast<std::size_t>(results_.order[i]));
      slip += schedule_.side * size * (price - mid);
      base += size * mid;
      value += size * price;
      fees += size * price * (results_.is_maker[i] == 1 ? p_.maker_fee_bps : p_.taker_fee_bps);
    }
    results_.cost_bps = base > 0.0 ? 1e4 * slip / base + fees / value : no_value;
  }

  const Params& p_;
  const Schedule& schedule_;
  const Tape& tape_;
  std::vector<std::size_t> by_time_;
  std::vector<Waiting> waiting_;  // the best price first, then the first come
  std::vector<double> taken_;     // by level, from the book of `taken_row_`
  std::size_t taken_row_ = no_row;
  double all_taken_ = 0.0;
  Results results_;
};

void check(const Schedule& schedule, const Tape& tape) {
  const auto& name = ScheduleSimulator::doc.name;
  if (schedule.side == 0.0) fail(Fault::config, "{}: side must be buy or sell, was null", name);
  for (std::size_t i = 0; i < schedule.ts.size(); ++i) {
    if (schedule.ts[i] == no_time) fail(Fault::config, "{}: order_ts[{}] must be a time, was null", name, i);
    if (!(schedule.size[i] > 0.0)) {
      fail(Fault::config, "{}: order_size[{}] must be above 0, was {}", name, i, schedule.size[i]);
    }
    if (i < schedule.limit_px.size() && schedule.limit_px[i] <= 0.0) {
      fail(Fault::config, "{}: limit_px[{}] must be above 0, was {}", name, i, schedule.limit_px[i]);
    }
    if (i < schedule.queue_ahead.size() && schedule.queue_ahead[i] < 0.0) {
      fail(Fault::config, "{}: queue_ahead[{}] must be 0 or more, was {}", name, i, schedule.queue_ahead[i]);
    }
  }
  for (std::size_t row = 0; row < tape.ts.size(); ++row) {
    if (tape.ts[row] != no_time && (row == 0 || tape.ts[row] >= tape.ts[row - 1])) continue;
    fail(Fault::config, "{}: tape_ts[{}] must be a time not before the one above it", name, row);
  }
}

}  // namespace

Results ScheduleSimulator::evaluate(const Params& p, Side side, std::span<const Nanos> order_ts,
                                    std::span<const double> order_size, std::span<const double> limit_px,
                                    std::span<const double> queue_ahead, std::span<const Nanos> tape_ts,
                                    std::span<const double> trade_px, std::span<const double> trade_size,
                                    std::span<const std::int64_t> trade_side, MatrixView bid, MatrixView bid_size,
                                    MatrixView ask, MatrixView ask_size) {
  const bool is_buy = side == Side::buy;
  const Schedule schedule{.side = static_cast<double>(side),
                          .ts = order_ts,
                          .size = order_size,
                          .limit_px = limit_px,
                          .queue_ahead = queue_ahead};
  const Tape tape{.ts = tape_ts,
                  .trade_px = trade_px,
                  .trade_size = trade_size,
                  .trade_side = trade_side,
                  .near = is_buy ? bid : ask,
                  .near_size = is_buy ? bid_size : ask_size,
                  .far = is_buy ? ask : bid,
                  .far_size = is_buy ? ask_size : bid_size};
  check(schedule, tape);
  return Replay(p, schedule, tape).run();
}

}  // namespace millrace
