#include "millrace/io/run_folder.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "millrace/base/error.h"
#include "millrace/io/inputs.h"

namespace millrace {

namespace {

namespace fs = std::filesystem;

// All that backtests and sweeps write; a run of one kind replaces one of the other.
constexpr std::array<std::string_view, 10> names{"run.toml",      "report.html",    "report.json",     "orders.parquet",
                                                 "fills.parquet", "trades.parquet", "signals.parquet", "equity.parquet",
                                                 "sweep.html",    "sweep.json"};

[[noreturn]] void refuse(const std::string& path, const std::error_code& code) {
  fail(Fault::output, "{}: expected a folder to write to: {}", path, code.message());
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

}  // namespace

RunFolder::RunFolder(const std::string& path) : path_(path), partial_(path + "/run.partial") {
  if (path.empty()) fail(Fault::output, "--out: expected a folder to write to, was empty");
  std::error_code code;
  is_made_ = fs::create_directories(path_, code);
  if (code) refuse(path_, code);
  fs::create_directories(partial_, code);
  if (code) refuse(path_, code);
  lock_ = ::open(partial_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) refuse(path_, {errno, std::generic_category()});
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {  // some disks have no locks
    ::close(lock_);
    fail(Fault::output, "{}: another run is writing to it", path_);
  }
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
  if (is_made_) fs::remove(path_, ignored);  // only where it is empty
  ::close(lock_);
}

void RunFolder::sync() const {
  const int folder = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  static_cast<void>(::fsync(folder));  // some file systems cannot; the names are given all the same
  ::close(folder);
}

void RunFolder::publish() {
  std::error_code code;
  for (const std::string_view name : names) {
    fs::remove(fs::path(path_) / name, code);
    if (code) fail(Fault::output, "{}/{}: an older result cannot be removed: {}", path_, name, code.message());
    if (name == names.front()) sync();
  }
  for (std::size_t i = names.size(); i-- > 0;) {
    const fs::path from = fs::path(partial_) / names[i];
    if (!fs::exists(from, code)) continue;
    if (i == 0) sync();
    fs::rename(from, fs::path(path_) / names[i], code);
    if (code) fail(Fault::output, "{}/{}: {}", path_, names[i], code.message());
  }
  fs::remove_all(partial_, code);
  sync();
  is_made_ = false;
}

void check_apart_from_inputs(const std::string& folder, std::span<const std::string> inputs) {
  std::error_code code;
  const fs::path out = fs::weakly_canonical(fs::absolute(folder), code);
  const auto refuse_input = [&](const std::string& input) {
    fail(Fault::output, "{}: expected a folder apart from the input {}", folder, input);
  };
  for (const std::string& input : inputs) {
    if (fs::is_directory(input, code) && is_within(out, fs::weakly_canonical(fs::absolute(input), code)))
      refuse_input(input);
  }
  for (const std::string& file : find_files(inputs)) {
    if (fs::weakly_canonical(fs::absolute(file), code).parent_path() == out) refuse_input(file);
  }
}

}  // namespace millrace
