#include "millrace/strategies/makers.h"
#include "millrace/trading/rule_strategy.h"

namespace millrace {

RegimeOverlay::Params overlay_of(const StrategySpec& spec) {
  return {.defensive = spec.duration("defensive_time"),
          .step = spec.duration("step_time"),
          .share = spec.number("defensive_share")};
}

std::unique_ptr<Strategy> make_rule_strategy(const StrategySpec& spec, const RuleSet& rules, const Plan& plan) {
  RuleStrategy::Options options{
      .sizing = {.risk = spec.number("risk"), .k = spec.number("k_sigma"), .cap = spec.number("cap")},
      .cooldown = spec.duration("cooldown"),
      .has_overlay = spec.overlay};
  if (spec.find("time_stop") != nullptr) options.time_stop = spec.duration("time_stop");
  if (spec.overlay) {
    options.overlay = overlay_of(spec);
    options.may_enter_defensive = spec.text("over") != "mean_reversion";
  }
  return std::make_unique<RuleStrategy>(rules, plan, options);
}

}  // namespace millrace
