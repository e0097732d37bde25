#pragma once

namespace millrace {

/// Makes Ctrl-C and SIGTERM ask the run to stop instead of ending the process, and a closed pipe an error of the write.
/// A second Ctrl-C ends the process at once. The flag behind it is the one global of the program: a signal handler
/// can reach nothing else.
void watch_signals();

bool is_stop_asked() noexcept;

/// Throws Error(Fault::interrupted) where a stop was asked for.
void stop_if_asked();

}  // namespace millrace
