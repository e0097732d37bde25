#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace millrace {

/// What kind of trouble ended the run; `cli/` turns it into the exit code and the Python border into an exception
/// class.
enum class Fault : std::uint8_t {
  usage,        // the command line cannot be understood
  config,       // a feature file, expression or parameter is wrong
  input,        // outside data cannot be read
  output,       // a result cannot be written
  state,        // a snapshot is foreign or damaged
  interrupted,  // the user asked to stop
};

/// The one exception. Its text is complete for a user: where, what was expected, what was found.
class Error : public std::runtime_error {
 public:
  Error(Fault fault, const std::string& message) : std::runtime_error(message), fault_(fault) {}
  Fault fault() const noexcept { return fault_; }

 private:
  Fault fault_;
};

/// Ends the run with a message in the form "where: expected …, was …".
template <class... Args>
[[noreturn]] void fail(Fault fault, fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fault, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace millrace
