#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/random.h"
#include "millrace/base/text.h"
#include "millrace/engine/report_html.h"
#include "millrace/engine/report_json.h"
#include "millrace/io/whole_file.h"

namespace millrace {

namespace {

struct Asked {
  std::string out, json, equity;  // files; empty: only the time is told
  std::uint64_t trades = 10'000, seed = 7;
  std::size_t symbols = 6;
  int days = 60;
  bool has_markup = false;  // in names and notes: tests that it stays text
};

/// A run that nobody made: entries at random and exits after a while, whose fills, round trips and equity add up.
class MadeUpRun {
 public:
  explicit MadeUpRun(const Asked& asked) : asked_(asked), random_(asked.seed) {
    minutes_ = static_cast<std::size_t>(asked.days) * 1'440;
    tell();
    run_.equity.resize(minutes_ + 1);
    for (std::size_t i = 0; i <= minutes_; ++i) {
      run_.equity[i].ts = run_.from + static_cast<Nanos>(i) * run_.equity_step;
      run_.equity[i].equity = run_.equity[i].cash = run_.capital;
    }
    closed_.resize(minutes_ + 1);
    for (std::size_t s = 0; s < asked.symbols; ++s) add_symbol(s);
    add_closed();
    std::stable_sort(run_.trades.begin(), run_.trades.end(),
                     [](const RoundTrip& a, const RoundTrip& b) { return a.entered < b.entered; });
    run_.trades_total = run_.trades.size();
    run_.orders_total = run_.fills_total = run_.fills.size();
    run_.signals_total = 3 * run_.trades.size();
    if (asked.trades > 0) add_scenarios();
  }

  RunResult take() { return std::move(run_); }

 private:
  void tell() {
    run_.strategy = "made_up";
    run_.title = asked_.has_markup ? "Made up </script><script>alert('title')</script>" : "Made up";
    run_.asset = "USD";
    run_.capital = 1e6;
    run_.from = 1'767'225'600 * one_second;
    run_.to = run_.from + static_cast<Nanos>(minutes_) * run_.equity_step;
    run_.parameters = {{"entry", "at random"}, {"hold", "5m to 4h"}};
    run_.assumptions = {{"fees", "maker 1 bps, taker 3 bps"}, {"latency", "50ms"}, {"queue", "conservative"}};
    run_.provenance = {{"seed", std::to_string(asked_.seed)}, {"made by", "bench/report"}};
    run_.notes = {"in sample: this run was made up, and says nothing about any market"};
    if (asked_.has_markup) run_.notes.emplace_back("<img src=x onerror=\"document.title='broken'\"> & <b>bold</b>");
    run_.blocked = {{"no_edge", 812}, {"stale_data", 41}};
    run_.rejected = {{"would_take", 9}};
    run_.trials = 12;
    for (int i = 0; i < 12; ++i) run_.trial_sharpes.push_back(0.3 * normal());
    run_.ledger.add_rows(4'000'000);
    const std::uint16_t source = run_.ledger.add_source("ticks.parquet");
    run_.ledger.note(Reason::bad_price, {source, 17}, "-1");
    for (int i = 0; i < 60; ++i) run_.ledger.note(Reason::gap, {source, 100}, "");
    run_.files = {{.path = "ticks.parquet", .layout = "canonical", .bytes = 81'000'000, .rows = 4'000'000}};
    run_.seconds = 12.5;
  }

  double uniform() { return random_.uniform(); }
  double normal() { return random_.gaussian(); }

  void add_symbol(std::size_t s) {
    constexpr std::array<std::string_view, 6> names{"BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD", "DOGE-USD", "ADA-USD"};
    SymbolResult symbol{.venue = "simulated",
                        .symbol = s < names.size() ? std::string(names[s]) : fmt::format("S{}", s)};
    if (asked_.has_markup && s == 0) symbol.symbol = "<script>alert('symbol')</script>";
    std::vector<double> mids{std::exp(11.0 - 2.0 * static_cast<double>(s))};
    for (std::size_t i = 1; i <= minutes_; ++i) mids.push_back(mids.back() * std::exp(6e-4 * normal()));
    symbol.rows = minutes_ * 40;
    symbol.rejected_rows = s;
    symbol.gap_rows = 10;
    symbol.first = run_.from;
    symbol.last = run_.to;
    symbol.longest_gap = 42 * one_second;
    symbol.longest_gap_from = run_.from + 3 * one_day;
    add_bars(symbol, mids);
    const std::uint64_t trades = asked_.trades / asked_.symbols + (s < asked_.trades % asked_.symbols ? 1 : 0);
    for (std::uint64_t t = 0; t < trades; ++t) {
      const std::size_t room = minutes_ / trades, first = t * room;
      const std::size_t in = first + static_cast<std::size_t>(uniform() * 0.4 * static_cast<double>(room));
      const std::size_t out = in + 1 + static_cast<std::size_t>(uniform() * 0.5 * static_cast<double>(room));
      add_trade(symbol, static_cast<InstrumentId>(s), mids, in, std::min(out, minutes_));
    }
    symbol.orders = symbol.fills;
    run_.symbols.push_back(std::move(symbol));
  }

