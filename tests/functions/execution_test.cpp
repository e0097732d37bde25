#include <numeric>
#include <optional>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/base/random.h"
#include "millrace/kernels/execution/iceberg_slicer.h"
#include "millrace/kernels/execution/implementation_shortfall.h"
#include "millrace/kernels/execution/optimal_ac_schedule.h"
#include "millrace/kernels/execution/pov.h"
#include "millrace/kernels/execution/slippage_decomposition.h"
#include "millrace/kernels/execution/smart_order_router.h"
#include "millrace/kernels/execution/twap_slices.h"

namespace millrace::testing {
namespace {

using Real = long double;

double sum_of(const std::vector<double>& x) { return std::accumulate(x.begin(), x.end(), 0.0); }

/// Holdings by the paper's difference equation, x_(j-1) - 2 x_j + x_(j+1) = (kappa~ tau)^2 x_j, solved as a tridiagonal
/// system from x_0 = Q and x_N = 0.
std::vector<Real> holdings_by_recurrence(const OptimalAcSchedule::Params& p, Real quantity, Real horizon) {
  const auto n = static_cast<std::size_t>(p.slices);
  const Real tau = horizon / static_cast<Real>(n), temporary = p.eta - p.gamma * tau / 2;
  const Real diagonal = 2 + Real(p.lambda) * p.sigma * p.sigma * tau * tau / temporary;
  std::vector<Real> upper(n + 1), right(n + 1), x(n + 1);
  right[0] = x[0] = quantity;
  for (std::size_t j = 1; j < n; ++j) {  // x_j = upper_j x_(j+1) + right_j
    const Real pivot = diagonal - upper[j - 1];
    upper[j] = 1 / pivot;
    right[j] = right[j - 1] / pivot;
  }
  for (std::size_t j = n; j-- > 1;) x[j] = upper[j] * x[j + 1] + right[j];
  return x;
}

TEST(OptimalAcSchedule, SolvesTheDifferenceEquationOfThePaper) {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    const OptimalAcSchedule::Params p{.slices = 1 + static_cast<std::int64_t>(random.uniform() * 60),
                                      .sigma = 2.0 * random.uniform(),
                                      .lambda = std::pow(10.0, -8.0 + 6.0 * random.uniform()),
                                      .gamma = 1e-7 * random.uniform(),
                                      .eta = 1e-6 + 1e-5 * random.uniform()};
    const double quantity = 1e6 * random.gaussian(), horizon = 0.5 + 8.0 * random.uniform();
    const auto expected = holdings_by_recurrence(p, quantity, horizon);
    const auto results = OptimalAcSchedule::evaluate(p, quantity, horizon);
    ASSERT_EQ(results.holdings.size(), expected.size());
    for (std::size_t j = 0; j < expected.size(); ++j) {
      EXPECT_NEAR(results.holdings[j], static_cast<double>(expected[j]), 1e-12 * std::abs(quantity)) << j;
    }
    EXPECT_NEAR(sum_of(results.trades), quantity, 1e-12 * std::abs(quantity));
  }
}

/// The paper's expected cost plus lambda times its variance, (7) and (8) of it.
Real cost_of(const OptimalAcSchedule::Params& p, Real quantity, Real horizon, const std::vector<double>& holdings) {
  const Real tau = horizon / static_cast<Real>(p.slices);
  Real cost = p.gamma * quantity * quantity / 2;
  for (std::size_t j = 1; j < holdings.size(); ++j) {
    const Real trade = Real(holdings[j - 1]) - holdings[j];
    cost += (p.eta - p.gamma * tau / 2) / tau * trade * trade;
    cost += Real(p.lambda) * p.sigma * p.sigma * tau * holdings[j] * holdings[j];
  }
  return cost;
}

TEST(OptimalAcSchedule, IsCheaperThanAnyScheduleNearIt) {
  const OptimalAcSchedule::Params p{.slices = 10, .sigma = 0.95, .lambda = 1e-6, .gamma = 2.5e-7, .eta = 2.5e-6};
  const auto best = OptimalAcSchedule::evaluate(p, 1e6, 5.0).holdings;
  Random random(2);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> other = best;
    for (std::size_t j = 1; j + 1 < other.size(); ++j) other[j] += 1e4 * random.gaussian();
    EXPECT_LT(cost_of(p, 1e6, 5.0, best), cost_of(p, 1e6, 5.0, other));
  }
}

