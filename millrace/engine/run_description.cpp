#include "millrace/engine/run_description.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/text.h"

namespace millrace {

namespace {

void describe_fees(const FeeTable& fees, const std::set<std::string>& venues, RunResult& result) {
  for (const VenueFees& one : fees.venues) {
    if (!venues.contains(one.venue)) continue;
    const FeeTier& tier = one.applied();
    result.assumptions.emplace_back(
        fmt::format("fees of {}", one.venue),
        fmt::format("maker {} bps, taker {} bps (tier {}, as of {}: {}); {}", format_number(tier.maker_bps),
                    format_number(tier.taker_bps), tier.name, one.date, one.source,
                    one.borrow_apr < 0.0 ? std::string("nothing can be borrowed")
                                         : fmt::format("borrowing {} a year", format_number(one.borrow_apr))));
  }
}

void note_gaps(const BacktestOptions& options, RunResult& result) {
  std::vector<std::string> gaps;
  std::uint64_t count = 0;
  for (const SymbolResult& one : result.symbols) {
    if (one.long_gaps == 0) continue;
    count += one.long_gaps;
    gaps.push_back(fmt::format("{}:{} {} (longest {:.1f} s, from {})", one.venue, one.symbol, one.long_gaps,
                               static_cast<double>(one.longest_gap) / 1e9, format_time(one.longest_gap_from)));
  }
  if (gaps.empty()) return;
  const std::size_t more = gaps.size() > 10 ? gaps.size() - 10 : 0;
  gaps.resize(gaps.size() - more);
  result.notes.push_back(fmt::format(
      "{} silences of an instrument were longer than {}: {}{}; positions were {}", count,
      format_duration(options.most_gap), fmt::join(gaps, ", "), more > 0 ? fmt::format(" and {} more", more) : "",
      options.lane.desk.closes_at_gap ? "closed on the first row after them" : "kept at their last mark"));
}

std::string_view name_of_queue(QueueModel queue) {
  return queue == QueueModel::conservative    ? "conservative: only trades shorten it"
         : queue == QueueModel::probabilistic ? "probabilistic: cancels are shared by place"
                                              : "by level";
}

}  // namespace

void describe(const BacktestOptions& options, const RunMarket& market, const Instruments& instruments,
              RunResult& result) {
  for (const StrategyParameter& one : options.strategy.parameters) result.parameters.emplace_back(one.name, one.text);
  std::set<std::string> venues;
  std::vector<std::string> unknown;
  for (InstrumentId id = 0; id < market.specs().size(); ++id) {
    if (!market.is_wanted(id)) continue;
    venues.insert(instruments[id].venue);
    if (!market.specs()[id].is_known) unknown.push_back(instruments[id].venue + ":" + instruments[id].symbol);
  }
  describe_fees(options.fees, venues, result);
  const SimOptions& sim = options.lane.sim;
  auto& list = result.assumptions;
  list.emplace_back("latency of market data", format_latency(options.lane.feed));
  list.emplace_back("latency of orders", format_latency(sim.order_latency));
  list.emplace_back("latency of answers", format_latency(sim.ack_latency));
  list.emplace_back("queue of resting orders", name_of_queue(sim.queue));
  list.emplace_back("impact beyond the displayed size",
                    fmt::format("{} x daily volatility x sqrt(size / daily volume); {} bps while these are unknown",
                                format_number(sim.impact_y), format_number(sim.assumed_impact_bps)));
  const GuardLimits& limits = options.lane.desk.limits;
  list.emplace_back("limits", fmt::format("{} of equity a name, {} gross, {} net; loss of a day {}; order {}",
                                          format_number(limits.name_max), format_number(limits.gross_max),
                                          format_number(limits.net_max), format_number(limits.daily_loss_max),
                                          format_number(limits.notional_max)));
  list.emplace_back("edge test", options.lane.desk.has_edge_test
                                     ? fmt::format("expected gain at least {} x the round trip's cost",
                                                   format_number(options.lane.desk.edge_multiple))
                                     : "off");
  list.emplace_back("asset rates", options.rates.empty() ? "none" : "");
  for (const RateText& one : options.rates) list.back().second += fmt::format("{} = {}; ", one.asset, one.rate);
  if (!unknown.empty()) {
    const std::size_t more = unknown.size() > 10 ? unknown.size() - 10 : 0;
    if (more > 0) unknown.resize(10);
    result.notes.push_back(fmt::format(
        "no price steps, lots and least orders are known of {}{}: orders are rounded to 1e-8 only (see --instruments)",
        fmt::join(unknown, ", "), more > 0 ? fmt::format(" and {} more", more) : ""));
  }
  note_gaps(options, result);
  result.notes.emplace_back(
      "the parameters were not fitted by this run; whoever chose them after looking at these data is in sample");
}

}  // namespace millrace
