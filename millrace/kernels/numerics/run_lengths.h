#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "millrace/kernels/numerics/four.h"

namespace millrace {

/// ln Γ(a + 1/2) − ln Γ(a), a > 0: by the difference where it is exact enough, by its series where a is large
/// (Tricomi, Erdélyi 1951).
inline double log_gamma_step(double a) noexcept {
  if (a < 30.0) return std::log(std::tgamma(a + 0.5) / std::tgamma(a));
  const double z = 1.0 / (a * a);
  return 0.5 * std::log(a) - (1.0 / 8.0 - z * (1.0 / 192.0 - z * (1.0 / 640.0 - z * (17.0 / 14336.0)))) / a;
}

/// By run length, from the prior alone: the constant of the predictive density, what a squared distance adds to the
/// half sum of squares, and the share of a distance by which the mean follows.
struct RunTables {
  const double *factor, *growth, *step;

  RunTables(const double* tables, std::int64_t cells) noexcept
      : factor(tables), growth(tables + cells), step(growth + cells) {}
  static void write(double* tables, std::int64_t last, double kappa0, double alpha0) noexcept {
    constexpr double two_pi = 6.283185307179586;
    const std::int64_t cells = last + 1;
    for (std::int64_t run = 0; run < cells; ++run) {
      const double kappa = kappa0 + static_cast<double>(run), a = alpha0 + 0.5 * static_cast<double>(run);
      tables[run] = std::exp(log_gamma_step(a)) * std::sqrt(kappa / (two_pi * (kappa + 1.0)));
      tables[cells + run] = kappa / (2.0 * (kappa + 1.0));
      tables[2 * cells + run] = 1.0 / (kappa + 1.0);
    }
  }
};

/// The runs of Bayesian change-point detection with a normal-inverse-gamma prior, by length 0 … last. A cell holds the
/// run's weight (its probability over `scale`), the posterior mean, and the root of the half sum of squares. The last
/// cell stands for all longer runs too; its posterior is that of exactly the last `last` rows.
struct RunLengths {
  double *weight, *mean, *root;
  RunTables table;
  std::int64_t last;
  double alpha0;
  double scale;

  void start(double mu0, double beta0) const noexcept {
    weight[0] = 1.0;
    std::fill_n(mean, last + 1, mu0);
    std::fill_n(root, last + 1, std::sqrt(beta0));
  }

  /// What a row made of the runs, in the cells they moved to: the sum of the weights, and the largest.
  struct Moved {
    double sum = 0.0, largest = 0.0;
  };

  /// Moves each run on by a row; the new weights want a new scale, and cell 0 its weight. A sum of 0: no run can weigh
  /// the row, and nothing was moved.
  Moved move(double x) const noexcept {
    const std::uint64_t shape = whole_shape();
    // The run of no row gives the sum a lower bound: far above where a product of the others underflows.
    const bool is_plain = shape > 0 && weigh(0, x, shape).weight > 1e-60;
    return is_plain ? move_by_powers(x, shape) : move_by_logarithms(x);
  }

  /// The run of the largest weight; of equal ones the shortest. Apart from the move, which has better to do than to
  /// remember where it was.
  std::int64_t mode(double largest) const noexcept {
    std::int64_t run = 0;
    while (run + 16 <= last && !has_at_least(largest_of(weight + run), largest)) run += 16;
    while (run < last && weight[run] < largest) ++run;
    return run;
  }

 private:
  static Four largest_of(const double* sixteen) noexcept {
    const Four a = larger_of(load_four(sixteen), load_four(sixteen + 4));
    return larger_of(a, larger_of(load_four(sixteen + 8), load_four(sixteen + 12)));
  }

  struct Weighed {
    double weight, mean, root;
  };

  /// Twice the shape of the prior where that is a whole number so small that its powers are exact enough, else 0.
  std::uint64_t whole_shape() const noexcept {
    const double twice = 2.0 * alpha0;
    return twice <= 64.0 && twice == std::floor(twice) ? static_cast<std::uint64_t>(twice) : 0;
  }

