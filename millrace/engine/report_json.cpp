#include "millrace/engine/report_json.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "millrace/base/text.h"
#include "millrace/engine/json_text.h"

namespace millrace {

namespace {

constexpr std::size_t most_reasons = 50;  // of entry or exit in the tables

double seconds_of(Nanos length) { return static_cast<double>(length) / 1e9; }

std::string json_of(const ReturnFigures& figures) {
  JsonObject json;
  json.add("count", figures.count).add("per_year", figures.per_year).add("mean", figures.mean).add("sd", figures.sd);
  json.add("skew", figures.skew).add("kurtosis", figures.kurtosis).add("autocorrelation", figures.autocorrelation);
  json.add("volatility", figures.volatility).add("sharpe", figures.sharpe).add("sharpe_error", figures.sharpe_error);
  json.add("sharpe_error_normal", figures.sharpe_error_normal);
  json.add("probabilistic_sharpe", figures.probabilistic_sharpe).add("sortino", figures.sortino);
  json.add("omega", figures.omega).add("gain_to_pain", figures.gain_to_pain).add("var95", figures.var95);
  json.add("cvar95", figures.cvar95).add("tail_ratio", figures.tail_ratio).add("best", figures.best);
  json.add("worst", figures.worst).add("gaining", figures.gaining).add("losing", figures.losing);
  json.add("autocorrelation_penalty", figures.autocorrelation_penalty).add("smart_sharpe", figures.smart_sharpe);
  json.add("smart_sortino", figures.smart_sortino).add("outlier_win", figures.outlier_win);
  json.add("outlier_loss", figures.outlier_loss).add("cpc_index", figures.cpc_index);
  json.add("common_sense_ratio", figures.common_sense_ratio).add("risk_of_ruin", figures.risk_of_ruin);
  return json.done();
}

std::string json_of(const DrawdownFigures& figures) {
  JsonObject json;
  json.add("deepest", figures.deepest).add("deepest_money", figures.deepest_money);
  json.time("deepest_from", figures.deepest_from).time("deepest_at", figures.deepest_at);
  json.time("recovered", figures.recovered).add("longest_s", seconds_of(figures.longest));
  json.add("episodes", figures.episodes).add("average", figures.average).add("ulcer", figures.ulcer);
  json.add("under_water", figures.under_water).add("cdar95", figures.cdar95);
  return json.done();
}

std::string json_of(const TradeFigures& figures) {
  JsonObject json;
  json.add("count", figures.count).add("open", figures.open).add("wins", figures.wins).add("losses", figures.losses);
  json.add("draws", figures.draws).add("longs", figures.longs).add("longest_wins", figures.longest_wins);
  json.add("longest_losses", figures.longest_losses).add("hit_rate", figures.hit_rate);
  json.add("hit_rate_error", figures.hit_rate_error).add("net", figures.net);
  json.add("profit_factor", figures.profit_factor).add("expectancy", figures.expectancy);
  json.add("expectancy_error", figures.expectancy_error).add("expectancy_ratio", figures.expectancy_ratio);
  json.add("average_win", figures.average_win).add("average_loss", figures.average_loss);
  json.add("payoff", figures.payoff).add("kelly", figures.kelly).add("sqn", figures.sqn).add("best", figures.best);
  json.add("worst", figures.worst).add("average_return_bps", figures.average_return_bps);
  json.add("median_return_bps", figures.median_return_bps).add("average_hold_s", figures.average_hold_s);
  json.add("median_hold_s", figures.median_hold_s).add("winners_hold_s", figures.winners_hold_s);
  json.add("losers_hold_s", figures.losers_hold_s).add("average_adverse_bps", figures.average_adverse_bps);
  json.add("average_favourable_bps", figures.average_favourable_bps);
  return json.done();
}

std::string money_of(const Performance& all, double capital) {
  JsonObject json;
  json.add("capital", capital).add("final_equity", all.final_equity).add("lowest_equity", all.lowest_equity);
  json.add("highest_equity", all.highest_equity).add("net", all.net).add("gross", all.gross).add("fees", all.fees);
  json.add("funding", all.funding).add("borrow", all.borrow).add("spread", all.spread).add("impact", all.impact);
  json.add("delay", all.delay).add("turnover", all.turnover).add("total_return", all.total_return);
  json.add("cagr", all.cagr).add("calmar", all.calmar).add("return_over_drawdown", all.return_over_drawdown);
  json.add("return_over_trade", all.return_over_trade).add("ulcer_performance", all.ulcer_performance);
  json.add("serenity", all.serenity);
  return json.done();
}

std::string activity_of(const Performance& all) {
  JsonObject json;
  json.add("days", all.days_span).add("turnover_per_day", all.turnover_per_day);
  json.add("trades_per_day", all.trades_per_day).add("fills_per_day", all.fills_per_day);
  json.add("exposure_time", all.exposure_time).add("largest_position", all.largest_position);
  json.add("mean_position", all.mean_position).add("largest_leverage", all.largest_leverage);
  json.add("mean_leverage", all.mean_leverage);
  return json.done();
}

/// Who took, and where the middle went after our fills, in bps of the notional.
std::string fills_of(const RunResult& run) {
  std::uint64_t makers = 0;
  std::array<double, 3> moved{}, notional{};
  for (const FillRecord& one : run.fills) {
    makers += one.fill.is_maker ? 1 : 0;
    const std::array<double, 3> markouts{one.markout_1s, one.markout_5s, one.markout_30s};
    for (std::size_t i = 0; i < markouts.size(); ++i) {
      if (std::isnan(markouts[i])) continue;
      moved[i] += markouts[i];
      notional[i] += one.notional;
    }
  }
  const auto bps = [&](std::size_t i) { return notional[i] > 0.0 ? 1e4 * moved[i] / notional[i] : no_value; };
  JsonObject json;
  json.add("total", run.fills_total).add("listed", run.fills.size());
  json.add("maker_share",
           run.fills.empty() ? no_value : static_cast<double>(makers) / static_cast<double>(run.fills.size()));
  json.add("markout_1s_bps", bps(0)).add("markout_5s_bps", bps(1)).add("markout_30s_bps", bps(2));
  return json.done();
}

/// Trades by a text of theirs, the most frequent first.
std::string by_reason(const std::vector<RoundTrip>& trades, std::string RoundTrip::*why) {
  std::map<std::string, std::vector<RoundTrip>> groups;
  for (const RoundTrip& trade : trades) {
    if (!trade.is_open) groups[trade.*why].push_back(trade);
  }
  std::vector<std::pair<std::string, TradeFigures>> rows;
  for (const auto& [name, group] : groups) rows.emplace_back(name, measure_trades(group));
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  if (rows.size() > most_reasons) rows.resize(most_reasons);
  return json_list(rows, [](const auto& row) {
    return JsonObject().text("why", row.first).raw("trades", json_of(row.second)).done();
  });
}

std::string json_of(const SymbolResult& symbol, const std::string& label, const TradeFigures& trades) {
  JsonObject json;
  json.text("label", label).text("venue", symbol.venue).text("symbol", symbol.symbol).add("rows", symbol.rows);
  json.add("rejected_rows", symbol.rejected_rows).add("gap_rows", symbol.gap_rows).time("first", symbol.first);
  json.time("last", symbol.last).add("longest_gap_s", seconds_of(symbol.longest_gap));
  json.time("longest_gap_from", symbol.longest_gap_from).add("orders", symbol.orders).add("blocked", symbol.blocked);
  json.add("rejected", symbol.rejected).add("fills", symbol.fills).add("turnover", symbol.turnover);
  json.add("realised", symbol.realised).add("unrealised", symbol.unrealised).add("fees", symbol.fees);
  json.add("funding", symbol.funding).add("borrow", symbol.borrow).add("spread", symbol.spread_cost);
  json.add("impact", symbol.impact_cost).add("delay", symbol.delay_cost);
  json.add("markout_1s", symbol.markout_1s).add("markout_5s", symbol.markout_5s);
  json.add("markout_30s", symbol.markout_30s).add("inventory", symbol.inventory_pnl);
  json.add("net", symbol.realised + symbol.unrealised - symbol.fees + symbol.funding + symbol.borrow);
  const bool has_bars = !symbol.bars.empty() && symbol.bars.front().open > 0.0;
  json.add("market_change", has_bars ? symbol.bars.back().close / symbol.bars.front().open - 1.0 : no_value);
  json.raw("trades", json_of(trades));
  return json.done();
}

std::string symbols_of(const RunResult& run) {
  std::vector<std::vector<RoundTrip>> trades(run.symbols.size());
  for (const RoundTrip& trade : run.trades) {
    if (trade.instrument < trades.size()) trades[trade.instrument].push_back(trade);
  }
  InstrumentId id = 0;
  return json_list(run.symbols, [&](const SymbolResult& symbol) {
    const std::string json = json_of(symbol, label_of(run, id), measure_trades(trades[id]));
    ++id;
    return json;
  });
}

std::string json_of(const Scenario& one) {
  return JsonObject()
      .text("name", one.name)
      .add("net", one.net_pnl)
      .add("gross", one.gross_pnl)
      .add("fees", one.fees)
      .add("max_drawdown", one.max_drawdown)
      .add("sharpe", one.sharpe)
      .add("fills", one.fills)
      .done();
}

std::string periods_of(const Performance& all) {
  const auto list = [](const std::vector<PeriodResult>& periods, const char* name, std::size_t letters) {
    return json_list(periods, [&](const PeriodResult& one) {
      const double gain = one.equity > 0.0 ? one.pnl / one.equity : no_value;
      const std::string start = format_time(one.start).substr(0, letters);
      return JsonObject().text(name, start).add("pnl", one.pnl).add("return", gain).done();
    });
  };
  const std::string hours = json_list(all.by_hour, [](const auto& weekday) {
    return json_list(weekday, [](const PeriodResult& hour) {
      return hour.steps == 0 ? std::string("null") : json_number(hour.pnl);
    });
  });
  return "\"by_month\":" + list(all.by_month, "month", 7) + ",\"by_day\":" + list(all.by_day, "day", 10) +
         ",\"by_hour\":" + hours;
}

std::string texts_of(const std::vector<std::pair<std::string, std::string>>& list) {
  return json_list(list,
                   [](const auto& one) { return "[" + json_quoted(one.first) + "," + json_quoted(one.second) + "]"; });
}

std::string json_of(const SourceFile& file) {
  JsonObject json;
  json.text("path", file.path).text("layout", file.layout).add("bytes", file.bytes).add("rows", file.rows);
  json.time("modified", file.modified);
  json.raw("renamed", json_list(file.renamed, [](const std::string& one) { return json_quoted(one); }));
  return json.done();
}

std::string counts_of(const std::vector<Count>& counts) {
  return json_list(counts,
                   [](const Count& one) { return JsonObject().text("name", one.name).add("count", one.count).done(); });
}

}  // namespace

std::string report_json(const RunResult& run, const Performance& all) {
  JsonObject json;
  json.text("schema", "report 1").text("strategy", run.strategy).text("title", run.title).text("asset", run.asset);
  json.time("from", run.from).time("to", run.to).add("equity_step_s", seconds_of(run.equity_step));
  json.add("seconds", run.seconds);
  json.raw("notes", json_list(run.notes, [](const std::string& note) { return json_quoted(note); }));
  json.raw("money", money_of(all, run.capital)).raw("steps", json_of(all.steps)).raw("days", json_of(all.days));
  json.add("uneven_steps", all.uneven_steps).raw("drawdown", json_of(all.drawdown));
  json.raw("activity", activity_of(all)).raw("trades", json_of(all.trades)).raw("longs", json_of(all.longs));
  json.raw("shorts", json_of(all.shorts)).raw("fills", fills_of(run));
  json.raw("by_entry", by_reason(run.trades, &RoundTrip::entry_why));
  json.raw("by_exit", by_reason(run.trades, &RoundTrip::exit_why));
  json.raw("trials", JsonObject()
                         .add("count", run.trials)
                         .add("sharpes", run.trial_sharpes.size())
                         .add("luck_sharpe", all.luck_sharpe)
                         .add("deflated_sharpe", all.deflated_sharpe)
                         .done());
  json.raw("counts", JsonObject()
                         .add("orders", run.orders_total)
                         .add("fills", run.fills_total)
                         .add("trades", run.trades_total)
                         .add("signals", run.signals_total)
                         .done());
  json.raw("blocked", counts_of(run.blocked)).raw("rejected", counts_of(run.rejected)).raw("symbols", symbols_of(run));
  json.raw("scenarios", json_list(run.scenarios, [](const Scenario& one) { return json_of(one); }));
  json.raw("parameters", texts_of(run.parameters)).raw("assumptions", texts_of(run.assumptions));
  json.raw("provenance", texts_of(run.provenance));
  json.raw("files", json_list(run.files, [](const SourceFile& file) { return json_of(file); }));
  json.raw("ledger", run.ledger.to_json());
  std::string text = json.done();
  text.pop_back();
  return text + "," + periods_of(all) + "}";
}

std::string label_of(const RunResult& run, InstrumentId instrument) {
  if (instrument >= run.symbols.size()) return "instrument " + std::to_string(instrument);
  const SymbolResult& one = run.symbols[instrument];
  const auto same = std::count_if(run.symbols.begin(), run.symbols.end(),
                                  [&](const SymbolResult& other) { return other.symbol == one.symbol; });
  return same > 1 ? one.venue + ":" + one.symbol : one.symbol;
}

}  // namespace millrace
