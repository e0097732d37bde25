#include "millrace/kernels/execution/schedule_simulator.h"

#include <algorithm>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/base/random.h"
#include "millrace/kernels/numerics/jitter.h"

namespace millrace::testing {
namespace {

/// Whole sizes on a grid of prices, so that a second opinion can go unit by unit.
struct World {
  Side side = Side::buy;
  std::vector<Nanos> order_ts, tape_ts;
  std::vector<double> order_size, limit_px, queue_ahead, trade_px, trade_size;
  std::vector<std::int64_t> trade_side;
  Matrix bid, bid_size, ask, ask_size;

  static MatrixView view(const Matrix& m) { return {m.values.data(), m.rows, m.columns}; }
  ScheduleSimulator::Results run(const ScheduleSimulator::Params& p) const {
    return ScheduleSimulator::evaluate(p, side, order_ts, order_size, limit_px, queue_ahead, tape_ts, trade_px,
                                       trade_size, trade_side, view(bid), view(bid_size), view(ask), view(ask_size));
  }
};

World random_world(std::uint64_t seed, std::size_t rows = 200, std::size_t orders = 12) {
  Random random(seed);
  const auto whole = [&](double most) { return std::floor(random.uniform() * most); };
  World w;
  w.side = random.uniform() < 0.5 ? Side::buy : Side::sell;
  w.bid = w.bid_size = w.ask = w.ask_size = Matrix(rows, 3);
  double middle = 100.0;
  Nanos ts = 1'000'000'000;
  for (std::size_t row = 0; row < rows; ++row) {
    ts += static_cast<Nanos>(whole(3.0)) * 100'000'000;  // some rows share a time
    middle += std::round(random.gaussian() * 0.7);
    w.tape_ts.push_back(ts);
    for (std::size_t level = 0; level < 3; ++level) {
      w.bid.at(row, level) = middle - 1.0 - static_cast<double>(level);
      w.ask.at(row, level) = middle + 1.0 + static_cast<double>(level);
      w.bid_size.at(row, level) = whole(6.0);
      w.ask_size.at(row, level) = whole(6.0);
    }
    const bool has_trade = random.uniform() < 0.7;
    w.trade_px.push_back(has_trade ? middle + whole(5.0) - 2.0 : no_value);
    w.trade_size.push_back(has_trade ? whole(8.0) : no_value);
    w.trade_side.push_back(static_cast<std::int64_t>(whole(3.0)) - 1);
  }
  for (std::size_t i = 0; i < orders; ++i) {
    const auto near = static_cast<std::size_t>(whole(static_cast<double>(rows)));
    w.order_ts.push_back(w.tape_ts[near] + static_cast<Nanos>(whole(2.0)) * 50'000'000);
    w.order_size.push_back(1.0 + whole(12.0));
    w.limit_px.push_back(random.uniform() < 0.15 ? no_value : w.bid.at(near, 0) + whole(5.0) - 1.0);
    w.queue_ahead.push_back(random.uniform() < 0.3 ? whole(5.0) : no_value);
  }
  return w;
}

struct UnitFill {
  std::size_t order, row;
  double price;
  bool is_maker;
};

/// The definition, one unit of size at a time.
class UnitByUnit {
 public:
  UnitByUnit(const World& world, Nanos latency) : w_(world), latency_(latency), is_live_(world.order_ts.size(), false) {
    rest_ = world.order_size;
    queue_.assign(rest_.size(), 0.0);
  }

  std::vector<UnitFill> run() {
    for (std::size_t row = 0; row < w_.tape_ts.size(); ++row) {
      ask_ = sizes(is_buy() ? w_.ask_size : w_.bid_size, row);
      if (row > 0) {
        ask_ = sizes(is_buy() ? w_.ask_size : w_.bid_size, row - 1);
        wake(row - 1, [&](Nanos live) { return live >= w_.tape_ts[row - 1] && live < w_.tape_ts[row]; });
      } else {
        wake(w_.tape_ts.size(), [&](Nanos live) { return live < w_.tape_ts[0]; });
      }
      trade(row);
    }
    const std::size_t last = w_.tape_ts.size() - 1;
    ask_ = sizes(is_buy() ? w_.ask_size : w_.bid_size, last);
    wake(last, [&](Nanos live) { return live == w_.tape_ts[last]; });
    return fills_;
  }

