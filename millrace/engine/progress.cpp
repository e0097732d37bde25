#include "millrace/engine/progress.h"

#include <cstdio>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

namespace millrace {

Progress::Progress(const Counters& counters) : counters_(counters), start_(std::chrono::steady_clock::now()) {
  if (::isatty(STDERR_FILENO) == 0) return;
  thread_ = std::thread([this] {
    while (!is_done_) {
      for (int i = 0; i < 10 && !is_done_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
      show();
    }
    std::fputs("\r\x1b[K", stderr);
  });
}

Progress::~Progress() {
  is_done_ = true;
  if (thread_.joinable()) thread_.join();
}

void Progress::show() {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  const double share = counters_.share;
  const auto rows = static_cast<double>(counters_.rows_written);
  const double left = share > 0.0 ? seconds * (1.0 - share) / share : 0.0;
  const std::string line =
      fmt::format("\r\x1b[K{:5.1f} %  {:.2f} M rows  {:.2f} M rows/s  {:.0f} s left  {} MB", 100.0 * share, rows / 1e6,
                  rows / seconds / 1e6, left, resident_bytes() / 1'000'000);
  std::fputs(line.c_str(), stderr);  // does not throw where the terminal went away
  std::fflush(stderr);
}

std::uint64_t resident_bytes() {
  std::uint64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t peak_resident_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace millrace