  void put(std::int64_t run, const Weighed& one, Moved& moved) const noexcept {
    weight[run] = one.weight;
    mean[run] = one.mean;
    root[run] = one.root;
    moved.sum += one.weight;
    moved.largest = std::max(moved.largest, one.weight);
  }
  void join_last(double beyond, Moved& moved) const noexcept {
    weight[last] += beyond;
    moved.sum += beyond;
    moved.largest = std::max(moved.largest, weight[last]);
  }

  /// The predictive density is factor/root' (root/root')^(2a), a = alpha0 + run/2, with root' of the row after: a root,
  /// a division and a power with a whole exponent.
  Weighed weigh(std::int64_t run, double x, std::uint64_t shape) const noexcept {
    const double distance = x - mean[run];
    const double next = std::sqrt(root[run] * root[run] + distance * distance * table.growth[run]);
    const double inverse = 1.0 / next, first = weight[run] * scale * (table.factor[run] * inverse);
    return {times_power(first, root[run] * inverse, shape + static_cast<std::uint64_t>(run)),
            mean[run] + distance * table.step[run], next};
  }
  /// A run moves up by one cell, so the longest come first.
  Moved move_by_powers(double x, std::uint64_t shape) const noexcept {
    Moved moved;
    const double beyond = weigh(last, x, shape).weight;
    const std::int64_t fours = last / 4 * 4;
    for (std::int64_t run = last - 1; run >= fours; --run) put(run + 1, weigh(run, x, shape), moved);
    move_fours(x, shape, fours, moved);
    join_last(beyond, moved);
    return moved;
  }
  void move_fours(double x, std::uint64_t shape, std::int64_t fours, Moved& moved) const noexcept {
    Four sum{}, largest{};
    for (std::int64_t run = fours - 4; run >= 0; run -= 4) {
      const Four old = load_four(root + run), distance = x - load_four(mean + run);
      const Four next = root_of(old * old + distance * distance * load_four(table.growth + run)), inverse = 1.0 / next;
      const Four u = old * inverse, uu = u * u;
      Four one = load_four(weight + run) * scale * (load_four(table.factor + run) * inverse);
      one *= Four{1.0, u[1], 1.0, u[3]} * Four{1.0, 1.0, uu[2], uu[3]};  // u^lane
      if ((shape & 1U) != 0) one *= u;
      if ((shape & 2U) != 0) one *= uu;
      one = times_power(one, uu * uu, (shape + static_cast<std::uint64_t>(run)) / 4);
      store_four(mean + run + 1, load_four(mean + run) + distance * load_four(table.step + run));
      store_four(weight + run + 1, one);
      store_four(root + run + 1, next);
      sum += one;
      largest = larger_of(one, largest);
    }
    moved.sum += (sum[0] + sum[1]) + (sum[2] + sum[3]);
    for (int lane = 0; lane < 4; ++lane) moved.largest = std::max(moved.largest, largest[lane]);
  }

  double log_density(std::int64_t run, double x) const noexcept {
    const double ratio = (x - mean[run]) / root[run], a = alpha0 + 0.5 * static_cast<double>(run);
    return std::log(table.factor[run]) - std::log(root[run]) -
           (a + 0.5) * std::log1p(ratio * ratio * table.growth[run]);
  }
  /// By logarithms, scaled by the largest so that none is lost: for priors whose shape is no small whole number, and
  /// for rows so far out that a product could come near 0.
  Moved move_by_logarithms(double x) const noexcept {
    double largest = -std::numeric_limits<double>::infinity();
    for (std::int64_t run = 0; run <= last; ++run) {
      if (weight[run] > 0.0) largest = std::max(largest, log_density(run, x));
    }
    Moved moved;
    if (!std::isfinite(largest)) return moved;
    double beyond = 0.0;
    for (std::int64_t run = last; run >= 0; --run) {
      const double before = weight[run] * scale, distance = x - mean[run], ratio = distance / root[run];
      const double one = before > 0.0 ? before * std::exp(log_density(run, x) - largest) : 0.0;
      if (run == last) {
        beyond = one;
        continue;
      }
      put(run + 1,
          {one, mean[run] + distance * table.step[run], root[run] * std::sqrt(1.0 + ratio * ratio * table.growth[run])},
          moved);
    }
    join_last(beyond, moved);
    return moved;
  }
};

}  // namespace millrace
