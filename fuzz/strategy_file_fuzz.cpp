#include <cstddef>
#include <cstdint>
#include <string_view>

#include "millrace/base/error.h"
#include "millrace/engine/strategy_file.h"
#include "millrace/graph/cross_plan.h"
#include "millrace/trading/guards.h"
#include "millrace/trading/rule_program.h"

/// Any text is a strategy whose features become a plan, or one Error(Fault::config).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  try {
    const StrategySpec spec = load_strategy_text({reinterpret_cast<const char*>(data), size}, "fuzz.toml", {});
    make_cross_plan(make_rules(spec, guard_definitions({})).features);
  } catch (const Error& error) {
    if (error.fault() != Fault::config) throw;
  }
  return 0;
}
