#include <algorithm>
#include <map>
#include <optional>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/base/random.h"
#include "millrace/kernels/crypto/futures_curve.h"
#include "millrace/kernels/data_quality/gap_fill.h"
#include "millrace/kernels/features/label_next_move.h"
#include "millrace/kernels/features/turnover_of_weights.h"
#include "millrace/kernels/filters/hp_filter_two_sided.h"
#include "millrace/kernels/fx/fix_impact.h"
#include "millrace/kernels/fx/wmr_schedule.h"

namespace millrace::testing {
namespace {

using Real = long double;

std::vector<double> random_walk(std::uint64_t seed, std::size_t rows, double null_share) {
  Random random(seed);
  std::vector<double> x;
  double price = 60'000.0;
  for (std::size_t i = 0; i < rows; ++i) {
    price = std::round((price + 20.0 * random.gaussian()) * 100.0) / 100.0;
    x.push_back(random.uniform() < null_share ? no_value : price);
  }
  return x;
}

std::vector<Nanos> random_times(std::uint64_t seed, std::size_t rows) {
  Random random(seed + 1000);
  std::vector<Nanos> ts;
  Nanos now = -5 * one_second;  // on both sides of 1970
  for (std::size_t i = 0; i < rows; ++i) {
    now += static_cast<Nanos>(random.uniform() * 4.0) * (one_second / 4);
    ts.push_back(now - (random.uniform() < 0.1 ? one_second : 0));  // some are late
  }
  return ts;
}

std::vector<Nanos> clock_of(const std::vector<Nanos>& ts) {
  std::vector<Nanos> clock = ts;
  for (std::size_t i = 1; i < clock.size(); ++i) clock[i] = std::max(clock[i], clock[i - 1]);
  return clock;
}

/// The normal equations (I + lambda K'K) x = y, every element of the matrix, by elimination with the largest pivot.
std::vector<Real> solve_dense(Real lambda, const std::vector<double>& y) {
  const std::size_t n = y.size();
  std::vector<Real> cells(n * (n + 1));
  const auto a = [&](std::size_t i, std::size_t j) -> Real& { return cells[i * (n + 1) + j]; };
  for (std::size_t i = 0; i < n; ++i) {
    a(i, i) = 1;
    a(i, n) = y[i];
  }
  const Real k[3] = {1, -2, 1};
  for (std::size_t row = 0; row + 2 < n; ++row) {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) a(row + i, row + j) += lambda * k[i] * k[j];
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t best = i;
    for (std::size_t j = i + 1; j < n; ++j) best = fabsl(a(j, i)) > fabsl(a(best, i)) ? j : best;
    for (std::size_t m = 0; m <= n; ++m) std::swap(a(i, m), a(best, m));
    for (std::size_t j = 0; j < n; ++j) {
      const Real factor = j == i ? 0 : a(j, i) / a(i, i);
      for (std::size_t m = i; m <= n && factor != 0; ++m) a(j, m) -= factor * a(i, m);
    }
  }
  std::vector<Real> x(n);
  for (std::size_t i = 0; i < n; ++i) x[i] = a(i, n) / a(i, i);
  return x;
}

TEST(HpFilterTwoSided, SolvesItsNormalEquationsAndLeavesNullsOut) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    for (const double lambda : {1e-3, 10.0, 1600.0, 1e5}) {
      const std::vector<double> y = random_walk(seed, 3 + 5 * seed, 0.1);
      std::vector<double> packed;
      std::copy_if(y.begin(), y.end(), std::back_inserter(packed), has_value);
      const std::vector<Real> trend =
          packed.size() < 3 ? std::vector<Real>(packed.begin(), packed.end()) : solve_dense(lambda, packed);
      const auto results = HpFilterTwoSided::evaluate({.lambda = lambda}, y);
      std::size_t next = 0;
      for (std::size_t i = 0; i < y.size(); ++i) {
        if (!has_value(y[i])) {
          EXPECT_TRUE(std::isnan(results.trend[i]) && std::isnan(results.cycle[i]));
          continue;
        }
        EXPECT_NEAR(results.trend[i], static_cast<double>(trend[next]), 1e-9);
        EXPECT_NEAR(results.cycle[i], static_cast<double>(y[i] - trend[next]), 1e-9);
        ++next;
      }
    }
  }
}

