#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/text.h"
#include "millrace/engine/json_text.h"
#include "millrace/engine/sweep.h"

namespace millrace {

namespace {

std::string text_of(const Trial& trial) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : trial.parameters) parts.push_back(name + "=" + value);
  return parts.empty() ? "defaults" : fmt::format("{}", fmt::join(parts, " "));
}

std::string shown(double value, int digits) { return has_value(value) ? fmt::format("{:.{}f}", value, digits) : "–"; }

std::string json_of(const Trial& trial) {
  JsonObject parameters;
  for (const auto& [name, value] : trial.parameters) parameters.text(name, value);
  return JsonObject()
      .raw("parameters", parameters.done())
      .add("net_pnl", trial.net_pnl)
      .add("gross_pnl", trial.gross_pnl)
      .add("fees", trial.fees)
      .add("max_drawdown", trial.max_drawdown)
      .add("sharpe", trial.sharpe)
      .add("sharpe_se", trial.sharpe_se)
      .add("deflated_sharpe", trial.deflated)
      .add("fills", trial.fills)
      .add("blocked", trial.blocked)
      .done();
}

std::string json_of(const Fold& fold) {
  return JsonObject()
      .time("train_from", fold.train_from)
      .time("train_to", fold.train_to)
      .time("test_from", fold.test_from)
      .time("test_to", fold.test_to)
      .raw("trial", fold.chosen ? std::to_string(*fold.chosen) : "null")
      .add("train_sharpe", fold.train_sharpe)
      .add("test_sharpe", fold.test_sharpe)
      .add("test_net", fold.test_net)
      .done();
}

std::string json_of(const GridAxis& axis) {
  return JsonObject().text("name", axis.name).raw("values", json_list(axis.values, json_quoted)).done();
}

}  // namespace

std::string to_json(const SweepResult& result) {
  const auto json = [](const auto& one) { return json_of(one); };
  return JsonObject()
             .text("strategy", result.strategy)
             .text("asset", result.asset)
             .add("capital", result.capital)
             .time("from", result.from)
             .time("to", result.to)
             .add("rows", result.rows)
             .add("plans", result.plans)
             .add("trials_made", result.trials.size())
             .add("best", result.best)
             .raw("axes", json_list(result.axes, json))
             .raw("trials", json_list(result.trials, json))
             .raw("folds", json_list(result.folds, json))
             .add("walk_net", result.walk_net)
             .add("walk_sharpe", result.walk_sharpe)
             .done() +
         "\n";
}

std::string to_text(const SweepResult& result) {
  std::vector<std::size_t> order(result.trials.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const double x = result.trials[a].sharpe, y = result.trials[b].sharpe;
    return has_value(x) && (!has_value(y) || x > y);
  });
  constexpr std::size_t most_lines = 20;
  std::string text =
      fmt::format("{} trials of {} over {} rows, {} feature plans\n\n{:<40}{:>12}{:>12}{:>10}{:>10}{:>10}{:>8}\n",
                  result.trials.size(), result.strategy, result.rows, result.plans, "in sample", "net", "fees",
                  "Sharpe", "± se", "deflated", "fills");
  for (std::size_t i = 0; i < std::min(order.size(), most_lines); ++i) {
    const Trial& one = result.trials[order[i]];
    text += fmt::format("{:<40}{:>12.2f}{:>12.2f}{:>10}{:>10}{:>10}{:>8}\n", text_of(one), one.net_pnl, one.fees,
                        shown(one.sharpe, 2), shown(one.sharpe_se, 2), shown(one.deflated, 3), one.fills);
  }
  if (order.size() > most_lines) text += fmt::format("… and {} more\n", order.size() - most_lines);
  if (result.folds.empty()) return text;
  text += "\nwalk forward: chosen on the training span, judged on the test span\n";
  for (const Fold& fold : result.folds) {
    text += fmt::format("  test {} to {}  {:<32} Sharpe {} in training, {} in test, net {:+.2f}\n",
                        format_time(fold.test_from), format_time(fold.test_to),
                        fold.chosen ? text_of(result.trials[*fold.chosen]) : "nothing", shown(fold.train_sharpe, 2),
                        shown(fold.test_sharpe, 2), fold.test_net);
  }
  text += fmt::format("  together: net {:+.2f} {}, Sharpe {}\n", result.walk_net, result.asset,
                      shown(result.walk_sharpe, 2));
  return text;
}

}  // namespace millrace
