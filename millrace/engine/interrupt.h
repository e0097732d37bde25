#pragma once

namespace millrace {

/// Makes a closed pipe and the limit of a file's size errors of the write.
void let_writes_fail();

/// Makes Ctrl-C, SIGTERM and a closed terminal ask the run to stop instead of ending the process: for verbs that look
/// with `stop_if_asked`. A second one ends the process at once. The flag behind it is the one global of the program: a
/// signal handler can reach nothing else.
void watch_signals();

bool is_stop_asked() noexcept;

/// Throws Error(Fault::interrupted) where a stop was asked for.
void stop_if_asked();

}  // namespace millrace
