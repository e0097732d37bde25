#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// The folder of a run's results, which holds one whole run or none: files are made in `FOLDER/run.partial` and come to
/// their names together, after those of an earlier run are gone. run.toml is the last to come and the first to go, so
/// that a folder with it is complete whenever the program or the machine stops. Other files in the folder stay.
class RunFolder {
 public:
  /// Makes the folder where it is not there. Throws Error(Fault::output) where it cannot be, or where another run is
  /// writing to it.
  explicit RunFolder(const std::string& path);
  /// Without `publish` nothing is left of this run.
  ~RunFolder();
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::string& path() const { return path_; }
  /// Where files are to be made.
  const std::string& partial() const { return partial_; }

  void publish();

 private:
  void sync() const;

  std::string path_, partial_;
  int lock_ = -1;
  bool is_made_ = false;
};

/// Throws Error(Fault::output) where results in `folder` would come among the inputs, so that a second run would read
/// them or no longer find its own.
void check_apart_from_inputs(const std::string& folder, std::span<const std::string> inputs);

}  // namespace millrace
