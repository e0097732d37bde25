#pragma once

#include "tests/kernels/naive_clock.h"

/// Bars from their definitions: a list of trades, cut into bars, each described from its trades.
namespace millrace::testing::naive {

struct Deal {
  Real price, size, sign;
  Nanos time;
};

/// open, high, low, close, volume, value, trades, vwap, first and last time.
inline Reals describe_bar(const std::vector<Deal>& deals) {
  Real high = deals[0].price, low = deals[0].price, volume = 0, value = 0;
  bool is_sized = false;
  for (const Deal& deal : deals) {
    high = std::max(high, deal.price);
    low = std::min(low, deal.price);
    if (std::isnan(deal.size)) continue;
    is_sized = true;
    volume += deal.size;
    value += deal.size * deal.price;
  }
  return {deals[0].price,
          high,
          low,
          deals.back().price,
          is_sized ? volume : null,
          is_sized ? value : null,
          static_cast<Real>(deals.size()),
          volume > 0 ? value / volume : null,
          static_cast<Real>(deals[0].time),
          static_cast<Real>(deals.back().time)};
}

inline Deal deal_of(const Series& s, std::size_t row) {
  const auto input = [&](std::size_t i) -> Real {
    return s.inputs.size() > i && !s.inputs[i].empty() ? static_cast<Real>(s.inputs[i][row]) : null;
  };
  return {input(0), input(1), input(2), s.clock[row]};
}

/// Whether the trades fill a bar, and the part of the last one with which they just do.
inline std::vector<Reals> filled_bars(const Call& call, const Arguments& a, const Series& s) {
  const std::string_view name = call.kernel->doc.name;
  const bool by_value = name == "dollar_bars", is_split = a.word("split", "false") == "true";
  const Real limit = name == "tick_bars" ? a.number("ticks", 1) : a.number(by_value ? "value" : "volume", 1);
  const auto amount = [&](const Deal& deal) {
    return name == "tick_bars" ? 1 : by_value ? deal.price * deal.size : deal.size;
  };
  std::vector<Deal> open;
  Reals shown(call.kernel->outputs.size(), null);
  std::vector<Reals> out;
  Real sum = 0;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    if (is_valid(call, s, row)) {
      Deal deal = deal_of(s, row);
      while (is_split && sum + amount(deal) >= limit * (1 - 1e-12L)) {
        Deal part = deal;
        part.size *= std::min<Real>(1, (limit - sum) / amount(deal));
        open.push_back(part);
        shown = describe_bar(open);
        open.clear();
        deal.size -= part.size;
        sum = 0;
        if (amount(deal) <= limit * 1e-12L) deal.size = 0;
        if (deal.size == 0) break;
      }
      if (!is_split || deal.size > 0) {
        open.push_back(deal);
        sum += amount(deal);
      }
      if (!open.empty() && sum >= limit * (1 - 1e-12L)) {
        shown = describe_bar(open);
        open.clear();
        sum = 0;
      }
    }
    out.push_back(shown);
  }
  return out;
}

inline std::vector<Reals> imbalance_bars(const Call& call, const Arguments& a, const Series& s) {
  const Real threshold = a.number("threshold", 1), alpha = 1 - powl(2, -1 / a.number("half_life", 20));
  std::vector<Deal> open;
  std::vector<std::pair<Real, Real>> closed;  // trades, imbalance per trade
  Reals shown(11, null);
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    if (is_valid(call, s, row)) {
      open.push_back(deal_of(s, row));
      Real imbalance = 0, limit = threshold;
      for (const Deal& deal : open) imbalance += deal.sign * deal.size;
      if (a.word("adaptive", "false") == "true" && !closed.empty()) {
        Real trades = closed[0].first, drift = closed[0].second;
        for (const auto& [n, each] : closed) {
          trades += alpha * (n - trades);
          drift += alpha * (each - drift);
        }
        limit = std::clamp(trades * fabsl(drift), threshold / 2, threshold * 2);
      }
      if (fabsl(imbalance) >= limit * (1 - 1e-12L)) {
        shown = describe_bar(open);
        shown.push_back(imbalance);
        const auto n = static_cast<Real>(open.size());
        closed.emplace_back(n, imbalance / n);
        open.clear();
      }
    }
    out.push_back(shown);
  }
  return out;
}

inline std::vector<Reals> resample_ohlc(const Call& call, const Arguments& a, const Series& s) {
  const Nanos interval = parse_duration(a.word("interval", "60s")).value_or(1);
  const bool carries = a.word("empty", "skip") == "carry";
  std::map<Nanos, std::vector<Deal>> bars;
  std::vector<Reals> out;
  for (std::size_t row = 0; row < s.rows(); ++row) {
    const Nanos now = s.clock[row] / interval;
    Reals shown(8, null);
    const auto end = bars.lower_bound(now);  // bars before it are closed
    if (end != bars.begin()) {
      const auto& [number, deals] = *std::prev(end);
      const Reals all = describe_bar(deals);
      const Real volume = std::isnan(all[4]) ? 0 : all[4];
      shown = {all[0], all[1], all[2], all[3], volume, all[7], all[6], static_cast<Real>(number * interval)};
      if (carries && number < now - 1) {
        shown = {all[3], all[3], all[3], all[3], 0, null, 0, static_cast<Real>((now - 1) * interval)};
      }
    }
    out.push_back(shown);
    if (is_valid(call, s, row)) bars[now].push_back(deal_of(s, row));
  }
  return out;
}

}  // namespace millrace::testing::naive
