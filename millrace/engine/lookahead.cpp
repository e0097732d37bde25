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

/// When the first record that was not kept can have been decided. Signals, fills and orders are kept as they end, which
/// is up to an order's life later: where any were left out, nothing after the earliest of the last ones is compared.
Nanos known_until(const RunResult& run) {
  Nanos until = INT64_MAX;
  if (run.signals_total > run.signals.size()) until = std::min(until, run.signals.back().ts);
  if (run.fills_total > run.fills.size()) until = std::min(until, run.fills.back().ts_venue);
  if (run.orders_total > run.orders.size()) {
    // An order that lives longer than all that were kept is not among them: as long as the longest of them did.
    Nanos longest = 0;
    for (const OrderRecord& one : run.orders) longest = std::max(longest, one.ended - one.decided);
    until = std::min(until, run.orders.back().ended - longest);
  }
  return until;
}

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
        fmt::format("{} order of instrument {}: {} {} lots at {}, {}", format_time(one.decided), one.order.instrument,
                    one.order.side == Side::buy ? "buy" : "sell", one.order.size,
                    one.order.limit > 0 ? fmt::format("{} ticks", one.order.limit) : "the market", one.why));
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
      const Nanos until = std::min({*cut, known_until(whole), known_until(run)});
      const std::vector<Moment> expected = decisions_of(whole, until), found = decisions_of(run, until);
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
