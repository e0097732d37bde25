#include "millrace/kernels/numerics/run_lengths.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace millrace {
namespace {

struct Detector {
  std::int64_t last;
  double alpha0, hazard = 0.01, scale = 1.0;
  std::vector<double> tables, cells;

  Detector(std::int64_t longest, double alpha)
      : last(longest),
        alpha0(alpha),
        tables(static_cast<std::size_t>(3 * (longest + 1))),
        cells(static_cast<std::size_t>(3 * (longest + 1))) {
    RunTables::write(tables.data(), last, 1.0, alpha0);
    runs().start(0.0, 1.0);
  }
  RunLengths runs() {
    return {cells.data(),
            cells.data() + last + 1,
            cells.data() + 2 * (last + 1),
            RunTables{tables.data(), last + 1},
            last,
            alpha0,
            scale};
  }
  RunLengths::Moved take(double x) {
    const RunLengths::Moved moved = runs().move(x);
    if (!(moved.sum > 0.0)) return moved;
    scale = (1.0 - hazard) / moved.sum;
    cells[0] = hazard / scale;
    return moved;
  }
  double probability(std::int64_t run) { return cells[static_cast<std::size_t>(run)] * scale; }
};

/// A shape of 1 goes by powers, and one that is off by a few bits by logarithms: the two must tell the same story, also
/// through rows so far out that products underflow.
TEST(RunLengths, PowersAndLogarithmsAgree) {
  for (const std::int64_t last : {2, 7, 8, 61, 200}) {
    Detector powers(last, 1.0), logarithms(last, 1.0 + 1e-15);
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    for (int row = 0; row < 1500; ++row) {
      double x = normal(random) + (row / 400) * 3.0;
      if (row % 211 == 210) x *= row % 422 == 421 ? 1e4 : 1e40;
      const double a = powers.take(x).largest, b = logarithms.take(x).largest;
      EXPECT_EQ(powers.runs().mode(a), logarithms.runs().mode(b)) << "row " << row << ", at most " << last;
      double sum = 0.0;
      for (std::int64_t run = 0; run <= last; ++run) {
        const double one = powers.probability(run), other = logarithms.probability(run);
        sum += one;
        EXPECT_NEAR(one, other, 1e-9 * other + 1e-300) << "row " << row << ", run " << run << " of " << last;
      }
      EXPECT_NEAR(sum, 1.0, 1e-12);
    }
  }
}

TEST(RunLengths, RowThatNoRunCanWeighMovesNothing) {
  Detector detector(20, 1.0);
  for (int row = 0; row < 50; ++row) detector.take(0.1 * (row % 7));
  const std::vector<double> before = detector.cells;
  EXPECT_EQ(detector.take(1e300).sum, 0.0);
  EXPECT_EQ(detector.cells, before);
  EXPECT_GT(detector.take(0.3).sum, 0.0);
}

}  // namespace
}  // namespace millrace
