#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/engine/backtest.h"
#include "millrace/engine/run_settings.h"
#include "millrace/io/inputs.h"

// Backtests of the ticks in a folder, once for each line it reads: answers with the seconds and with what was traded
// (bench/backtest_libraries.py, which writes the folder).
//
//   bench/backtest_libraries FOLDER fixed_spread    its quotes, in the class below, as numba has them for hftbacktest
//   bench/backtest_libraries FOLDER ema_cross       the rules of ema_cross.toml

namespace {

using namespace millrace;

/// One order a side at a fixed distance from the middle, moved when the middle has moved; looks at the market at most
/// once in `interval`. Posts nothing on a side where a fill would take the position beyond its limit.
class FixedSpread final : public Strategy {
 public:
  FixedSpread(const StrategySpec& spec, std::uint64_t& amended)
      : amended_(amended),
        half_spread_(1e-4 * spec.number("half_spread_bps")),
        size_(spec.number("size")),
        most_(spec.number("position_max")),
        interval_(spec.duration("interval")) {}

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override {
    for (std::size_t row = 0; row < attention.size(); ++row) {
      const Nanos ts = batch.chunk.ts_event[row];
      if (ts < next_look_) continue;
      next_look_ = ts + interval_;
      attention[row] = must_see | look;
    }
  }

  bool looks_between_marks() const override { return false; }

  void on_row(const Observation& row, Desk& desk) override {
    if ((row.attention & look) == 0 || !row.market.has_quote()) return;
    const InstrumentId id = row.market.instrument;
    const InstrumentSpec& spec = desk.spec(id);
    const double middle = 0.5 * (row.market.bid + row.market.ask);
    const Lots size = spec.lots(size_).value_or(0), most = spec.lots(most_).value_or(0), held = desk.position(id);
    quote(bid_, id, Side::buy, spec.ticks_down(middle * (1.0 - half_spread_)), held + size <= most ? size : 0, desk);
    quote(ask_, id, Side::sell, spec.ticks_up(middle * (1.0 + half_spread_)), held - size >= -most ? size : 0, desk);
  }

  void on_event(const ExchangeEvent&, Desk&) override {}

 private:
  static constexpr std::uint8_t look = 1;

  void quote(OrderId& order, InstrumentId id, Side side, std::optional<Ticks> limit, Lots size, Desk& desk) {
    if (!limit) return;
    if (const Desk::OpenOrder* open = order == 0 ? nullptr : desk.find_order(order)) {
      if (!open->is_accepted || open->is_cancelling || open->asked != 0) return;
      if (size == 0) return desk.cancel(order);
      if (open->limit != *limit && desk.amend(order, *limit, open->left)) ++amended_;
      return;
    }
    if (size == 0) return;
    OrderRequest request{.instrument = id, .side = side, .type = OrderType::limit, .size = size, .limit = *limit};
    request.is_post_only = true;
    order = desk.send(request, {.why = side == Side::buy ? "bid" : "ask"});
  }

  std::uint64_t& amended_;
  double half_spread_, size_, most_;
  Nanos interval_, next_look_ = no_time;
  OrderId bid_ = 0, ask_ = 0;
};

/// Rows that were read before, so that no library's clock counts a file.
class RowsInMemory final : public Source {
 public:
  RowsInMemory(const std::vector<Chunk>& chunks, ColumnSet columns) : chunks_(chunks), columns_(columns) {}
  bool next(Chunk& chunk) override {
    if (at_ == chunks_.size()) return false;
    const Chunk& from = chunks_[at_];
    const std::size_t rows = std::min(chunk.most_rows, from.rows() - row_);
    chunk.append(from, row_, rows);
    row_ += rows;
    if (row_ < from.rows()) return true;
    ++at_;
    row_ = 0;
    return true;
  }
  ColumnSet columns() const override { return columns_; }
  std::vector<SourceFile> files() const override { return {}; }
  double progress() const override { return static_cast<double>(at_) / static_cast<double>(chunks_.size()); }

 private:
  const std::vector<Chunk>& chunks_;
  ColumnSet columns_;
  std::size_t at_ = 0, row_ = 0;
};

struct TicksInMemory {
  Instruments instruments;
  std::vector<Chunk> chunks;
  ColumnSet columns;
};

void read_ticks(const std::string& path, TicksInMemory& ticks) {
  Ledger ledger;
  const auto source = open_inputs(std::vector{path}, {}, ticks.instruments, ledger);
  ticks.columns = source->columns();
  for (Chunk chunk;;) {
    chunk.reset(market_row_columns | core_columns | ticks.columns);
    if (!source->next(chunk)) return;
    ticks.chunks.push_back(std::move(chunk));
  }
}

RunSettings settings_of(const std::string& folder, const std::string& name) {
  RunSettings settings;
  settings.inputs = {folder + "/ticks.parquet"};
  settings.strategy = fmt::format("{}/{}.toml", folder, name);
  settings.fees = folder + "/fees.toml";
  settings.instruments = folder + "/instruments.csv";
  settings.queue = "probabilistic";
  settings.limits = {{"rate_per_s", "1000000"}, {"breaker_window", "6s"}, {"breaker_cooldown", "1s"}};
  if (name == "ema_cross") settings.set = {{"cap", "0.001"}, {"risk", "1"}, {"cooldown", "1ms"}};
  settings.has_edge_test = settings.has_scenarios = false;
  return settings;
}

/// One run; its answer is "wall cpu orders amended fills most_position net", times in seconds, of all threads.
std::string play(const BacktestOptions& options, std::uint64_t& amended, const TicksInMemory& ticks) {
  const auto open = [&](Instruments& instruments, Ledger&) {
    for (InstrumentId id = 0; id < ticks.instruments.size(); ++id) {
      instruments.intern(ticks.instruments[id].venue, ticks.instruments[id].symbol);
    }
    return std::make_unique<RowsInMemory>(ticks.chunks, ticks.columns);
  };
  amended = 0;
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  const RunResult result = run_backtest(options, open);
  const double seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  double held = 0.0, most = 0.0;
  for (const FillRecord& fill : result.fills) {
    held += fill.fill.side == Side::buy ? fill.size : -fill.size;
    most = std::max(most, std::abs(held));
  }
  const double net = result.equity.empty() ? 0.0 : result.equity.back().equity - result.capital;
  return fmt::format("{:.6f} {:.6f} {} {} {} {:.6f} {:.4f}", wall.count(), seconds, result.orders_total, amended,
                     result.fills_total, most, net);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) fail(Fault::usage, "expected FOLDER and fixed_spread or ema_cross, was {} words", argc - 1);
    const std::string folder = argv[1], name = argv[2];
    RunSettings settings = settings_of(folder, name);
    BacktestOptions options = make_options(settings);
    options.has_progress = false;
    std::uint64_t amended = 0;
    if (name == "fixed_spread") {
      options.maker = [&amended](const StrategySpec& spec, const RuleSet&, const Plan&) {
        return std::make_unique<FixedSpread>(spec, amended);
      };
    }
    TicksInMemory ticks;
    read_ticks(settings.inputs.front(), ticks);
    fmt::print("ready\n");
    std::fflush(stdout);
    for (std::string line; std::getline(std::cin, line);) {
      fmt::print("{}\n", play(options, amended, ticks));
      std::fflush(stdout);
    }
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/backtest_libraries: {}\n", error.what());
    return 1;
  }
}