TEST(HpFilterTwoSided, KeepsItsDigitsWhereTheTrendIsStiff) {
  const std::vector<double> y = random_walk(3, 1000, 0.0);
  const auto results = HpFilterTwoSided::evaluate({.lambda = 1e9}, y);
  for (std::size_t i = 2; i + 2 < y.size(); ++i) {  // cycle_i = lambda * (K'K trend)_i
    const auto bend = [&](std::size_t j) {
      return Real(results.trend[j - 1]) - 2 * Real(results.trend[j]) + Real(results.trend[j + 1]);
    };
    const Real fourth = bend(i - 1) - 2 * bend(i) + bend(i + 1);
    EXPECT_NEAR(static_cast<double>(fourth), results.cycle[i] / 1e9, 1e-10);  // 16 roundings of 60,000
  }
}

double label_by_hand(const std::vector<double>& price, std::size_t from, const std::vector<std::size_t>& ahead,
                     double threshold, bool is_triple) {
  double label = 0.0;
  for (const std::size_t row : ahead) {
    const Real move = (Real(price[row]) - price[from]) / price[from];
    const bool is_touch = is_triple ? fabsl(move) >= threshold : fabsl(move) > threshold;
    if (!is_triple) label = 0.0;
    if (is_touch && label == 0.0) label = move > 0 ? 1.0 : -1.0;
  }
  return label;
}

TEST(LabelNextMove, LooksAheadAsFarAsItSays) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<double> price = random_walk(seed, 150, 0.15);
    const std::vector<Nanos> ts = random_times(seed, 150), clock = clock_of(ts);
    for (const bool is_triple : {false, true}) {
      for (const bool is_by_time : {false, true}) {
        const Window horizon = is_by_time ? Window{.rows = 0, .span = 3 * one_second} : Window{.rows = 4};
        const LabelNextMove::Params p{.horizon = horizon,
                                      .threshold = 0.00071,
                                      .mode = is_triple ? LabelNextMove::triple_barrier : LabelNextMove::sign};
        const auto label = LabelNextMove::evaluate(p, price, is_by_time ? ts : std::vector<Nanos>{}).label;
        for (std::size_t row = 0; row < price.size(); ++row) {
          std::vector<std::size_t> ahead;
          for (std::size_t i = row + 1; i < price.size(); ++i) {
            const bool is_within = is_by_time ? clock[i] <= clock[row] + 3 * one_second : ahead.size() < 4;
            if (is_within && has_value(price[i])) ahead.push_back(i);
          }
          const bool is_reached = is_by_time ? clock.back() >= clock[row] + 3 * one_second : ahead.size() == 4;
          if (!has_value(price[row]) || !is_reached) {
            EXPECT_TRUE(std::isnan(label[row])) << row;
          } else {
            EXPECT_EQ(label[row], label_by_hand(price, row, ahead, 0.00071, is_triple)) << row;
          }
        }
      }
    }
  }
  const std::vector<double> far = random_walk(99, 3000, 0.0);  // a horizon of many strides
  const LabelNextMove::Params p{.horizon = {.rows = 700}, .threshold = 0.0101, .mode = LabelNextMove::triple_barrier};
  const auto label = LabelNextMove::evaluate(p, far, {}).label;
  for (std::size_t row = 0; row + 700 < far.size(); ++row) {
    std::vector<std::size_t> ahead;
    for (std::size_t i = row + 1; i <= row + 700; ++i) ahead.push_back(i);
    EXPECT_EQ(label[row], label_by_hand(far, row, ahead, 0.0101, true)) << row;
  }
  const std::vector<double> price{1.0, 2.0};
  EXPECT_THROW(LabelNextMove::evaluate({.horizon = {.span = 5}, .threshold = 0.1}, price, {}), Error);
}