 private:
  bool is_buy() const { return w_.side == Side::buy; }
  double sign() const { return is_buy() ? 1.0 : -1.0; }
  static std::vector<double> sizes(const Matrix& m, std::size_t row) {
    return {m.values.begin() + static_cast<std::ptrdiff_t>(row * m.columns),
            m.values.begin() + static_cast<std::ptrdiff_t>((row + 1) * m.columns)};
  }
  static double at(const Matrix& m, std::size_t row, std::size_t level) { return m.values[row * m.columns + level]; }

  template <class When>
  void wake(std::size_t row, When when) {
    std::vector<std::size_t> order(rest_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return w_.order_ts[a] < w_.order_ts[b]; });
    for (const std::size_t i : order) {
      if (is_live_[i] || !when(w_.order_ts[i] + latency_)) continue;
      is_live_[i] = true;
      arrivals_.push_back(i);
      const bool has_book = row < w_.tape_ts.size();
      for (std::size_t level = 0; has_book && level < ask_.size(); ++level) {
        const double price = at(is_buy() ? w_.ask : w_.bid, row, level);
        while (ask_[level] > 0 && rest_[i] > 0 && !(sign() * (w_.limit_px[i] - price) < 0)) {
          ask_[level] -= 1;
          rest_[i] -= 1;
          fills_.push_back({i, row, price, false});
        }
      }
      if (std::isnan(w_.limit_px[i])) rest_[i] = 0;
      for (std::size_t level = 0; has_book && level < ask_.size(); ++level) {
        if (at(is_buy() ? w_.bid : w_.ask, row, level) == w_.limit_px[i]) {
          queue_[i] = at(is_buy() ? w_.bid_size : w_.ask_size, row, level);
        }
      }
      if (!std::isnan(w_.queue_ahead[i])) queue_[i] = w_.queue_ahead[i];
    }
  }

  void trade(std::size_t row) {
    const double price = w_.trade_px[row];
    if (std::isnan(price) || static_cast<double>(w_.trade_side[row]) != -sign()) return;
    for (const std::size_t i : arrivals_) {
      if (sign() * (w_.limit_px[i] - price) > 0) queue_[i] = w_.trade_size[row] > 0 ? 0 : queue_[i];
    }
    for (double unit = 0; unit < w_.trade_size[row]; unit += 1) serve_one(row, price);
  }

  void serve_one(std::size_t row, double price) {
    std::vector<std::size_t> ours;
    for (const std::size_t i : arrivals_) {
      if (rest_[i] > 0 && sign() * (w_.limit_px[i] - price) >= 0) ours.push_back(i);
    }
    std::stable_sort(ours.begin(), ours.end(),
                     [&](auto a, auto b) { return sign() * w_.limit_px[a] > sign() * w_.limit_px[b]; });
    for (const std::size_t i : ours) {
      if (queue_[i] > 0) {
        for (const std::size_t other : ours) {
          if (w_.limit_px[other] == w_.limit_px[i] && queue_[other] > 0) queue_[other] -= 1;
        }
        return;
      }
      rest_[i] -= 1;
      fills_.push_back({i, row, w_.limit_px[i], true});
      return;
    }
  }

  const World& w_;
  Nanos latency_;
  std::vector<bool> is_live_;
  std::vector<std::size_t> arrivals_;
  std::vector<double> rest_, queue_, ask_;
  std::vector<UnitFill> fills_;
};

TEST(ScheduleSimulator, FillsAsUnitByUnit) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const World w = random_world(seed);
    const auto results = w.run({.latency = 70'000'000});
    std::vector<double> by_row(w.tape_ts.size(), 0.0), by_order(w.order_ts.size(), 0.0), value(w.order_ts.size(), 0.0);
    for (const UnitFill& fill : UnitByUnit(w, 70'000'000).run()) {
      by_row[fill.row] += 1;
      by_order[fill.order] += 1;
      value[fill.order] += fill.price;
    }
    EXPECT_EQ(results.fills, by_row) << "seed " << seed;
    for (std::size_t i = 0; i < results.size.size(); ++i) {
      const auto order = static_cast<std::size_t>(results.order[i]);
      by_order[order] -= results.size[i];
      value[order] -= results.size[i] * results.price[i];
    }
    EXPECT_THAT(by_order, ::testing::Each(0.0)) << "seed " << seed;
    EXPECT_THAT(value, ::testing::Each(0.0)) << "seed " << seed;
  }
}

