#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

#include "millrace/chunk/source.h"

namespace millrace {

/// Counters of a running pipeline, written by its threads.
struct Counters {
  std::atomic<std::uint64_t> rows_read = 0, rows_written = 0;
  std::atomic<double> share = 0.0;  // of the input consumed
};

/// Shows rows/s, %, time left and memory on stderr twice a second while it lives, where stderr is a terminal.
class Progress {
 public:
  explicit Progress(const Counters& counters);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

 private:
  void show();

  const Counters& counters_;
  std::chrono::steady_clock::time_point start_;
  std::atomic<bool> is_done_ = false;
  std::thread thread_;
};

/// Bytes of memory that the process holds now, and at most held.
std::uint64_t resident_bytes();
std::uint64_t peak_resident_bytes();

}  // namespace millrace
