#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/lagged_products.h"
#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

/// Samples both legs on one grid of time, takes returns and asks at which shift they correlate most. Series aligned by
/// row would lead or lag by how often each leg ticks.
struct XcorrLeadlag {
  static constexpr bool is_cross = true;
  static constexpr Doc doc{
      .name = "xcorr_leadlag",
      .title = "Which leg leads, and by how much",
      .formula =
          "rho(k) = sum of (a_t - mean a)(b_(t+k) - mean b) / (n sd_a sd_b);  lead_lag = argmax |rho|, k > 0: a "
          "leads;  max_corr = rho(lead_lag)",
      .unit = "lead_lag steps of the grid; max_corr 1",
      .warmup = "window + 1 steps; null where |rho| < min_sig / sqrt(n)",
      .reference = "Hoffmann, Rosenbaum, Yoshida (2013), Bernoulli 19, 426-461",
  };

  enum Input : std::uint8_t { price, grid_return };
  static constexpr std::array<std::string_view, 2> kinds{"price", "return"};
  struct Params {
    Nanos grid = one_second;
    std::int64_t max_lag = 10;
    Window window{.rows = 300};
    double min_sig = 2.0;
    std::uint8_t input = price;
  };
  static constexpr std::array params{
      duration<&Params::grid>("grid", one_second / 1000, 400 * one_day, "step of the samples, from 1970 on"),
      number<&Params::max_lag>("max_lag", 0, 10'000, "largest shift, steps"),
      window<&Params::window>("window", by_rows, 2, "steps"),
      number<&Params::min_sig>("min_sig", 0.0, 1e6, "standard errors below which nothing leads"),
      choice<&Params::input>("input", kinds, "what a and b are: prices, or returns on a grid already")};
  static std::string_view check(const Params& p) {
    if (p.window.min_periods >= 0) return "min_periods does not go with xcorr_leadlag";
    return p.window.rows > p.max_lag ? "" : "window must be larger than max_lag";
  }

  struct State {
    double price[2] = {no_value, no_value};   // newest valid
    double sample[2] = {no_value, no_value};  // on the grid
    Nanos next = no_time;                     // multiple of the grid that is still to be passed
    LaggedProducts::Head sums;
    double lead_lag = no_value, max_corr = no_value;
  };
  static constexpr std::array inputs{InputInfo{"a"}, InputInfo{"b"}};
  static constexpr std::array outputs{OutputInfo{"lead_lag"}, OutputInfo{"max_corr"}};
  static std::size_t tail(const Params& p) { return LaggedProducts::memory(p.window.rows, p.max_lag); }

  static constexpr bool watches_every_row = true;
  static constexpr bool is_reevaluated = true;  // the grid goes on between observations
  static std::array<double, 2> update(const Params& p, State& s, Tail tail, double a, double b, Seen seen, Fresh fresh,
                                      Now now) noexcept {
    LaggedProducts products(s.sums, tail, p.window.rows, p.max_lag);
    bool is_null = false;
    if (p.input == grid_return) {
      is_null = seen == observed_null;
      if (seen == observed) step(p, s, products, a, b);
    } else {
      pass(p, s, products, now);
      const double prices[] = {a, b};
      for (std::size_t leg = 0; leg < 2; ++leg) {
        if (fresh[leg] == unobserved) continue;
        const bool is_price = fresh[leg] == observed && prices[leg] > 0.0;
        is_null |= !is_price;
        if (is_price) s.price[leg] = prices[leg];
      }
    }
    if (is_null) return {no_value, no_value};
    return {s.lead_lag, s.max_corr};
  }

  /// rho[] by lag, from −max_lag to max_lag, of a state whose window is full: what the outputs were chosen from.
  static const double* rho(const Params& p, State& s, Tail tail) {
    return LaggedProducts(s.sums, tail, p.window.rows, p.max_lag).rho();
  }

 private:
  /// What is equal but for rounding is a tie, which the smaller shift wins.
  static bool is_greater(double rho, double best) noexcept { return std::abs(rho) > std::abs(best) * (1.0 + 1e-9); }
  static Nanos next_multiple(Nanos time, Nanos step) noexcept {
    const Nanos rest = time % step;
    return time - rest + (rest > 0 ? step : 0);
  }

  /// Samples every multiple of the grid below the clock. More than the window holds would all be forgotten again.
  static void pass(const Params& p, State& s, LaggedProducts& products, Now now) noexcept {
    if (now.clock < now.first) return;
    if (s.next == no_time) s.next = next_multiple(now.first, p.grid);
    if (s.next >= now.clock) return;
    const Nanos last = next_multiple(now.clock, p.grid) - p.grid;
    const std::int64_t most = p.window.rows + 2;
    if ((last - s.next) / p.grid >= most) s.next = last - (most - 1) * p.grid;
    for (; s.next <= last; s.next += p.grid) {
      const bool has_both = has_value(s.sample[0]) && has_value(s.sample[1]);
      if (has_both) step(p, s, products, log_ratio(s.price[0], s.sample[0]), log_ratio(s.price[1], s.sample[1]));
      s.sample[0] = s.price[0];
      s.sample[1] = s.price[1];
    }
  }

  static void step(const Params& p, State& s, LaggedProducts& products, double a, double b) noexcept {
    products.take(a, b);
    s.lead_lag = s.max_corr = no_value;
    if (!products.is_full()) return;
    products.correlate();
    const double* rho = products.rho() + p.max_lag;
    if (!has_value(rho[0])) return;
    std::int64_t best = 0;
    for (std::int64_t k = 1; k <= p.max_lag; ++k) {
      if (is_greater(rho[k], rho[best])) best = k;
      if (is_greater(rho[-k], rho[best])) best = -k;
    }
    if (std::abs(rho[best]) < p.min_sig / std::sqrt(static_cast<double>(p.window.rows))) return;
    s.lead_lag = static_cast<double>(best);
    s.max_corr = rho[best];
  }
};

}  // namespace millrace