TEST(OptimalAcSchedule, DoesNotOverflowAndRefusesWhatHasNoSolution) {
  const OptimalAcSchedule::Params urgent{.slices = 100, .sigma = 1e3, .lambda = 1e9, .gamma = 0, .eta = 1e-9};
  const auto results = OptimalAcSchedule::evaluate(urgent, 1e6, 1e6);
  EXPECT_EQ(results.holdings.front(), 1e6);
  EXPECT_EQ(results.trades.front(), 1e6);
  EXPECT_EQ(results.holdings.back(), 0.0);
  const OptimalAcSchedule::Params steep{.slices = 1, .sigma = 1, .lambda = 1, .gamma = 2, .eta = 1};
  EXPECT_THROW(OptimalAcSchedule::evaluate(steep, 1.0, 1.0), Error);
  EXPECT_THROW(OptimalAcSchedule::evaluate(urgent, 1.0, 0.0), Error);
  EXPECT_THROW(OptimalAcSchedule::evaluate(urgent, no_value, 1.0), Error);
}

// The first outputs for seed 1234567, as published with the reference implementation (Vigna, splitmix64.c).
TEST(Jitter, IsSplitmix64) {
  EXPECT_EQ(Jitter::bits(1234567, 0), 6457827717110365317U);
  EXPECT_EQ(Jitter::bits(1234567, 1), 3203168211198807973U);
  EXPECT_EQ(Jitter::bits(1234567, 2), 9817491932198370423U);
}

TEST(TwapSlices, AddUpToTheQuantityAndKeepWithinTheJitter) {
  for (std::int64_t seed = 0; seed < 50; ++seed) {
    const TwapSlices::Params p{.slices = 20, .jitter = 0.3, .seed = seed};
    const auto slices = TwapSlices::evaluate(p, -7.0, no_time, no_time).slices;
    EXPECT_NEAR(sum_of(slices), -7.0, 1e-13);
    double rest = 7.0;
    for (std::size_t i = 0; i + 1 < slices.size(); ++i) {
      const double u = Jitter::uniform(seed, static_cast<std::int64_t>(i));
      EXPECT_NEAR(slices[i], -std::min(rest, 0.35 * (1.0 + 0.3 * (2.0 * u - 1.0))), 1e-13);
      rest += slices[i];
    }
  }
  for (std::int64_t seed = 0; seed < 200; ++seed) {  // never more than the quantity, however wild
    const TwapSlices::Params p{.slices = 3, .jitter = 0.999, .seed = seed};
    const auto slices = TwapSlices::evaluate(p, 1.0, no_time, no_time).slices;
    EXPECT_NEAR(sum_of(slices), 1.0, 1e-15);
    for (const double slice : slices) EXPECT_GE(slice, 0.0);
  }
  EXPECT_THROW(TwapSlices::evaluate({.slices = 2}, 1.0, 5, no_time), Error);
  EXPECT_THROW(TwapSlices::evaluate({.slices = 2}, 1.0, 5, 5), Error);
}

struct Fills {
  std::vector<double> price, size, fee;
};

