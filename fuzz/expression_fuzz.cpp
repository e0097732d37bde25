#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "millrace/base/error.h"
#include "millrace/graph/expression.h"
#include "millrace/graph/plan.h"

/// Any text is an expression or a complaint about a place in it; any expression is a plan or one Error(Fault::config).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace millrace;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_expression(text);
  const auto* complaint = std::get_if<Complaint>(&parsed);
  if (complaint != nullptr && complaint->at > text.size()) __builtin_trap();
  try {
    make_plan({.name = "fuzz", .lets = {{"half", "0.5"}}, .features = {{"x", text}}});
    if (complaint != nullptr) __builtin_trap();
  } catch (const Error& error) {
    if (error.fault() != Fault::config) throw;
  }
  return 0;
}