TEST(TurnoverOfWeights, IsTheSumOfWhatIsTraded) {
  Random random(4);
  const std::size_t rows = 80, k = 5;
  Matrix w(rows, k), r(rows, k);
  for (std::size_t i = 0; i < rows * k; ++i) {
    w.values[i] = random.gaussian();
    r.values[i] = 0.02 * random.gaussian();
  }
  w.at(17, 2) = r.at(40, 3) = r.at(0, 0) = no_value;
  const MatrixView weights{w.values.data(), rows, k}, returns{r.values.data(), rows, k};
  for (const bool has_returns : {false, true}) {
    const auto turnover =
        TurnoverOfWeights::evaluate({.window = 3}, weights, has_returns ? returns : MatrixView{}).turnover;
    std::vector<Real> changes;
    std::optional<std::size_t> before;
    for (std::size_t t = 0; t < rows; ++t) {
      if (t == 17 || (has_returns && t == 40)) {
        EXPECT_TRUE(std::isnan(turnover[t]));
        continue;
      }
      if (before) {
        Real growth = 1, change = 0;
        for (std::size_t i = 0; i < k; ++i) growth += Real(w.at(*before, i)) * r.at(t, i);
        for (std::size_t i = 0; i < k; ++i) {
          const Real drifted = Real(w.at(*before, i)) * (1 + Real(r.at(t, i))) / growth;
          change += fabsl(w.at(t, i) - (has_returns ? drifted : Real(w.at(*before, i))));
        }
        changes.push_back(change);
      }
      before = t;
      const std::size_t n = changes.size();
      if (n < 3) {
        EXPECT_TRUE(std::isnan(turnover[t]));
      } else {
        EXPECT_NEAR(turnover[t], static_cast<double>(changes[n - 1] + changes[n - 2] + changes[n - 3]), 1e-12);
      }
    }
  }
}

TEST(GapFill, AnswersAtEachPointFromWhatCameBefore) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const std::vector<double> x = random_walk(seed, 60, 0.3);
    const std::vector<Nanos> ts = random_times(seed, 60), clock = clock_of(ts);
    const Nanos grid = one_second, max_age = 2 * one_second;
    for (const auto method : {GapFill::last, GapFill::linear}) {
      const auto results =
          GapFill::evaluate({.grid = grid, .max_age = max_age, .method = method}, ts, x, no_time, no_time);
      EXPECT_EQ(results.times.front() % grid, 0);
      EXPECT_LT(results.times.front() - ts.front(), grid);
      EXPECT_GE(results.times.front(), ts.front());
      EXPECT_LT(clock.back() - results.times.back(), grid);
      for (std::size_t i = 0; i < results.times.size(); ++i) {
        const Nanos point = results.times[i];
        std::optional<std::size_t> before, after;
        for (std::size_t row = 0; row < x.size(); ++row) {
          if (!has_value(x[row])) continue;
          if (clock[row] <= point) before = row;
          if (clock[row] > point && !after) after = row;
        }
        std::optional<Real> expected;
        if (before && point - clock[*before] <= max_age) expected = x[*before];
        if (expected && method == GapFill::linear && clock[*before] < point) {
          if (!after) expected.reset();
          if (after) {
            *expected += (Real(x[*after]) - x[*before]) * static_cast<Real>(point - clock[*before]) /
                         static_cast<Real>(clock[*after] - clock[*before]);
          }
        }
        EXPECT_EQ(has_value(results.filled[i]), expected.has_value());
        if (expected) {
          EXPECT_NEAR(results.filled[i], static_cast<double>(*expected), 1e-9);
        }
        EXPECT_EQ(results.flags[i], expected && clock[*before] <= point - grid ? 1 : 0);
      }
    }
  }
  const std::vector<Nanos> far{0, 300 * one_day};
  const std::vector<double> x{1.0, 2.0};
  EXPECT_THROW(GapFill::evaluate({.grid = 1, .max_age = 1}, far, x, no_time, no_time), Error);
}

