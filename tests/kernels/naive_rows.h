#pragma once

#include "tests/kernels/naive_windows.h"

/// Puts the plain definitions on the rows of an instrument, and defines what has a memory.
namespace millrace::testing::naive {

struct Row {
  Reals x;
  Nanos clock;
};

inline Real weight_of(const Arguments& a, Real otherwise) {
  if (a.has("alpha")) return a.number("alpha", 0);
  if (a.has("lambda")) return 1 - a.number("lambda", 0);
  if (a.has("half_life")) return 1 - powl(2, -1 / a.number("half_life", 0));
  return a.has("span") ? 2 / (a.number("span", 0) + 1) : otherwise;
}

inline std::vector<Reals> averages(const Call& call, const Arguments& a, const std::vector<Row>& rows) {
  const bool is_ema = call.kernel->doc.name == "ema";
  const bool is_time = call.parameters.form == call.kernel->time;
  const std::string duration = a.word("tau", a.word("half_life", "1s"));
  const Real tau = static_cast<Real>(parse_duration(duration).value_or(1)) / (a.has("tau") ? 1 : logl(2));
  std::vector<Reals> out;
  Real weighted = 0, weights = 0, mean = null, before = null, alpha = 1;
  Nanos stamp = no_time;
  for (const Row& row : rows) {
    const Real x = row.x[0];
    if (is_time) {
      if (row.clock != stamp) {
        before = mean;
        alpha = stamp == no_time ? 1 : 1 - expl(-static_cast<Real>(row.clock - stamp) / tau);
        stamp = row.clock;
      }
      mean = std::isnan(before) ? x : before + alpha * (x - before);
    } else if (a.word("adjust", "false") == "true") {
      weighted = (1 - weight_of(a, 0)) * weighted + x;
      weights = (1 - weight_of(a, 0)) * weights + 1;
      mean = weighted / weights;
    } else {
      mean = std::isnan(mean) ? x : mean + weight_of(a, is_ema ? 0.1L : 0.06L) * (x - mean);
    }
    out.push_back({mean});
  }
  return out;
}

inline std::vector<Reals> riskmetrics_vol(const Arguments& a, const std::vector<Row>& rows) {
  std::vector<Reals> out;
  const Real lambda = a.number("lambda", 0.94L);
  Real variance = null;
  for (const Row& row : rows) {
    const Real square = row.x[0] * row.x[0];
    variance = std::isnan(variance) ? square : lambda * variance + (1 - lambda) * square;
    out.push_back({sqrtl(variance)});
  }
  return out;
}

inline std::vector<Reals> macd(const Arguments& a, const std::vector<Row>& rows) {
  std::vector<Reals> out;
  const Real fast = a.number("fast", 12), slow = a.number("slow", 26), signal = a.number("signal", 9);
  Real quick = null, lazy = null, line = null, count = 0;
  for (const Row& row : rows) {
    const Real x = row.x[0];
    count += 1;
    quick = count == 1 ? x : quick + 2 / (fast + 1) * (x - quick);
    lazy = count == 1 ? x : lazy + 2 / (slow + 1) * (x - lazy);
    const Real value = count >= slow ? quick - lazy : null;
    if (count >= slow) line = std::isnan(line) ? value : line + 2 / (signal + 1) * (value - line);
    const Real shown = count >= slow + signal - 1 ? line : null;
    out.push_back({value, shown, value - shown});
  }
  return out;
}

inline std::vector<Reals> rsi(const Arguments& a, const std::vector<Row>& rows) {
  std::vector<Reals> out;
  const auto n = static_cast<std::size_t>(a.number("period", 14));
  Real gain = 0, loss = 0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const Real change = t == 0 ? 0 : rows[t].x[0] - rows[t - 1].x[0];
    const Real up = change > 0 ? change : 0, down = change < 0 ? -change : 0, size = static_cast<Real>(n);
    gain = t <= n ? gain + up / size : (gain * (size - 1) + up) / size;
    loss = t <= n ? loss + down / size : (loss * (size - 1) + down) / size;
    out.push_back({t < n ? null : gain + loss == 0 ? 50 : 100 * gain / (gain + loss)});
  }
  return out;
}

inline std::vector<Reals> cusum(const Arguments& a, const std::vector<Row>& rows) {
  std::vector<Reals> out;
  const Real k = a.number("k", 0.5L), h = a.number("h", 5), alpha = weight_of(a, 1 - powl(2, -1 / 500.0L));
  const auto least = static_cast<std::size_t>(a.number("min_periods", 100));
  Real up = 0, down = 0, mean = null, variance = 0;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const Real x = rows[t].x[0], mu = a.number("mu", mean), sigma = a.number("sigma", sqrtl(variance));
    const bool is_flat = !a.has("sigma") && variance <= powl(16 * eps * mean, 2);
    const bool is_warm = a.has("sigma") || t >= least;
    const Real delta = t == 0 ? 0 : x - mean;
    mean = t == 0 ? x : mean + alpha * delta;
    variance = (1 - alpha) * (variance + alpha * delta * delta);
    out.push_back({null, null, null, null});
    if (!is_warm || is_flat) continue;
    const Real z = (x - mu) / sigma;
    up = std::max<Real>(0, up + z - k);
    down = std::max<Real>(0, down - z - k);
    const Real stat = std::max(up, down);
    out.back() = {stat, up, down, stat > h ? (up >= down ? 1.0L : -1.0L) : 0.0L};
    if (stat > h) up = down = 0;
  }
  return out;
}

inline std::vector<Reals> ofi(const std::vector<Row>& rows) {
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    out.push_back({null});
    if (t == 0) continue;
    const Reals &now = rows[t].x, &was = rows[t - 1].x;  // bid, ask, bid size, ask size
    out[t][0] = (now[0] >= was[0] ? now[2] : 0) - (now[0] <= was[0] ? was[2] : 0) - (now[1] <= was[1] ? now[3] : 0) +
                (now[1] >= was[1] ? was[3] : 0);
  }
  return out;
}

inline std::vector<Reals> row_windows(const Call& call, const Arguments& a, const std::vector<Row>& rows) {
  const Windowed& d = *find_windowed(call.kernel->doc.name);
  const std::string_view name = call.kernel->doc.name;
  const bool is_lag = name == "lag" || name == "diff" || name == "log_returns";
  const bool is_expanding = call.parameters.form == call.kernel->expanding;
  const std::size_t extra = name == "autocorr" ? static_cast<std::size_t>(a.number("lag", 1)) : is_lag ? 1 : 0;
  const Real length = a.number(is_lag && name != "log_returns" ? "k" : is_lag ? "lag" : "window", d.window);
  const std::size_t window = is_expanding ? rows.size() : static_cast<std::size_t>(length) + extra;
  const std::size_t least = a.has("min_periods") ? static_cast<std::size_t>(a.number("min_periods", 0)) + extra
                            : is_expanding       ? 1
                                                 : window;
  std::vector<Reals> out;
  for (std::size_t t = 0; t < rows.size(); ++t) {
    const std::size_t end = is_prior(name, a) ? t : t + 1, from = end > window ? end - window : 0;
    View view{.newest = rows[t].x[0]};
    for (std::size_t i = from; i < end; ++i) {
      view.window.push_back(rows[i].x[0]);
      view.rows.push_back(rows[i].x);
    }
    const bool is_warm = view.window.size() >= std::max(least, d.fewest + (name == "autocorr" ? extra : 0));
    out.push_back(is_warm ? d.of(a, view) : Reals(call.kernel->outputs.size(), null));
  }
  return out;
}

}  // namespace millrace::testing::naive
