#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "millrace/base/error.h"
#include "millrace/io/function_call.h"
#include "millrace/kernels/registry.h"

/// Any text after the first byte, which chooses the function, is answered, or one Error(Fault::config or usage).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  if (size == 0) return 0;
  const auto functions = all_function_kernels();
  try {
    call_with_json(*functions[data[0] % functions.size()], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const Error& error) {
    if (error.fault() != Fault::config && error.fault() != Fault::usage) throw;
  }
  return 0;
}
