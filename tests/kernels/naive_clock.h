#pragma once

#include "tests/kernels/naive.h"

/// Definitions that every row moves, since time does: each row looks at all that came before it.
namespace millrace::testing::naive {

inline bool is_valid(const Call& call, const Series& s, std::size_t row) {
  return s.seen[row] == observed && !is_null_row(*call.kernel, s, row);
}
inline bool is_null_observation(const Call& call, const Series& s, std::size_t row) {
  return s.seen[row] == observed && is_null_row(*call.kernel, s, row);
}
inline Real seconds(Nanos span) { return static_cast<Real>(span) / one_second; }

inline std::vector<Reals> trade_intensity(const Call& call, const Arguments& a, const Series& s) {
  const Real half_life = seconds(parse_duration(a.word("half_life", "30s")).value_or(1));
  std::vector<Nanos> trades;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    if (is_valid(call, s, row)) trades.push_back(s.clock[row]);
    Real rate = trades.empty() ? null : 0;
    for (const Nanos trade : trades) rate += logl(2) / half_life * powl(2, -seconds(s.clock[row] - trade) / half_life);
    const bool is_warm = seconds(s.clock[row] - s.clock[0]) >= a.number("warmup_half_lives", 3) * half_life;
    out.push_back({is_warm && !is_null_observation(call, s, row) ? rate : null});
  }
  return out;
}

/// Trades that wait for the middle after the horizon.
inline std::vector<Reals> matured(const Call& call, const Arguments& a, const Series& s) {
  struct Trade {
    Nanos bucket;
    Real price, mid, sign;
  };
  const bool is_spread = call.kernel->doc.name == "realized_spread";
  const Nanos width = parse_duration(a.word("horizon", "5s")).value_or(1) / 50;
  std::vector<Trade> waiting;
  Reals shown(call.kernel->outputs.size(), null);
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Real mid = row == 0 ? null : s.inputs[1][row - 1];
    Reals first, second;
    std::vector<Trade> still;
    for (const Trade& trade : waiting) {
      if (trade.bucket + 50 >= s.clock[row] / width) {
        still.push_back(trade);
      } else {
        first.push_back(2 * trade.sign * (is_spread ? trade.price - mid : mid - trade.mid));
        second.push_back(10'000 * trade.sign * (mid - trade.price) / trade.price);
      }
    }
    waiting = still;
    if (!first.empty() && !std::isnan(mid)) shown = {mean_of(first), mean_of(second)};
    if (is_valid(call, s, row) && !std::isnan(mid)) {
      waiting.push_back({s.clock[row] / width, s.inputs[0][row], mid, s.inputs[2][row]});
    }
    out.push_back(is_null_observation(call, s, row) ? Reals{null, null} : shown);
  }
  return out;
}

inline std::vector<Reals> stale_quote_detector(const Arguments& a, const Series& s) {
  const Nanos limit = parse_duration(a.word("max_age", "1s")).value_or(0);
  std::vector<std::size_t> updates, quotes;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const bool is_quote = s.seen[row] == observed;
    const bool is_whole = is_quote && has_value(s.inputs[0][row]) && has_value(s.inputs[1][row]);
    const auto same = [&](std::size_t i) { return s.inputs[i][row] == s.inputs[i][quotes.back()]; };
    const bool is_same = a.word("basis", "update") == "change" && is_whole && !quotes.empty() && same(0) && same(1);
    if (is_whole && !is_same) updates.push_back(row);
    if (is_whole) quotes.push_back(row);
    const Nanos age = updates.empty() ? 0 : s.clock[row] - s.clock[updates.back()];
    const bool is_slow = is_quote && s.received[row] != no_time && s.received[row] - s.clock[row] > limit;
    const bool is_stale = updates.empty() || age > limit || is_slow || is_whole != is_quote;
    out.push_back({is_stale ? 1.0L : 0.0L, updates.empty() ? null : static_cast<Real>(age) / 1'000'000});
  }
  return out;
}

/// The mean over time since `from` (or the first price) of the price that stood.
inline std::vector<Reals> twap(const Call& call, const Arguments& a, const Series& s) {
  const Nanos width = parse_duration(a.word("window", "50ns")).value_or(50) / 50;
  std::vector<std::pair<Nanos, Real>> prices;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Nanos now = s.clock[row], bucket = now / width;
    if (is_valid(call, s, row)) prices.emplace_back(now, s.inputs[0][row]);
    out.push_back({null});
    const bool is_cold = a.has("window") && bucket - s.clock[0] / width < 50;
    if (prices.empty() || is_cold || is_null_observation(call, s, row)) continue;
    Nanos from = prices[0].first;
    if (a.has("window")) from = std::max(from, (bucket - 49) * width);
    if (a.word("anchor", "first") == "day") from = std::max(from, now / one_day * one_day);
    Real area = 0;
    for (std::size_t i = 0; i < prices.size(); ++i) {
      const Nanos begin = std::max(from, prices[i].first), end = i + 1 < prices.size() ? prices[i + 1].first : now;
      if (end > begin) area += prices[i].second * static_cast<Real>(end - begin);
    }
    if (now > from) out.back()[0] = area / static_cast<Real>(now - from);
  }
  return out;
}

/// Every deposit with its cell and time; what the price passed or left behind is struck off the list.
inline std::vector<Reals> liquidation_density(const Call& call, const Arguments& a, const Series& s) {
  struct Deposit {
    Real cell, amount;
    Nanos time;
  };
  const Real bins = a.number("bins", 200), m = a.number("maintenance", 0.005L);
  const Real width = -2 * logl(1 - a.number("range", 0.5L)) / bins;
  const Real half_life = seconds(parse_duration(a.word("half_life", "24h")).value_or(1));
  std::vector<Deposit> deposits;
  Real cell = null, interest = null;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    if (is_valid(call, s, row)) {
      const Real price = s.inputs[0][row], c = floorl(logl(price) / width);
      if (std::isnan(cell)) cell = c;
      std::erase_if(deposits, [&](const Deposit& d) {
        return (d.cell >= std::min(cell, c) && d.cell <= std::max(cell, c)) || fabsl(d.cell - c) > bins / 2;
      });
      cell = c;
      const Real opened = std::isnan(interest) ? 0 : std::max<Real>(0, s.inputs[1][row] - interest);
      for (const std::string_view pair : split(a.text.at("mix"), ',')) {
        const Real leverage = parse_number(pair.substr(0, pair.find(':'))).value_or(no_value);
        const Real share = parse_number(pair.substr(pair.find(':') + 1)).value_or(no_value);
        for (const Real side : {-1.0L, 1.0L}) {
          const Real at = floorl(logl(price * (1 + side / leverage) / (1 + side * m)) / width);
          if (at != c && fabsl(at - c) <= bins / 2) deposits.push_back({at, price * opened * share, s.clock[row]});
        }
      }
      interest = s.inputs[1][row];
    }
    out.push_back({null, null});
    if (std::isnan(cell) || is_null_observation(call, s, row)) continue;
    out.back() = {0, 0};
    for (const Deposit& d : deposits) {
      out.back()[d.cell < cell ? 0 : 1] += d.amount * powl(2, -seconds(s.clock[row] - d.time) / half_life);
    }
  }
  return out;
}

}  // namespace millrace::testing::naive
