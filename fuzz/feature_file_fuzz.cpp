#include <cstddef>
#include <cstdint>
#include <string_view>

#include "millrace/base/error.h"
#include "millrace/engine/config.h"
#include "millrace/graph/plan.h"

/// Any text is a feature set that becomes a plan, or one Error(Fault::config).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  try {
    make_plan(parse_feature_text({reinterpret_cast<const char*>(data), size}, "fuzz.toml"));
  } catch (const Error& error) {
    if (error.fault() != Fault::config) throw;
  }
  return 0;
}
