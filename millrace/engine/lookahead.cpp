#include "millrace/engine/lookahead.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/engine/altered_source.h"

namespace millrace {

namespace {

/// A signal, order or fill as one line, in the order of its time.
struct Moment {
  Nanos ts = no_time;
  std::string text;
  bool operator==(const Moment&) const = default;
};

/// All that was decided or happened before `cut`. What is known of an order's end comes later, so it does not count.
std::vector<Moment> decisions_of(const RunResult& run, Nanos cut) {
  std::vector<Moment> list;
  const auto add = [&](Nanos ts, std::string text) {
    if (ts < cut) list.push_back({ts, std::move(text)});
  };
  for (const SignalRecord& one : run.signals) {
    add(one.ts, fmt::format("{} signal {} of instrument {}: {}, value {}, price {}", format_time(one.ts), one.signal,
                            one.instrument, one.effect, one.value, one.price));
  }
  for (const OrderRecord& one : run.orders) {
    add(one.decided,
        fmt::format("{} order of instrument {}: {} {} lots, {}", format_time(one.decided), one.order.instrument,
                    one.order.side == Side::buy ? "buy" : "sell", one.order.size, one.why));
  }
  for (const FillRecord& one : run.fills) {
    add(one.ts_venue,
        fmt::format("{} fill of instrument {}: {} {} at {}", format_time(one.ts_venue), one.fill.instrument,
                    one.fill.side == Side::buy ? "buy" : "sell", one.size, one.price));
  }
  std::sort(list.begin(), list.end(),
            [](const Moment& a, const Moment& b) { return std::tie(a.ts, a.text) < std::tie(b.ts, b.text); });
  return list;
}

RunResult play(const BacktestOptions& options, const OpenSource& open) {
  BacktestOptions quiet = options;
  quiet.out.clear();
  quiet.has_scenarios = false;
  quiet.has_progress = false;
  return run_backtest(quiet, open);
}

}  // namespace

LookaheadResult check_lookahead(const BacktestOptions& options, const OpenSource& open, std::size_t cuts) {
  const RunResult whole = play(options, open);
  LookaheadResult result{.rows = whole.ledger.rows_read(),
                         .decisions = whole.signals.size() + whole.orders.size() + whole.fills.size(),
                         .runs = 1};
  for (std::size_t i = 1; i <= cuts; ++i) {
    const std::uint64_t kept = result.rows * i / (cuts + 1);
    if (kept == 0) continue;
    std::optional<Nanos> cut;
    for (const auto future : {AlteredSource::Future::left_out, AlteredSource::Future::shuffled}) {
      const auto altered = [&](Instruments& instruments, Ledger& ledger) -> std::unique_ptr<Source> {
        return std::make_unique<AlteredSource>(open(instruments, ledger), kept, future);
      };
      const RunResult run = play(options, altered);
      ++result.runs;
      // The last row that was kept says when the future begins: its own decisions were made with it.
      if (!cut) cut = run.to;
      const std::vector<Moment> expected = decisions_of(whole, *cut), found = decisions_of(run, *cut);
      const auto [a, b] = std::mismatch(expected.begin(), expected.end(), found.begin(), found.end());
      if (a == expected.end() && b == found.end()) continue;
      result.faults.push_back(
          {.alteration = fmt::format("rows after {} {}", format_time(*cut),
                                     future == AlteredSource::Future::left_out ? "left out" : "shuffled"),
           .cut = *cut,
           .expected = a == expected.end() ? "nothing" : a->text,
           .found = b == found.end() ? "nothing" : b->text});
    }
  }
  return result;
}

}  // namespace millrace
