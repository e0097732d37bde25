#pragma once

#include <array>
#include <cmath>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

/// Overlapping sums of q returns, and both variances unbiased: non-overlapping sums would waste most of the window.
struct VarianceRatio {
  static constexpr Doc doc{
      .name = "variance_ratio",
      .title = "Variance of q returns against q variances of one",
      .formula =
          "VR = sum of (S_q - q mean)^2 / m / var(r), m = q (n-q+1)(1 - q/n);  z = (VR-1) / sqrt(2(2q-1)(q-1)/(3qn))",
      .unit = "1 (below 1: mean reversion); standard deviations",
      .warmup = "the window",
      .reference = "Lo, MacKinlay (1988), Review of Financial Studies 1, 41-66",
  };
  static constexpr std::uint16_t version = 2;

  struct Params {
    std::int64_t q = 5;
    Window window{.rows = 200};
  };
  static constexpr std::array params{number<&Params::q>("q", 2, 100'000, "returns in a sum"),
                                     window<&Params::window>("window", by_rows, 5, "returns; more than 2 q")};
  static std::string_view check(const Params& p) {
    return p.window.rows > 2 * p.q ? "" : "window must be more than 2 q";
  }

  /// Sums of q returns about q times the shift of the returns' own sums; they are taken anew when that moves.
  struct State {
    PowerSums<2> returns;
    double shift = 0.0;
    CompensatedSum run;           // of the newest q returns
    CompensatedSum sum, squares;  // over the window's sums of q
  };
  static constexpr std::array inputs{InputInfo{"r"}};
  static constexpr std::array outputs{OutputInfo{"variance_ratio"}, OutputInfo{"vr_z"}};

  static std::int64_t lookback(const Params& p) { return p.window.rows + p.q; }
  /// The window's sums of q, by the observation that ends them.
  static std::size_t tail(const Params& p) { return static_cast<std::size_t>(sums_in(p)); }
  static std::int64_t sums_in(const Params& p) noexcept { return p.window.rows - p.q + 1; }

  /// Takes in the return number `count`, r, and with it the sum of q that it ends; the oldest sum leaves.
  static void slide(const Params& p, State& s, Tail sums, std::int64_t count, double r, double gone) noexcept {
    if (count > p.q) {
      s.run.exchange(r - s.shift, gone - s.shift);
    } else {
      s.run.add(r - s.shift);
    }
    if (count < p.q) return;
    double& slot = sums[(count - p.q) % sums_in(p)];
    const double old = slot, fresh = s.run.value();
    slot = fresh;
    if (count - p.q >= sums_in(p)) {
      s.sum.exchange(fresh, old);
      s.squares.exchange(fresh * fresh, old * old);
    } else {
      s.sum.add(fresh);
      s.squares.add(fresh * fresh);
    }
  }
  /// All of it anew about the shift, from the window.
  [[gnu::noinline]] static void rebase(const Params& p, State& s, Tail sums, Past r) noexcept {
    const auto count = static_cast<std::int64_t>(r.count);
    const std::int64_t n = std::min(count, p.window.rows);
    s.shift = s.returns.shift;
    s.run = s.sum = s.squares = CompensatedSum{};
    for (std::int64_t k = n - 1; k >= 0; --k) {
      s.run.add(r[k] - s.shift);
      if (n - k > p.q) s.run.add(s.shift - r[k + p.q]);
      if (n - k < p.q) continue;
      const double fresh = s.run.value();
      sums[(count - k - p.q) % sums_in(p)] = fresh;
      s.sum.add(fresh);
      s.squares.add(fresh * fresh);
    }
  }

  static std::array<double, 2> update(const Params& p, State& s, Past r, Tail sums) noexcept {
    const auto count = static_cast<std::int64_t>(r.count);
    s.returns.slide(r, p.window.rows);
    if (s.returns.shift != s.shift || count % p.window.rows == 0) {
      rebase(p, s, sums, r);
    } else {
      slide(p, s, sums, count, r[0], count > p.q ? r[p.q] : 0.0);
    }
    const std::int64_t rows = std::min(count, p.window.rows);
    if (rows < p.window.needed(p.q + 1)) return {no_value, no_value};
    const auto n = static_cast<double>(rows), q = static_cast<double>(p.q);
    const Moments m = s.returns.now().moments(n);
    const double sums_now = n - q + 1.0, from = q * m.offset;
    const double spread = std::max(0.0, s.squares.value() - from * (2.0 * s.sum.value() - sums_now * from));
    const double ratio = spread / (q * sums_now * (1.0 - q / n)) / (m.m2 / (n - 1.0));
    return {ratio, (ratio - 1.0) / std::sqrt(2.0 * (2.0 * q - 1.0) * (q - 1.0) / (3.0 * q * n))};
  }
};

}  // namespace millrace
