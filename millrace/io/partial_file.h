#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <arrow/io/type_fwd.h>

namespace millrace {

/// A file that appears under its name only when it is complete. Until then it is called "NAME.partial", beside it;
/// without `publish` it disappears. What stands under the name before is replaced in one step; a link stays, and its
/// target is replaced. A ".partial" that a killed run left behind is written over, one in use is refused.
class PartialFile {
 public:
  /// Throws Error(Fault::output) where `path` cannot name a file to write: its folder is missing, or it is a folder or
  /// a device. The constructor asks the same; a run asks before its work.
  static void check_name(const std::string& path);

  explicit PartialFile(std::string path);
  ~PartialFile();
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;

  const std::string& path() const { return path_; }
  const std::shared_ptr<arrow::io::FileOutputStream>& stream() const { return stream_; }

  /// Starts to bring what is written so far to the disk, without waiting, so that `publish` has little left to sync.
  void write_behind();

  /// Syncs the bytes, gives the name, syncs the folder.
  void publish();

 private:
  std::string path_, target_, partial_;
  int file_ = -1;  // holds the lock until the name is given
  std::shared_ptr<arrow::io::FileOutputStream> stream_;
  std::int64_t behind_ = 0;  // bytes on their way to the disk
  bool is_published_ = false;
};

}  // namespace millrace