TEST(FuturesCurve, IsTheFormulaWhateverTheOrder) {
  Random random(6);
  for (int round = 0; round < 200; ++round) {
    const std::size_t count = 1 + static_cast<std::size_t>(random.uniform() * 16.0);
    std::vector<double> futures, days;
    for (std::size_t i = 0; i < count; ++i) {
      futures.push_back(random.uniform() < 0.2 ? no_value : 60'000.0 * (1.0 + 0.05 * random.gaussian()));
      days.push_back(std::floor(400.0 * random.uniform()) - 40.0 + 0.01 * static_cast<double>(i));
    }
    const auto results = FuturesCurve::evaluate({}, 60'000.0, futures, days, {}, no_time);
    std::map<double, Real> live;
    for (std::size_t i = 0; i < count; ++i) {
      if (days[i] > 0.0 && has_value(futures[i])) live[days[i]] = logl(Real(futures[i]) / 60'000) * 365 / days[i];
      EXPECT_EQ(has_value(results.basis[i]), days[i] > 0.0 && has_value(futures[i]));
      if (has_value(results.basis[i])) {
        EXPECT_NEAR(results.basis[i], static_cast<double>(live.at(days[i])), 1e-12);
      }
    }
    EXPECT_EQ(has_value(results.slope), live.size() >= 2);
    if (live.size() < 2) continue;
    const Real slope =
        (live.rbegin()->second - live.begin()->second) / ((live.rbegin()->first - live.begin()->first) / 365);
    EXPECT_NEAR(results.slope, static_cast<double>(slope), 1e-10 * std::max(1.0, std::abs(results.slope)));
    const auto above = std::count_if(live.begin(), live.end(), [](const auto& one) { return one.second > 0; });
    const bool is_contango = above == static_cast<std::ptrdiff_t>(live.size());
    EXPECT_EQ(results.regime, is_contango ? 1.0 : above == 0 ? -1.0 : 0.0);
  }
  const std::vector<double> prices(17, 100.0), days(17, 1.0);
  EXPECT_THROW(FuturesCurve::evaluate({}, 100.0, prices, days, {}, no_time), Error);
  const std::vector<double> one(1, 100.0);
  EXPECT_THROW(FuturesCurve::evaluate({}, 100.0, one, {}, {}, no_time), Error);
}

TEST(WmrSchedule, SlicesFillTheWindowAboutTheFix) {
  for (std::int64_t day = -20'000; day < 60'000; day += 97) {
    const auto results = WmrSchedule::evaluate({.slices = 7}, day * one_day + 5, 3.5);
    const Nanos fix = WmrSchedule::fix_of(day * one_day);
    EXPECT_EQ(results.times.front(), fix - 150 * one_second);
    EXPECT_LT(results.times.back() + 300 * one_second / 7, fix + 150 * one_second + 1);
    EXPECT_EQ(results.sizes, std::vector<double>(7, 0.5));
  }
  EXPECT_THROW(WmrSchedule::evaluate({}, no_time, 1.0), Error);
}

TEST(FixImpact, IsOneCostOfTwoSides) {
  Random random(8);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> price, size;
    Real paid = 0, filled = 0;
    for (int i = 0; i < 20; ++i) {
      price.push_back(1.1 + 0.001 * random.gaussian());
      size.push_back(1e6 * random.uniform());
      paid += Real(price.back()) * size.back();
      filled += size.back();
    }
    const double buy = FixImpact::evaluate({}, price, size, 1.1, Side::buy).fix_impact_bps;
    EXPECT_NEAR(buy, static_cast<double>(10'000 * (paid / filled - Real(1.1)) / Real(1.1)), 1e-10);
    EXPECT_EQ(FixImpact::evaluate({}, price, size, 1.1, Side::sell).fix_impact_bps, -buy);
    EXPECT_TRUE(std::isnan(FixImpact::evaluate({}, price, size, 1.1, Side::unknown).fix_impact_bps));
  }
}

}  // namespace
}  // namespace millrace::testing
