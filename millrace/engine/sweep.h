#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/engine/backtest.h"
#include "millrace/engine/run_settings.h"

namespace millrace {

/// Values of one parameter: "k=1..4" (in steps of 1), "k=1..4:0.5", "window=50,100,200".
struct GridAxis {
  std::string name;
  std::vector<std::string> values;
};
inline constexpr std::size_t most_trials = 10'000;
inline constexpr std::size_t most_equity_points_of_sweep = 200'000'000;  // of all trials, 16 bytes each; more end it
GridAxis parse_axis(std::string_view text);

/// Spans that follow one another: parameters are chosen by what they did in `train` and judged by what the chosen ones
/// do in `test`. Between the two, `purge` is left out of the training (positions may overlap), and `embargo`, a share
/// of the training span, after each test.
struct WalkForward {
  Nanos train = 0, test = 0;  // both 0: none
  Nanos purge = 15 * 60 * one_second;
  double embargo = 0.01;
};
/// "train=6h,test=2h", also with purge=… and embargo=….
WalkForward parse_walk_forward(std::string_view text);

/// What one set of parameters did.
struct Trial {
  std::vector<std::pair<std::string, std::string>> parameters;
  double net_pnl = 0.0, gross_pnl = 0.0, fees = 0.0, max_drawdown = 0.0;
  double sharpe = no_value, sharpe_se = no_value;  // a year; NaN where equity never moved
  double deflated = no_value;  // probability that the Sharpe ratio is above the best of the trials' by luck
  std::uint64_t fills = 0, blocked = 0;
};

struct Fold {
  Nanos train_from = 0, train_to = 0, test_from = 0, test_to = 0;
  std::optional<std::size_t> chosen;  // trial; none where no trial traded in training: nothing is traded then
  double train_sharpe = no_value, test_sharpe = no_value, test_net = 0.0;
};

struct SweepResult {
  std::string strategy, asset;
  double capital = 0.0;
  Nanos from = no_time, to = no_time;
  std::vector<GridAxis> axes;
  std::vector<Trial> trials;  // in the order of the grid, the last axis fastest
  std::vector<Fold> folds;
  double walk_net = 0.0, walk_sharpe = no_value;  // of the chosen ones, test spans together
  std::size_t best = 0;                           // trial with the greatest Sharpe ratio, in sample
  std::size_t plans = 0;                          // feature sets that were computed: trials share them
  std::uint64_t rows = 0;
  double seconds = 0.0;
};

/// Plays every point of the grid over one pass of the input. Sets of parameters that need the same features share them.
/// Results do not depend on `threads`.
SweepResult run_sweep(const RunSettings& settings, const std::vector<GridAxis>& axes, const WalkForward& walk,
                      std::size_t threads, bool has_progress, const OpenSource& open);

std::string to_json(const SweepResult& result);
std::string to_text(const SweepResult& result);

}  // namespace millrace
