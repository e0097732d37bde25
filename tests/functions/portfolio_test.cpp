#include <numeric>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/base/random.h"
#include "millrace/kernels/portfolio/ewcov_of_rows.h"
#include "millrace/kernels/portfolio/exposure_limits.h"
#include "millrace/kernels/portfolio/ledoit_wolf_shrinkage.h"
#include "millrace/kernels/portfolio/risk_parity_weights.h"

namespace millrace::testing {
namespace {

using Real = long double;
using Square = std::vector<std::vector<Real>>;

MatrixView view(const Matrix& m) { return {m.values.data(), m.rows, m.columns}; }

/// Returns with a common part, some columns far from zero.
Matrix random_table(std::uint64_t seed, std::size_t rows, std::size_t columns) {
  Random random(seed);
  Matrix x(rows, columns);
  for (std::size_t t = 0; t < rows; ++t) {
    const double common = random.gaussian();
    for (std::size_t i = 0; i < columns; ++i) {
      x.at(t, i) = (i % 3 == 0 ? 100.0 : 0.0) + (0.5 + static_cast<double>(i)) * (common + random.gaussian());
    }
  }
  return x;
}

struct Shrunk {
  Square cov;
  Real delta;
};

/// The definition of section 17, sum by sum.
Shrunk shrink(const Matrix& x, bool is_identity) {
  const std::size_t rows = x.rows, k = x.columns;
  const Real count = static_cast<Real>(rows), size = static_cast<Real>(k);
  Square c(rows, std::vector<Real>(k));
  for (std::size_t i = 0; i < k; ++i) {
    Real mean = 0;
    for (std::size_t t = 0; t < rows; ++t) mean += Real(x.values[t * k + i]) / count;
    for (std::size_t t = 0; t < rows; ++t) c[t][i] = x.values[t * k + i] - mean;
  }
  Square s(k, std::vector<Real>(k)), f = s, pi = s;
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      for (std::size_t t = 0; t < rows; ++t) s[i][j] += c[t][i] * c[t][j] / count;
    }
  }
  Real trace = 0, correlation = 0, noise = 0, rho = 0, gap = 0;
  for (std::size_t i = 0; i < k; ++i) {
    trace += s[i][i];
    for (std::size_t j = 0; j < k; ++j) {
      if (i != j) correlation += s[i][j] / sqrtl(s[i][i] * s[j][j]) / (size * (size - 1));
    }
  }
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) {
      f[i][j] = i == j        ? (is_identity ? trace / size : s[i][i])
                : is_identity ? 0
                              : correlation * sqrtl(s[i][i] * s[j][j]);
      gap += (f[i][j] - s[i][j]) * (f[i][j] - s[i][j]);
      for (std::size_t t = 0; t < rows; ++t) {
        const Real off = c[t][i] * c[t][j] - s[i][j];
        noise += off * off / count;
        if (i == j) rho += off * off / count;
        if (i != j) rho += correlation * sqrtl(s[j][j] / s[i][i]) * (c[t][i] * c[t][i] - s[i][i]) * off / count;
      }
    }
  }
  const Real delta =
      is_identity ? std::min(gap, noise / count) / gap : std::clamp<Real>((noise - rho) / (gap * count), 0, 1);
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < k; ++j) s[i][j] = delta * f[i][j] + (1 - delta) * s[i][j];
  }
  return {s, delta};
}

TEST(LedoitWolfShrinkage, IsItsDefinitionSumBySum) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Matrix x = random_table(seed, 3 + seed, 3 + seed % 6);
    for (const auto target : {LedoitWolfShrinkage::identity, LedoitWolfShrinkage::const_corr}) {
      const Shrunk expected = shrink(x, target == LedoitWolfShrinkage::identity);
      auto results = LedoitWolfShrinkage::evaluate({.target = target}, view(x));
      EXPECT_EQ(results.reason, "");
      EXPECT_NEAR(results.delta, static_cast<double>(expected.delta), 1e-11) << seed;
      for (std::size_t i = 0; i < x.columns; ++i) {
        for (std::size_t j = 0; j < x.columns; ++j) {
          const Real scale = sqrtl(expected.cov[i][i] * expected.cov[j][j]);
          EXPECT_NEAR(results.cov.at(i, j), static_cast<double>(expected.cov[i][j]),
                      static_cast<double>(1e-11 * scale));
        }
      }
    }
  }
}

TEST(LedoitWolfShrinkage, LeavesOutRowsWithANullAndForgetsTheLevel) {
  Matrix x = random_table(7, 30, 4), with_null(31, 4), high = x;
  std::copy(x.values.begin(), x.values.begin() + 40, with_null.values.begin());
  std::copy(x.values.begin() + 40, x.values.end(), with_null.values.begin() + 44);
  with_null.at(10, 2) = no_value;
  const auto plain = LedoitWolfShrinkage::evaluate({}, view(x));
  EXPECT_EQ(plain.cov.values, LedoitWolfShrinkage::evaluate({}, view(with_null)).cov.values);
  for (double& value : high.values) value += 0x1p40;
  for (std::size_t i = 0; i < x.values.size(); ++i) x.values[i] = high.values[i] - 0x1p40;  // what the level left of it
  const auto exact = LedoitWolfShrinkage::evaluate({}, view(x)), level = LedoitWolfShrinkage::evaluate({}, view(high));
  EXPECT_NEAR(level.delta, exact.delta, 1e-9);
}

