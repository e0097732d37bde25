#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "millrace/base/error.h"
#include "millrace/engine/run_settings.h"

/// Any text is settings, whose own text says the same again, or one Error(Fault::config).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  RunSettings settings;
  try {
    settings = parse_run_file({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  } catch (const Error& error) {
    if (error.fault() != Fault::config) throw;
    return 0;
  }
  const std::string text = to_toml(settings);
  if (to_toml(parse_run_file(text, "again.toml")) != text) __builtin_trap();
  return 0;
}
