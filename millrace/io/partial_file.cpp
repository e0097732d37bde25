#include "millrace/io/partial_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <arrow/io/file.h>
#include <fcntl.h>
#include <unistd.h>

#include "millrace/io/arrow_result.h"

namespace millrace {

namespace {

void sync(const std::string& path, int how) {
  const int file = ::open(path.c_str(), how);
  const bool is_synced = file >= 0 && ::fsync(file) == 0;
  const int problem = errno;
  if (file >= 0) ::close(file);
  // Some file systems cannot sync a folder; the rename has happened all the same.
  if (!is_synced && problem != EINVAL) fail(Fault::output, "{}: {}", path, std::strerror(problem));
}

std::string folder_of(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

PartialFile::PartialFile(std::string path) : path_(std::move(path)), partial_(path_ + ".partial") {
  if (std::filesystem::is_directory(path_)) fail(Fault::output, "{}: expected a file name, was a folder", path_);
  if (!std::filesystem::is_directory(folder_of(path_))) {
    fail(Fault::output, "{}: the folder {} does not exist; make it first", path_, folder_of(path_));
  }
  stream_ = take(arrow::io::FileOutputStream::Open(partial_), Fault::output, path_);
}

PartialFile::~PartialFile() {
  if (is_published_) return;
  if (!stream_->closed()) static_cast<void>(stream_->Close());  // the file goes away in any case
  std::remove(partial_.c_str());
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
  sync(partial_, O_WRONLY);
  if (std::rename(partial_.c_str(), path_.c_str()) != 0) fail(Fault::output, "{}: {}", path_, std::strerror(errno));
  is_published_ = true;
  sync(folder_of(path_), O_RDONLY | O_DIRECTORY);
}

}  // namespace millrace
