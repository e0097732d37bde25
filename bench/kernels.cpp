#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <string>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/engine/measure.h"
#include "millrace/graph/graph.h"
#include "millrace/kernels/registry.h"

namespace millrace {
namespace {

constexpr std::size_t rows = 400'000, instruments = 14, repetitions = 5, checked_rows = 20'000;

constexpr Nanos one_hour = 3600 * one_second;

/// A plan of one feature.
std::shared_ptr<const Plan> plan_of(std::string_view name, std::string expression) {
  FeatureSet set{.name = std::string(name)};
  set.features.push_back({"feature", std::move(expression)});
  return make_plan(set);
}

/// Makes trades of tickers, and puts what kernels want as inputs where a ticker has statistics: bars in the 24 h
/// columns, returns in `pct_chg_24h`. So an input costs nothing but the reading of a column.
void fill(Chunk& chunk, std::vector<double>& last) {
  const double* price = chunk.f64(Column::price);
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    double& before = last[chunk.instrument[i]];
    if (before == 0.0) before = price[i];
    const double spread = 1e-5 * price[i] * static_cast<double>(1 + i % 5);
    chunk.f64(Column::size)[i] = 0.1 + 0.01 * static_cast<double>(i % 97);
    chunk.side[i] = price[i] >= before ? 1 : -1;
    chunk.f64(Column::open_24h)[i] = before;
    chunk.f64(Column::high_24h)[i] = std::max(price[i], before) + spread;
    chunk.f64(Column::low_24h)[i] = std::min(price[i], before) - spread;
    chunk.f64(Column::vwap_24h)[i] = price[i];
    chunk.f64(Column::pct_chg_24h)[i] = std::log(price[i] / before);
    chunk.f64(Column::quote_vol_24h)[i] = price[i] * chunk.f64(Column::size)[i];
    chunk.f64(Column::funding_rate)[i] = 1e-4;
    chunk.f64(Column::open_interest)[i] = 500.0 + static_cast<double>(i % 13);
    chunk.next_funding_ns[i] = (chunk.ts_event[i] / one_hour + 1) * one_hour;
    chunk.trade_id[i] = i + 1;
    before = price[i];
  }
}

std::unique_ptr<MeasuredMarket> market_of_tickers() {
  FeatureSet set{.name = "columns"};  // whatever a kernel may ask for, so that the market is made with it
  for (const std::string_view column : {"price + size + side + bid + ask + bid_size + ask_size",
                                        "vol_24h + quote_vol_24h + open_24h + high_24h + low_24h",
                                        "vwap_24h + pct_chg_24h + funding_rate + open_interest", "ts_recv - ts_event",
                                        "next_funding_ns", "dedupe_trades(trade_id)"}) {
    set.features.push_back({fmt::format("f{}", set.features.size()), std::string(column)});
  }
  const auto all = make_plan(set);
  auto market = make_measured_market(
      {.rows = rows, .symbols = instruments, .seed = 7, .kinds = SimulatedMarket::Kinds::ticker}, *all);
  std::vector<double> last(market->instruments.size(), 0.0);
  for (Chunk& chunk : market->chunks) fill(chunk, last);
  return market;
}

/// Rows one by one have to give the bits of a whole chunk. Says whether some of them have a value.
bool check(const std::shared_ptr<const Plan>& plan, const Chunk& chunk) {
  Chunk part, one;
  part.reset(chunk.columns);
  part.append(chunk, 0, checked_rows);
  Graph whole(plan), single(plan);
  FeatureBlock expected, was;
  whole.run(part, expected);
  std::size_t values = 0;
  std::vector<std::size_t> place(checked_rows);
  for (std::size_t i = 0; i < checked_rows; ++i) place[expected.order[i]] = i;
  for (std::size_t row = 0; row < checked_rows; ++row) {
    one.reset(chunk.columns);
    one.append(chunk, row, 1);
    single.run(one, was);
    const double a = expected.columns[0].number(place[row]), b = was.columns[0].number(0);
    values += std::isnan(a) ? 0 : 1;
    if (std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) || (std::isnan(a) && std::isnan(b)))
      continue;
    fail(Fault::state, "row {} differs between one row and {}", row, checked_rows);
  }
  return values > 0;
}

/// Nanoseconds of CPU a row: the median over repetitions, the first of which only warms up.
double cost_of(const std::shared_ptr<const Plan>& plan, const MeasuredMarket& market) {
  Graph graph(plan);
  FeatureBlock features;
  std::vector<double> costs;
  for (std::size_t i = 0; i <= repetitions; ++i) {
    const std::clock_t start = std::clock();
    for (const Chunk& chunk : market.chunks) graph.run(chunk, features);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    if (i > 0) costs.push_back(1e9 * seconds / static_cast<double>(market.rows));
  }
  std::sort(costs.begin(), costs.end());
  return costs[repetitions / 2];
}

/// Measures on tickers, where every row is a trade and a quote, or, where they give nothing, on trades.
double cost_of(std::string_view name, const std::string& expression, MeasuredMarket& market) {
  const auto plan = plan_of(name, expression);
  for (const Kind kind : {Kind::ticker, Kind::trade}) {
    for (Chunk& chunk : market.chunks) std::fill(chunk.kind.begin(), chunk.kind.end(), static_cast<std::uint8_t>(kind));
    if (check(plan, market.chunks.front())) return cost_of(plan, market);
  }
  fail(Fault::state, "expected a value within {} rows, was none", checked_rows);
}

/// Reads `name<TAB>expression` lines and prints `name<TAB>nanoseconds` for each, or `name<TAB>error: …`.
int measure_lines(std::istream& in) {
  const auto market = market_of_tickers();
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) fail(Fault::usage, "expected `name<TAB>expression`, was `{}`", line);
    const std::string name = line.substr(0, tab);
    try {
      fmt::print("{}\t{:.2f}\n", name, cost_of(name, line.substr(tab + 1), *market));
    } catch (const Error& error) {
      const std::string what = error.what();
      fmt::print("{}\terror: {}\n", name, what.substr(0, what.find('\n')));
    }
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace millrace

/// Nanoseconds a row of plans of one feature each, read from standard input; bench/kernels.py writes and reads them.
int main() {
  try {
    return millrace::measure_lines(std::cin);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/kernels: {}\n", error.what());
    return 1;
  }
}
