#include "millrace/strategies/signals.h"

#include "millrace/base/error.h"

namespace millrace {

std::vector<std::uint32_t> Signals::places(const StrategySpec& spec, const RuleSet& rules,
                                           std::initializer_list<std::string_view> names) {
  std::vector<std::uint32_t> found;
  for (const std::string_view name : names) {
    const std::size_t before = found.size();
    for (const std::uint32_t one : rules.find("signal")) {
      if (rules.rules[one].name == name) found.push_back(one);
    }
    if (found.size() != before + 1) {
      fail(Fault::config, "{}: key `rules.signal`: a {} needs `{}`, {}", spec.file, spec.kind, name,
           found.size() == before ? "which is not there" : "which is there twice");
    }
  }
  return found;
}

Signals::Signals(const StrategySpec& spec, const RuleSet& rules, const Plan& plan,
                 std::initializer_list<std::string_view> names)
    : program_(rules, places(spec, rules, names), plan) {}

}  // namespace millrace