  void add_bars(SymbolResult& symbol, const std::vector<double>& mids) {
    const std::size_t step = mids.size() / RunResult::most_chart_bars + 1;
    for (std::size_t i = 0; i + 1 < mids.size(); i += step) {
      PriceBar bar{.start = run_.from + static_cast<Nanos>(i) * run_.equity_step,
                   .open = mids[i],
                   .high = mids[i],
                   .low = mids[i]};
      for (std::size_t k = i; k < std::min(i + step + 1, mids.size()); ++k) {
        bar.high = std::max(bar.high, mids[k]);
        bar.low = std::min(bar.low, mids[k]);
        bar.close = mids[k];
      }
      bar.volume = 1e3 * (0.2 + uniform());
      symbol.bars.push_back(bar);
    }
  }

  /// A fill at the market: half the spread, some impact and delay, and a fee.
  double fill(SymbolResult& symbol, InstrumentId id, Side side, double mid, double size, Nanos ts) {
    const double sign = side == Side::buy ? 1.0 : -1.0, notional = size * mid;
    FillRecord one{.ts_venue = ts, .ts_local = ts, .size = size, .notional = notional, .fee = 3e-4 * notional};
    one.fill.instrument = id;
    one.fill.side = side;
    one.fill.is_maker = uniform() < 0.3;
    one.spread_cost = (one.fill.is_maker ? -0.5e-4 : 0.5e-4) * notional;
    one.impact_cost = 0.2e-4 * notional * uniform();
    one.delay_cost = 0.2e-4 * notional * normal();
    one.markout_1s = 1e-4 * normal() * notional;
    one.price = mid + sign * (one.spread_cost + one.impact_cost + one.delay_cost) / size;
    symbol.turnover += notional;
    symbol.fees += one.fee;
    symbol.spread_cost += one.spread_cost;
    symbol.impact_cost += one.impact_cost;
    symbol.delay_cost += one.delay_cost;
    ++symbol.fills;
    run_.fills.push_back(one);
    return one.price;
  }

  void add_trade(SymbolResult& symbol, InstrumentId id, const std::vector<double>& mids, std::size_t in,
                 std::size_t out) {
    RoundTrip trade{.instrument = id, .is_long = uniform() < 0.55, .is_open = out == minutes_};
    trade.entered = run_.from + static_cast<Nanos>(in) * run_.equity_step + 13'000'000'000;
    trade.left = run_.from + static_cast<Nanos>(out) * run_.equity_step;
    const double sign = trade.is_long ? 1.0 : -1.0;
    trade.size = (20'000.0 + 30'000.0 * uniform()) / mids[in];
    trade.notional = trade.size * mids[in];
    trade.entry_price = fill(symbol, id, trade.is_long ? Side::buy : Side::sell, mids[in], trade.size, trade.entered);
    trade.exit_price = fill(symbol, id, trade.is_long ? Side::sell : Side::buy, mids[out], trade.size, trade.left);
    trade.pnl = sign * (trade.exit_price - trade.entry_price) * trade.size + 7.4e-4 * trade.notional;  // a little skill
    trade.fees = run_.fills[run_.fills.size() - 2].fee + run_.fills.back().fee;
    trade.funding = 0.1 * normal();
    for (std::size_t i = in; i <= out; ++i) {
      const double open = sign * (mids[i] - trade.entry_price) * trade.size;
      trade.worst = std::min(trade.worst, open);
      trade.best = std::max(trade.best, open);
      if (i < out) hold(run_.equity[i], sign * trade.size * mids[i], open);
    }
    trade.entry_why = trade.is_long ? "entry_long" : "entry_short";
    trade.exit_why = trade.worst < -3e-3 * trade.notional ? "stop" : uniform() < 0.2 ? "time_stop" : "exit";
    close(closed_[out], trade);
    symbol.realised += trade.pnl;
    symbol.funding += trade.funding;
    run_.trades.push_back(std::move(trade));
  }

