#include "millrace/engine/strategy_maker.h"

#include <string_view>
#include <vector>

#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/strategies/registry.h"

namespace millrace {

std::unique_ptr<Strategy> make_strategy(const StrategySpec& spec, const RuleSet& rules, const Plan& plan) {
  std::vector<std::string_view> kinds;
  for (const BuiltInStrategy& one : built_in_strategies()) {
    if (one.kind == spec.kind) return one.make(spec, rules, plan);
    kinds.push_back(one.kind);
  }
  fail(Fault::config, "{}: key `kind`: expected one of {}, was `{}`{}", spec.file, fmt::join(kinds, ", "), spec.kind,
       did_you_mean(spec.kind, kinds));
}

}  // namespace millrace
