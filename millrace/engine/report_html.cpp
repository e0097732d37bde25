#include "millrace/engine/report_html.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "millrace/base/text.h"
#include "millrace/engine/json_text.h"
#include "millrace/engine/report_json.h"

namespace millrace {

namespace {

constexpr std::size_t points_of_stretch = 3;

std::int64_t milliseconds(Nanos time) { return time / 1'000'000; }

/// For pictures: nine digits are more than a screen shows.
std::string drawn_number(double value) { return std::isfinite(value) ? fmt::format("{:.9g}", value) : "null"; }

std::vector<double> depths_of(const RunResult& run) {
  std::vector<double> depths;
  double peak = run.capital;
  for (const EquityPoint& point : run.equity) {
    peak = std::max(peak, point.equity);
    depths.push_back(peak > 0.0 ? point.equity / peak - 1.0 : 0.0);
  }
  return depths;
}

/// Places of the points that are drawn, ascending: all, or of each stretch the lowest, the highest and the deepest.
std::vector<std::size_t> drawn_points(const std::vector<EquityPoint>& equity, const std::vector<double>& depths) {
  std::vector<std::size_t> drawn;
  const std::size_t n = equity.size();
  if (n <= most_equity_points) {
    for (std::size_t i = 0; i < n; ++i) drawn.push_back(i);
    return drawn;
  }
  const std::size_t stretches = (most_equity_points - 2) / points_of_stretch;
  drawn.push_back(0);
  for (std::size_t s = 0; s < stretches; ++s) {
    const std::size_t first = n * s / stretches, end = n * (s + 1) / stretches;
    std::size_t lowest = first, highest = first, deepest = first;
    for (std::size_t i = first; i < end; ++i) {
      if (equity[i].equity < equity[lowest].equity) lowest = i;
      if (equity[i].equity > equity[highest].equity) highest = i;
      if (depths[i] < depths[deepest]) deepest = i;
    }
    drawn.insert(drawn.end(), {lowest, highest, deepest});
  }
  drawn.push_back(n - 1);
  std::sort(drawn.begin(), drawn.end());
  drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
  return drawn;
}

std::string equity_series(const RunResult& run) {
  const std::vector<double> depths = depths_of(run);
  const std::vector<std::size_t> drawn = drawn_points(run.equity, depths);
  const auto column = [&](auto value) { return json_list(drawn, value); };
  JsonObject json;
  json.raw("t", column([&](std::size_t i) { return std::to_string(milliseconds(run.equity[i].ts)); }));
  json.raw("equity", column([&](std::size_t i) { return drawn_number(run.equity[i].equity); }));
  json.raw("depth", column([&](std::size_t i) { return fmt::format("{:.6g}", depths[i]); }));
  json.raw("gross", column([&](std::size_t i) { return drawn_number(run.equity[i].gross_exposure); }));
  json.raw("net", column([&](std::size_t i) { return drawn_number(run.equity[i].net_exposure); }));
  json.raw("open", column([&](std::size_t i) { return std::to_string(run.equity[i].open_positions); }));
  json.add("points", run.equity.size());
  return json.done();
}

std::string bar_series(const SymbolResult& symbol) {
  const auto column = [&](double PriceBar::*value) {
    return json_list(symbol.bars, [value](const PriceBar& bar) { return drawn_number(bar.*value); });
  };
  JsonObject json;
  json.raw("t", json_list(symbol.bars, [](const PriceBar& bar) { return std::to_string(milliseconds(bar.start)); }));
  json.raw("open", column(&PriceBar::open)).raw("high", column(&PriceBar::high)).raw("low", column(&PriceBar::low));
  json.raw("close", column(&PriceBar::close)).raw("volume", column(&PriceBar::volume));
  return json.done();
}

/// Each word once; its number stands for it.
class Words {
 public:
  std::size_t number_of(const std::string& word) {
    const auto [at, is_new] = numbers_.try_emplace(word, words_.size());
    if (is_new) words_.push_back(word);
    return at->second;
  }
  std::string json() const {
    return json_list(words_, [](const std::string& word) { return json_quoted(word); });
  }

 private:
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::string> words_;
};

std::string trade_series(const RunResult& run) {
  Words words;
  std::string rows = "[";
  const std::size_t listed = std::min(run.trades.size(), most_listed_trades);
  for (std::size_t i = 0; i < listed; ++i) {
    const RoundTrip& trade = run.trades[i];
    const auto end = trade.left == no_time ? std::string("null") : std::to_string(milliseconds(trade.left));
    rows += fmt::format("{}[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]", i == 0 ? "" : ",", trade.instrument,
                        trade.is_long ? 1 : 0, trade.is_open ? 1 : 0, milliseconds(trade.entered), end,
                        drawn_number(trade.entry_price), drawn_number(trade.exit_price), drawn_number(trade.size),
                        drawn_number(trade.notional), drawn_number(trade.pnl), drawn_number(trade.fees),
                        drawn_number(trade.funding), drawn_number(trade.worst), drawn_number(trade.best),
                        words.number_of(trade.entry_why), words.number_of(trade.exit_why));
  }
  return JsonObject()
      .raw("rows", rows + "]")
      .raw("words", words.json())
      .add("recorded", run.trades.size())
      .add("total", run.trades_total)
      .done();
}

}  // namespace

std::string report_html(const RunResult& run, const Performance& performance) {
  JsonObject series;
  series.raw("equity", equity_series(run));
  series.raw("bars", json_list(run.symbols, [](const SymbolResult& symbol) { return bar_series(symbol); }));
  series.raw("trades", trade_series(run));
  const std::string data =
      JsonObject().raw("report", report_json(run, performance)).raw("series", series.done()).done();
  const std::string& name = run.title.empty() ? run.strategy : run.title;
  return report_page(name + " – millrace", data, {"lightweight-charts", "widgets", "run"});
}

}  // namespace millrace
