#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "millrace/base/error.h"
#include "millrace/engine/fee_file.h"

/// Any text is a fee table with numbers that can be charged, or one Error(Fault::config).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  try {
    const FeeTable table = parse_fees({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
    for (const VenueFees& venue : table.venues) {
      if (!std::isfinite(venue.applied().maker_bps) || !std::isfinite(venue.applied().taker_bps)) __builtin_trap();
    }
  } catch (const Error& error) {
    if (error.fault() != Fault::config) throw;
  }
  return 0;
}