TEST(ScheduleSimulator, GivesOutNoSizeTwiceAndNothingEarlyOrBeyondALimit) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const World w = random_world(seed);
    const double sign = w.side == Side::buy ? 1.0 : -1.0;
    for (const double impact : {0.0, 0.05}) {
      const auto results =
          w.run({.latency = 1'000'000, .queue = ScheduleSimulator::uniform, .impact = impact, .seed = 9});
      std::vector<double> made(w.tape_ts.size(), 0.0), taken(w.tape_ts.size(), 0.0), filled(w.order_ts.size(), 0.0);
      for (std::size_t i = 0; i < results.size.size(); ++i) {
        const auto order = static_cast<std::size_t>(results.order[i]);
        filled[order] += results.size[i];
        EXPECT_GE(results.ts[i], w.order_ts[order] + 1'000'000);
        EXPECT_FALSE(sign * (w.limit_px[order] - results.price[i]) < -1e-12);
        const auto after = std::upper_bound(w.tape_ts.begin(), w.tape_ts.end(), results.ts[i]);
        if (results.is_maker[i] == 0) taken[static_cast<std::size_t>(after - w.tape_ts.begin()) - 1] += results.size[i];
      }
      for (std::size_t row = 0; row < w.tape_ts.size(); ++row) {
        const double shown =
            w.side == Side::buy
                ? w.ask_size.values[row * 3] + w.ask_size.values[row * 3 + 1] + w.ask_size.values[row * 3 + 2]
                : w.bid_size.values[row * 3] + w.bid_size.values[row * 3 + 1] + w.bid_size.values[row * 3 + 2];
        EXPECT_LE(taken[row], shown);
        const double traded = std::isnan(w.trade_size[row]) ? 0.0 : w.trade_size[row];
        EXPECT_LE(results.fills[row] - taken[row], traded + 1e-12);
      }
      for (std::size_t i = 0; i < filled.size(); ++i) EXPECT_LE(filled[i], w.order_size[i] + 1e-12);
    }
  }
}

TEST(ScheduleSimulator, ImpactMovesLaterTakesAgainstUs) {
  World w;
  w.order_ts = {0, 1'000};
  w.order_size = {2.0, 1.0};
  w.tape_ts = {0, 500};
  w.bid = w.bid_size = w.ask = w.ask_size = Matrix(2, 1, 10.0);
  w.bid = Matrix(2, 1, 99.0);
  w.ask = Matrix(2, 1, 101.0);
  w.tape_ts.push_back(5'000);
  for (Matrix* m : {&w.bid, &w.ask, &w.bid_size, &w.ask_size}) {
    m->values.push_back(m->values.back());
    m->rows = 3;
  }
  const auto results = w.run({.latency = 1, .impact = 0.5});
  EXPECT_THAT(results.price, ::testing::ElementsAre(102.0, 102.5));  // 101 + 0.5 * 2, 101 + 0.5 * 3
  EXPECT_NEAR(results.cost_bps, 1e4 * (2.0 * 2.0 + 2.5) / 300.0, 1e-9);
}

TEST(ScheduleSimulator, StandsBehindAllAPartOrNothingOfWhatIsShown) {
  World w;
  w.order_ts = {0};
  w.order_size = {4.0};
  w.limit_px = {99.0};
  w.tape_ts = {0, 10'000};
  w.bid = Matrix(2, 1, 99.0);
  w.ask = Matrix(2, 1, 101.0);
  w.bid_size = w.ask_size = Matrix(2, 1, 8.0);
  w.trade_px = {no_value, 99.0};
  w.trade_size = {no_value, 10.0};
  w.trade_side = {0, -1};
  EXPECT_EQ(w.run({.latency = 1, .queue = ScheduleSimulator::displayed}).fills[1], 2.0);
  EXPECT_EQ(w.run({.latency = 1, .queue = ScheduleSimulator::front}).fills[1], 4.0);
  for (std::int64_t seed = 0; seed < 20; ++seed) {
    const double ahead = 8.0 * Jitter::uniform(seed, 0);
    EXPECT_NEAR(w.run({.latency = 1, .queue = ScheduleSimulator::uniform, .seed = seed}).fills[1],
                std::min(4.0, 10.0 - ahead), 1e-12);
  }
}

TEST(ScheduleSimulator, RefusesATapeThatStepsBackAndOrdersWithoutSize) {
  World w = random_world(1);
  std::swap(w.tape_ts.front(), w.tape_ts.back());
  EXPECT_THROW(w.run({.latency = 1}), Error);
  w = random_world(1);
  w.order_size[3] = 0.0;
  EXPECT_THROW(w.run({.latency = 1}), Error);
  w = random_world(1);
  w.side = Side::unknown;
  EXPECT_THROW(w.run({.latency = 1}), Error);
}

}  // namespace
}  // namespace millrace::testing
