#include "millrace/engine/interrupt.h"

#include <csignal>

#include "millrace/base/error.h"

namespace millrace {

namespace {

volatile std::sig_atomic_t stop_signal = 0;

void ask_to_stop(int signal) {
  if (stop_signal != 0) std::signal(signal, SIG_DFL);
  stop_signal = signal;
}

}  // namespace

void let_writes_fail() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

void watch_signals() {
  std::signal(SIGINT, ask_to_stop);
  std::signal(SIGTERM, ask_to_stop);
  if (std::signal(SIGHUP, ask_to_stop) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);  // under nohup
}

bool is_stop_asked() noexcept { return stop_signal != 0; }

void stop_if_asked() {
  if (is_stop_asked()) fail(Fault::interrupted, "stopped by a signal; nothing was written");
}

}  // namespace millrace
