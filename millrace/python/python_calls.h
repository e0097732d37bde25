#pragma once

#include <atomic>
#include <chrono>

#include <nanobind/nanobind.h>

#include "millrace/base/error.h"

namespace millrace {

/// Long work without the interpreter's lock. A thread that wants the lock back from an interpreter that is gone takes
/// the process down, so the interpreter's end asks such work to stop, and waits for it.
class UnlockedWork {
 public:
  UnlockedWork();
  ~UnlockedWork();
  UnlockedWork(const UnlockedWork&) = delete;
  UnlockedWork& operator=(const UnlockedWork&) = delete;

  /// Looks for signals every 20 ms, so that Ctrl-C is let through. Throws where the work is to stop.
  void look();

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
  PyThreadState* thread_;
};

/// Makes the end of the interpreter stop unlocked work.
void bind_end(nanobind::module_& module);

/// Holds an object for one call; a second thread that calls meanwhile gets an error instead of a race.
class Busy {
 public:
  explicit Busy(std::atomic_flag& flag);
  ~Busy() { flag_.clear(); }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic_flag& flag_;
};

/// Makes `Error` and `InvalidInput` of the module, and every C++ error one of them.
void bind_errors(nanobind::module_& module);
void bind_asof(nanobind::module_& module);
void bind_functions(nanobind::module_& module);
void bind_kernels(nanobind::module_& module);
void bind_streams(nanobind::module_& module);

}  // namespace millrace
