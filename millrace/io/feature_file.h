#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "millrace/chunk/sink.h"

namespace millrace {

/// A file of features that `research` wrote, read back row group by row group. Its row groups are the chunks that it
/// was made from.
class FeatureFile {
 public:
  /// Throws Error(Fault::input) where it is no Parquet or was not written by `research`.
  explicit FeatureFile(const std::string& path);
  ~FeatureFile();
  FeatureFile(FeatureFile&&) noexcept;

  /// Of the metadata; empty where it is not there.
  const std::string& metadata(const std::string& key) const;
  bool is_clustered() const { return metadata("millrace.order") != "time"; }
  std::size_t groups() const;

  /// Names that the file lacks.
  std::vector<std::string> missing(const std::vector<std::string>& names) const;

  /// Reads the columns `names`, in their order, with the types that the file has. Throws Error(Fault::input) for
  /// features stored as 32-bit floats, whose bits are not those that were computed.
  void read(std::size_t group, const std::vector<std::string>& names, FeatureBlock& features,
            std::vector<Nanos>& ts_event);

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace millrace