TEST(RiskParityWeights, SharesTheRiskByBudgetFromAnyStart) {
  Random random(11);
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const std::size_t k = 2 + seed % 12;
    Matrix x = random_table(seed, 4 * k, k);
    auto cov = LedoitWolfShrinkage::evaluate({}, view(x)).cov;
    for (double& value : cov.values) value *= 1e-6;  // no scale is special
    std::vector<double> budgets(k), start(k);
    for (std::size_t i = 0; i < k; ++i) {
      budgets[i] = 0.1 + random.uniform();
      start[i] = 0.01 + random.uniform();
    }
    const auto w = RiskParityWeights::evaluate({}, view(cov), budgets, {});
    const auto other = RiskParityWeights::evaluate({}, view(cov), budgets, start);
    ASSERT_EQ(w.reason + other.reason, "");
    const double whole = std::accumulate(budgets.begin(), budgets.end(), 0.0);
    Real variance = 0, sum = 0;
    std::vector<Real> risk(k);
    for (std::size_t i = 0; i < k; ++i) {
      EXPECT_GT(w.w[i], 0.0);
      EXPECT_NEAR(w.w[i], other.w[i], 1e-9);
      sum += w.w[i];
      for (std::size_t j = 0; j < k; ++j) risk[i] += Real(w.w[i]) * cov.at(i, j) * w.w[j];
      variance += risk[i];
    }
    EXPECT_NEAR(static_cast<double>(sum), 1.0, 1e-14);
    for (std::size_t i = 0; i < k; ++i) {
      EXPECT_NEAR(static_cast<double>(risk[i] / variance), budgets[i] / whole, 2e-12);
    }
  }
}

TEST(RiskParityWeights, SaysWhyThereIsNoAnswer) {
  Matrix opposite(2, 2, 1.0);
  opposite.at(0, 1) = opposite.at(1, 0) = -1.0;
  EXPECT_THAT(RiskParityWeights::evaluate({}, view(opposite), {}, {}).reason,
              ::testing::HasSubstr("not positive definite"));
  Matrix holed(2, 2, 1.0);
  holed.at(1, 0) = no_value;
  EXPECT_EQ(RiskParityWeights::evaluate({}, view(holed), {}, {}).reason, "cov[1][0] is null");
  const Matrix wide(2, 3, 1.0);
  EXPECT_THROW(RiskParityWeights::evaluate({}, view(wide), {}, {}), Error);
  Matrix skewed(2, 2, 1.0);
  skewed.at(0, 1) = 0.5;
  EXPECT_THROW(RiskParityWeights::evaluate({}, view(skewed), {}, {}), Error);
  const std::vector<double> budgets{1.0, 0.0};
  EXPECT_THROW(RiskParityWeights::evaluate({}, view(opposite), budgets, {}), Error);
}

TEST(ExposureLimits, HoldAllLimitsAndALimitedBookIsLeftAlone) {
  Random random(12);
  for (int round = 0; round < 500; ++round) {
    std::vector<double> w(1 + static_cast<std::size_t>(random.uniform() * 20.0));
    for (double& weight : w) weight = random.gaussian();
    const ExposureLimits::Params p{.name = random.uniform(), .gross = 3.0 * random.uniform(), .net = random.uniform()};
    const auto once = ExposureLimits::evaluate(p, w);
    double gross = 0.0, net = 0.0;
    for (std::size_t i = 0; i < w.size(); ++i) {
      EXPECT_LE(std::abs(once.w[i]), p.name);
      EXPECT_GE(once.w[i] * w[i], 0.0);  // no weight changes its side
      gross += std::abs(once.w[i]);
      net += once.w[i];
    }
    EXPECT_LE(gross, p.gross * (1.0 + 1e-14));
    EXPECT_LE(std::abs(net), p.net + 1e-14 * gross);
    const auto twice = ExposureLimits::evaluate(p, once.w);
    EXPECT_EQ(twice.w, once.w);
    EXPECT_EQ(twice.binding, "");
  }
}

TEST(EwcovMatrix, IsTheSumOfWeightedProductsAndPositive) {
  const Matrix r = random_table(5, 60, 7);
  auto cov = EwcovOfRows::evaluate({.lambda = 0.9}, view(r)).cov;
  for (std::size_t i = 0; i < 7; ++i) {
    for (std::size_t j = 0; j < 7; ++j) {
      Real sum = 0;
      for (std::size_t t = 0; t < 60; ++t) {
        const Real weight = powl(0.9L, static_cast<Real>(59 - t)) * (t == 0 ? 1.0L : 0.1L);
        sum += weight * r.values[t * 7 + i] * r.values[t * 7 + j];
      }
      EXPECT_NEAR(cov.at(i, j), static_cast<double>(sum), 1e-12 * std::sqrt(cov.at(i, i) * cov.at(j, j)));
    }
  }
  Random random(3);
  for (int round = 0; round < 100; ++round) {
    std::vector<double> w(7);
    for (double& weight : w) weight = random.gaussian();
    double variance = 0.0;
    for (std::size_t i = 0; i < 7; ++i) {
      for (std::size_t j = 0; j < 7; ++j) variance += w[i] * cov.at(i, j) * w[j];
    }
    EXPECT_GE(variance, 0.0);
  }
  EXPECT_THROW(EwcovOfRows::evaluate({}, view(Matrix(2, 65))), Error);
}

}  // namespace
}  // namespace millrace::testing
