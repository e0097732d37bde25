#include "millrace/engine/run_collector.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace millrace {

namespace {

/// Keeps the first ones.
template <class Record>
void keep(const std::vector<Record>& from, std::vector<Record>& to, std::uint64_t& total) {
  total += from.size();
  const std::size_t room = RunResult::most_records - std::min(RunResult::most_records, to.size());
  to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(std::min(room, from.size())));
}

std::vector<Count> by_count(const std::map<std::string, std::uint64_t>& counts) {
  std::vector<Count> list;
  for (const auto& [name, count] : counts) list.push_back({name, count});
  std::stable_sort(list.begin(), list.end(), [](const Count& a, const Count& b) { return a.count > b.count; });
  return list;
}

}  // namespace

SymbolResult& RunCollector::symbol(InstrumentId instrument) {
  if (instrument >= symbols_.size()) symbols_.resize(instrument + 1);
  return symbols_[instrument];
}

void RunCollector::on_log(const RunLog& log) {
  for (const OrderRecord& order : log.orders) {
    SymbolResult& one = symbol(order.order.instrument);
    ++one.orders;
    if (order.status == "blocked") {
      ++one.blocked;
      ++blocked_[std::string(name_of(order.reason))];
    } else if (order.status == "rejected") {
      ++one.rejected;
      ++rejected_[std::string(name_of(order.reason))];
    }
  }
  for (const FillRecord& fill : log.fills) {
    SymbolResult& one = symbol(fill.fill.instrument);
    ++one.fills;
    one.turnover += fill.notional;
    one.spread_cost += fill.spread_cost;
    one.impact_cost += fill.impact_cost;
    one.delay_cost += fill.delay_cost;
    const auto add = [](double& sum, double value) { sum += std::isfinite(value) ? value : 0.0; };
    add(one.markout_1s, fill.markout_1s);
    add(one.markout_5s, fill.markout_5s);
    add(one.markout_30s, fill.markout_30s);
  }
  keep(log.orders, result_.orders, result_.orders_total);
  keep(log.fills, result_.fills, result_.fills_total);
  keep(log.trades, result_.trades, result_.trades_total);
  keep(log.signals, result_.signals, result_.signals_total);
  result_.equity.insert(result_.equity.end(), log.equity.begin(), log.equity.end());
}

void RunCollector::finish(RowCollector& rows, const Account& account, const std::vector<Final>& finals) {
  rows.finish(result_, symbols_);
  for (InstrumentId id = 0; id < symbols_.size(); ++id) {
    SymbolResult& one = symbols_[id];
    one.venue = instruments_[id].venue;
    one.symbol = instruments_[id].symbol;
    if (id < finals.size()) {
      const Position& position = account.position(id);
      const double rate = position.fills > 0 ? finals[id].rate : 0.0;
      one.realised = rate * to_double(position.realised);
      one.fees = rate * to_double(position.fees);
      one.funding = rate * to_double(position.funding);
      one.borrow = rate * to_double(position.borrow);
      one.unrealised = finals[id].unrealised;
      one.inventory_pnl = one.realised + one.unrealised + one.spread_cost + one.impact_cost - one.markout_5s;
    }
    if (one.rows > 0) result_.symbols.push_back(std::move(one));
  }
  result_.blocked = by_count(blocked_);
  result_.rejected = by_count(rejected_);
}

}  // namespace millrace