  static void hold(EquityPoint& point, double exposure, double open) {
    point.equity += open;
    point.gross_exposure += std::abs(exposure);
    point.net_exposure += exposure;
    ++point.open_positions;
  }

  static void close(EquityPoint& point, const RoundTrip& trade) {
    point.cash += trade.net();
    point.realised += trade.pnl;
    point.fees += trade.fees;
    point.funding += trade.funding;
  }

  /// What was closed stays in the account.
  void add_closed() {
    EquityPoint sum;
    for (std::size_t i = 0; i <= minutes_; ++i) {
      sum.cash += closed_[i].cash;
      sum.realised += closed_[i].realised;
      sum.fees += closed_[i].fees;
      sum.funding += closed_[i].funding;
      EquityPoint& point = run_.equity[i];
      point.equity += sum.cash;
      point.cash += sum.cash;
      point.realised = sum.realised;
      point.fees = sum.fees;
      point.funding = sum.funding;
    }
  }

  void add_scenarios() {
    const EquityPoint& last = run_.equity.back();
    const double net = last.equity - run_.capital, gross = net + last.fees - last.funding;
    run_.scenarios = {
        {"2x costs", net - last.fees, gross - 0.3 * last.fees, 2.0 * last.fees, 0.031, 0.4, run_.fills_total},
        {"2x latency", 0.9 * net, gross, last.fees, 0.021, 1.9, run_.fills_total},
        {"size 2x", 1.8 * net, 1.9 * gross, 2.0 * last.fees, 0.04, 2.0, run_.fills_total},
        {"size 5x", 3.1 * net, 3.9 * gross, 5.0 * last.fees, 0.11, 1.4, run_.fills_total}};
  }

  Asked asked_;
  Random random_;
  std::size_t minutes_ = 0;
  RunResult run_;
  std::vector<EquityPoint> closed_;  // at each step, by the trades that ended there
};

Asked read_arguments(int count, char** words) {
  Asked asked;
  for (int i = 1; i < count; ++i) {
    const std::string_view word = words[i];
    if (word == "--markup") {
      asked.has_markup = true;
      continue;
    }
    if (i + 1 == count) fail(Fault::usage, "{}: expected a value after it", word);
    const std::string value = words[++i];
    const auto number = parse_integer(value);
    if (word == "--out") {
      asked.out = value;
    } else if (word == "--json") {
      asked.json = value;
    } else if (word == "--equity") {
      asked.equity = value;
    } else if (!number || *number < 0 || *number > 1'000'000) {
      fail(Fault::usage, "{}: expected a number up to 1000000, was `{}`", word, value);
    } else if (word == "--trades") {
      asked.trades = static_cast<std::uint64_t>(*number);
    } else if (word == "--symbols") {
      asked.symbols = static_cast<std::size_t>(std::max<std::int64_t>(1, *number));
    } else if (word == "--days") {
      asked.days = static_cast<int>(std::clamp<std::int64_t>(*number, 1, 1'000));
    } else if (word == "--seed") {
      asked.seed = static_cast<std::uint64_t>(*number);
    } else {
      fail(Fault::usage, "unknown argument {}", word);
    }
  }
  return asked;
}

std::string equity_csv(const RunResult& run) {
  std::string text = "ts,equity\n";
  for (const EquityPoint& point : run.equity) text += fmt::format("{},{}\n", point.ts, point.equity);
  return text;
}

}  // namespace

}  // namespace millrace

/// Writes the report of a made-up run of 10,000 trades, and tells how long that took and how large it is. With `--out
/// FILE` (and `--json`, `--equity`) it leaves the files behind: tests/reports looks at them in a browser and beside
/// other libraries.
int main(int count, char** words) {
  using namespace millrace;
  try {
    const Asked asked = read_arguments(count, words);
    const RunResult run = MadeUpRun(asked).take();
    const auto start = std::chrono::steady_clock::now();
    const Performance performance = measure_performance(run);
    const std::string page = report_html(run, performance);
    const std::string json = report_json(run, performance);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (page.find(":nan") != std::string::npos) fail(Fault::state, "report: expected numbers and null, has nan");
    if (!asked.out.empty()) write_whole_file(asked.out, page);
    if (!asked.json.empty()) write_whole_file(asked.json, json);
    if (!asked.equity.empty()) write_whole_file(asked.equity, equity_csv(run));
    fmt::print("{} trades, {} points of equity: {:.3f} s, {:.2f} MB of HTML, {} kB of JSON\n", run.trades.size(),
               run.equity.size(), seconds, static_cast<double>(page.size()) / 1e6, json.size() / 1000);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/report: {}\n", error.what());
    return 1;
  }
}
