#include "millrace/io/partial_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <arrow/io/file.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "millrace/io/arrow_result.h"

namespace millrace {

namespace {

namespace fs = std::filesystem;

void sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = folder >= 0 && ::fsync(folder) == 0;
  const int problem = errno;
  if (folder >= 0) ::close(folder);
  // Some file systems cannot sync a folder; the rename has happened all the same.
  if (!is_synced && problem != EINVAL) fail(Fault::output, "{}: {}", path, std::strerror(problem));
}

std::string folder_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

/// Where links lead, though nothing may be there yet.
std::string target_of(const std::string& path) {
  constexpr int most_links = 40;  // as the system allows
  fs::path target = path;
  std::error_code problem;
  for (int i = 0; i < most_links && fs::is_symlink(target, problem); ++i) {
    target = target.parent_path() / fs::read_symlink(target, problem);
  }
  return target.string();
}

/// Opens the file for this run alone; another run that writes the same name would mix its bytes with ours.
int open_locked(const std::string& partial, const std::string& path) {
  constexpr int most_attempts = 100;  // a file may be renamed or removed between open and lock
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0) fail(Fault::output, "{}: {} cannot be written ({})", path, partial, std::strerror(errno));
    struct stat opened {
    }, named{};
    const bool is_locked = ::flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;  // some disks have no locks
    const bool is_ours = ::fstat(file, &opened) == 0 && ::stat(partial.c_str(), &named) == 0 &&
                         opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
    if (is_locked && is_ours && ::ftruncate(file, 0) == 0) return file;
    ::close(file);
    if (!is_locked) break;
  }
  fail(Fault::output, "{}: another run is writing {}", path, partial);
}

}  // namespace

void PartialFile::check_name(const std::string& path) {
  if (path.empty()) fail(Fault::output, "expected a file name to write, was empty");
  std::error_code problem;
  const auto status = fs::status(path, problem);
  if (fs::is_directory(status)) fail(Fault::output, "{}: expected a file name, was a folder", path);
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    fail(Fault::output, "{}: expected a file name, was a device or a pipe", path);
  }
  const std::string folder = folder_of(target_of(path));
  if (!fs::is_directory(folder, problem)) {
    fail(Fault::output, "{}: the folder {} does not exist; make it first", path, folder);
  }
}

PartialFile::PartialFile(std::string path) : path_(std::move(path)) {
  check_name(path_);
  target_ = target_of(path_);
  partial_ = target_ + ".partial";
  file_ = open_locked(partial_, path_);
  auto stream = arrow::io::FileOutputStream::Open(::dup(file_));
  if (!stream.ok()) {
    std::remove(partial_.c_str());
    ::close(file_);
  }
  stream_ = take(std::move(stream), Fault::output, path_);
}

PartialFile::~PartialFile() {
  if (!is_published_) std::remove(partial_.c_str());
  if (!stream_->closed()) static_cast<void>(stream_->Close());  // the bytes are synced, or the file goes away
  ::close(file_);
}

void PartialFile::write_behind() {
  const arrow::Result<std::int64_t> written = stream_->Tell();
  if (!written.ok() || *written == behind_) return;
  // Advice: where the system has nothing of the kind, publish does all of the work.
  static_cast<void>(::sync_file_range(stream_->file_descriptor(), behind_, *written - behind_, SYNC_FILE_RANGE_WRITE));
  behind_ = *written;
}

void PartialFile::publish() {
  if (!stream_->closed()) check(stream_->Close(), Fault::output, path_);
  if (::fsync(file_) != 0) fail(Fault::output, "{}: {}", path_, std::strerror(errno));
  if (std::rename(partial_.c_str(), target_.c_str()) != 0) fail(Fault::output, "{}: {}", path_, std::strerror(errno));
  is_published_ = true;
  sync_folder(folder_of(target_));
}

}  // namespace millrace
