#pragma once

#include <array>

#include "millrace/kernels/function_family.h"

namespace millrace {

/// Looks at the future as well as at the past: for study, never for a table that could be live. Solved without the line
/// through the first and last value, which the filter leaves alone, and in 80-bit floats: a lambda of 1e9 costs nine
/// digits.
struct HpFilterTwoSided {
  static constexpr Doc doc{
      .name = "hp_filter",
      .title = "Smooth trend of a whole series, and the cycle about it",
      .formula = "trend = argmin sum (y - trend)^2 + lambda * sum (second difference of trend)^2;  cycle = y - trend",
      .unit = "unit of y",
      .warmup = "none; a null row is left out and stays null; fewer than 3 rows: trend = y",
      .reference = "Hodrick, Prescott (1997), J. Money, Credit and Banking 29, 1-16",
  };

  struct Params {
    double lambda = 1600.0;
  };
  static constexpr std::array params{number<&Params::lambda>("lambda", 1e-9, 1e15, "price of bending the trend")};

  struct Results {
    std::vector<double> trend, cycle;
  };
  static constexpr std::array inputs{argument::vector("y", "the series")};
  static constexpr std::array outputs{result<&Results::trend>("trend", "by row"),
                                      result<&Results::cycle>("cycle", "by row")};

  static Results evaluate(const Params& p, std::span<const double> y) {
    std::vector<long double> packed;
    for (const double value : y) {
      if (has_value(value)) packed.push_back(value);
    }
    const auto count = static_cast<long double>(packed.size());
    const long double first = packed.empty() ? 0 : packed.front();
    const long double slope = packed.size() < 2 ? 0 : (packed.back() - first) / (count - 1);
    for (std::size_t i = 0; i < packed.size(); ++i) packed[i] -= first + slope * static_cast<long double>(i);
    const std::vector<long double> bend = solve(p.lambda, packed);
    Results results;
    std::size_t next = 0;
    for (const double value : y) {
      if (!has_value(value)) {
        results.trend.push_back(no_value);
        results.cycle.push_back(no_value);
        continue;
      }
      results.trend.push_back(static_cast<double>(first + slope * static_cast<long double>(next) + bend[next]));
      results.cycle.push_back(static_cast<double>(packed[next] - bend[next]));
      ++next;
    }
    return results;
  }

 private:
  /// (I + lambda K'K) x = y with K the second differences: five diagonals, as L D L'.
  static std::vector<long double> solve(long double lambda, std::vector<long double> y) {
    const std::size_t n = y.size();
    if (n < 3) return y;
    std::vector<long double> d(n, 1), one(n, 0), two(n, 0);  // the diagonal and those below it, then D and L
    for (std::size_t row = 0; row + 2 < n; ++row) {
      d[row] += lambda;
      d[row + 1] += 4 * lambda;
      d[row + 2] += lambda;
      one[row] -= 2 * lambda;
      one[row + 1] -= 2 * lambda;
      two[row] += lambda;
    }
    for (std::size_t i = 0; i < n; ++i) {
      if (i > 0) {
        d[i] -= d[i - 1] * one[i - 1] * one[i - 1];
        one[i] -= d[i - 1] * one[i - 1] * two[i - 1];
        y[i] -= one[i - 1] * y[i - 1];
      }
      if (i > 1) {
        d[i] -= d[i - 2] * two[i - 2] * two[i - 2];
        y[i] -= two[i - 2] * y[i - 2];
      }
      one[i] /= d[i];
      two[i] /= d[i];
    }
    for (std::size_t i = n; i-- > 0;) {
      y[i] /= d[i];
      if (i + 1 < n) y[i] -= one[i] * y[i + 1];
      if (i + 2 < n) y[i] -= two[i] * y[i + 2];
    }
    return y;
  }
};

}  // namespace millrace