Fills random_fills(Random& random, double quantity) {
  Fills fills;
  double left = quantity;
  for (int i = 0; i < 30; ++i) {
    const bool is_mark = random.uniform() < 0.2;
    const double size = random.uniform() * left * 0.2;
    fills.price.push_back(60'000.0 + 50.0 * random.gaussian());
    fills.size.push_back(is_mark ? no_value : size);
    fills.fee.push_back(is_mark ? no_value : random.uniform());
    if (!is_mark) left -= size;
    if (random.uniform() < 0.05) fills.price.back() = fills.size.back() = fills.fee.back() = no_value;
  }
  return fills;
}

TEST(OrderCosts, AreThoseOfThePaperPortfolioAndTheirPartsAddUp) {
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    const double quantity = 1.0 + random.uniform();
    const Side side = round % 2 == 0 ? Side::buy : Side::sell;
    const Fills fills = random_fills(random, quantity);
    const double decision = 60'000.0, arrival = 60'010.0;
    const auto whole =
        ImplementationShortfall::evaluate({}, side, quantity, decision, fills.price, fills.size, fills.fee);
    const auto parts =
        SlippageDecomposition::evaluate({}, side, quantity, decision, arrival, fills.price, fills.size, fills.fee);
    Real filled = 0, paid = 0, fees = 0;
    std::optional<Real> close;
    for (std::size_t i = 0; i < fills.price.size(); ++i) {
      if (std::isnan(fills.price[i])) {
        EXPECT_TRUE(std::isnan(whole.is_bps[i]) && std::isnan(parts.delay[i]));
        continue;
      }
      if (std::isnan(fills.size[i])) {
        close = fills.price[i];
      } else {
        filled += fills.size[i];
        paid += Real(fills.size[i]) * fills.price[i];
        fees += fills.fee[i];
      }
      const Real rest = close ? (quantity - filled) * (*close - decision) : 0;
      const Real cost = static_cast<int>(side) * (paid - filled * decision + rest) + fees;
      const auto bps = static_cast<double>(10'000 * cost / (Real(quantity) * decision));
      EXPECT_NEAR(whole.is_bps[i], bps, 1e-9);
      if (filled == 0) continue;
      EXPECT_NEAR(parts.delay[i] + parts.impact[i] + parts.fees[i] + parts.opportunity[i], whole.is_bps[i], 1e-9);
    }
  }
  const std::vector<double> price{1.0, 1.0}, size{3.0, 2.5}, below{-1.0, 0.0};
  EXPECT_THROW(ImplementationShortfall::evaluate({}, Side::buy, 5.0, 1.0, price, size, {}), Error);
  EXPECT_THROW(ImplementationShortfall::evaluate({}, Side::buy, 5.0, 1.0, price, below, {}), Error);
}

// The execution layer saves an order's state as its bytes.
static_assert(std::is_trivially_copyable_v<ImplementationShortfall::State>);
static_assert(std::is_trivially_copyable_v<SlippageDecomposition::State>);
static_assert(std::is_trivially_copyable_v<Pov::State>);
static_assert(std::is_trivially_copyable_v<IcebergSlicer::State>);

TEST(Orders, GiveByEventWhatTheirFunctionsGiveForTheSequence) {
  Random random(13);
  const Fills fills = random_fills(random, 3.0);
  const ImplementationShortfall::Order order{.side = Side::sell, .quantity = 3.0, .decision_px = 60'000.0};
  const SlippageDecomposition::Order parts{
      .side = Side::sell, .quantity = 3.0, .decision_px = 60'000.0, .arrival_px = 59'990.0};
  const auto whole =
      ImplementationShortfall::evaluate({}, order.side, 3.0, 60'000.0, fills.price, fills.size, fills.fee);
  const auto split =
      SlippageDecomposition::evaluate({}, order.side, 3.0, 60'000.0, 59'990.0, fills.price, fills.size, fills.fee);
  ImplementationShortfall::State cost;
  SlippageDecomposition::State cut;
  for (std::size_t i = 0; i < fills.price.size(); ++i) {
    if (std::isnan(fills.price[i])) continue;
    if (std::isnan(fills.size[i])) {
      ImplementationShortfall::mark(cost, fills.price[i]);
      SlippageDecomposition::mark(cut, fills.price[i]);
    } else {
      ImplementationShortfall::fill(order, cost, fills.price[i], fills.size[i], fills.fee[i]);
      SlippageDecomposition::fill(parts, cut, fills.price[i], fills.size[i], fills.fee[i]);
    }
    if (cost.filled == 0.0) continue;
    EXPECT_EQ(ImplementationShortfall::value(order, cost), whole.is_bps[i]);
    EXPECT_EQ(SlippageDecomposition::value(parts, cut).impact, split.impact[i]);
  }
}

TEST(Pov, KeepsItsShareOfTheWholeVolume) {
  Random random(4);
  std::vector<double> volume(500);
  for (double& v : volume) v = random.exponential();
  const auto child = Pov::evaluate({.rate = 0.2}, volume, {}).child;
  double own = 0.0, others = 0.0;
  for (std::size_t i = 0; i < volume.size(); ++i) {
    own += child[i];
    others += volume[i];
    EXPECT_NEAR(own / (own + others), 0.2, 1e-12);
  }
  EXPECT_EQ(Pov::check({.rate = 0.0}), "rate must be above 0 and below 1");
  EXPECT_EQ(Pov::check({.rate = 1.0}), "rate must be above 0 and below 1");
}

TEST(IcebergSlicer, ShowsTheParentOnceInParts) {
  Random random(5);
  for (std::int64_t seed = 0; seed < 100; ++seed) {
    const IcebergSlicer::Params p{.parent = 10.0 * random.uniform() + 0.1, .display = 0.7, .jitter = 0.2, .seed = seed};
    IcebergSlicer::State state = IcebergSlicer::start(p);
    double children = state.child, filled = 0.0;
    while (state.shown > 0.0) {
      EXPECT_LE(state.shown, state.rest * (1.0 + 1e-12));
      EXPECT_LE(state.child, std::max(0.7 * 1.2, 0.7));
      const double part = random.uniform() < 0.5 ? state.shown : state.shown * random.uniform();
      filled += part;
      children += IcebergSlicer::fill(p, state, part);
    }
    EXPECT_NEAR(children, p.parent, 1e-12 * p.parent);
    EXPECT_NEAR(filled, p.parent, 1e-11 * p.parent);
  }
  const std::vector<double> too_much{11.0};
  EXPECT_THROW(IcebergSlicer::evaluate({.parent = 25, .display = 10}, too_much), Error);
}

TEST(SmartOrderRouter, PaysNoMoreThanTakingUnitByUnitTheCheapest) {
  Random random(6);
  for (int round = 0; round < 300; ++round) {
    const double sign = round % 2 == 0 ? 1.0 : -1.0;
    std::vector<std::int64_t> venue;
    std::vector<double> price, size, fee;
    for (int i = 0; i < 8; ++i) {
      venue.push_back(i % 3);
      price.push_back(100.0 + std::round(random.gaussian() * 5.0) * 0.01);
      size.push_back(std::floor(random.uniform() * 6.0));
      fee.push_back(std::floor(random.uniform() * 4.0));
    }
    const double quantity = std::floor(random.uniform() * 30.0);
    const auto results =
        SmartOrderRouter::evaluate({}, sign > 0 ? Side::buy : Side::sell, quantity, venue, price, size, fee);
    std::vector<double> left = size, taken(8, 0.0);
    double rest = quantity;
    for (; rest > 0.0; rest -= 1.0) {
      std::optional<std::size_t> best;
      const auto net = [&](std::size_t i) { return price[i] * (1.0 + sign * fee[i] * 1e-4); };
      for (std::size_t i = 0; i < 8; ++i) {
        if (left[i] > 0.0 && (!best || sign * net(i) < sign * net(*best))) best = i;
      }
      if (!best) break;
      left[*best] -= 1.0;
      taken[*best] += 1.0;
    }
    EXPECT_EQ(results.allocation, taken);
    EXPECT_EQ(results.unallocated, rest);
  }
}

}  // namespace
}  // namespace millrace::testing
