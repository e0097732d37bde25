#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "millrace/engine/lane.h"
#include "millrace/engine/research.h"
#include "millrace/engine/run_result.h"
#include "millrace/trading/rule_program.h"
#include "millrace/trading/strategy_spec.h"

namespace millrace {

/// Money that a run begins with, or with an instrument's symbol as the asset what is held of it. Without a venue it
/// goes to the one wallet that the input's instruments settle in.
struct Deposit {
  std::string venue, asset;
  Amount amount = 0;
};

/// What an asset is worth in the account's: a number, or the mark of an instrument "coinbase:USDT-USD".
struct RateText {
  std::string asset, rate;
};

/// Said where no row ever brought the price that an asset is counted by.
inline constexpr std::string_view unknown_worth =
    "what the account is worth was never known: no row has a price of an instrument that --rate names";

/// Makes a strategy for a plan: a class of one's own instead of what the strategy's file says.
using StrategyMaker = std::function<std::unique_ptr<Strategy>(const StrategySpec&, const RuleSet&, const Plan&)>;

struct BacktestOptions {
  StrategySpec strategy;
  StrategyMaker maker;  // empty: as the strategy's `kind` says
  FeeTable fees;
  Lane::Options lane;
  std::vector<std::string> symbols;
  Nanos from = no_time, to = no_time;
  std::vector<Deposit> deposits;
  std::string asset;  // of the account; empty: that of the deposits
  std::vector<RateText> rates;
  InstrumentTable instruments;
  std::string features;  // a feature file of the same rows; empty: computed
  std::string out;       // folder; empty: nothing is written
  bool has_scenarios = true;
  bool has_progress = true;
  Nanos most_gap = 600 * one_second;  // a longer silence of an instrument is counted and noted
  std::size_t threads = 1;
  Provenance provenance;  // put into every file
};

/// Plays a strategy over recorded ticks and writes its records. Rows are read on a thread of their own; what is
/// computed does not depend on `threads`.
RunResult run_backtest(const BacktestOptions& options, const OpenSource& open);

/// The feature set that a strategy needs: its own and that of the guards.
FeatureSet features_of(const StrategySpec& spec, const GuardLimits& limits);

/// What is known of an instrument: the table's row, else what its symbol tells. Throws Error(Fault::config) where that
/// is too little.
InstrumentSpec spec_of(const Instrument& instrument, const InstrumentTable& table);

}  // namespace millrace
