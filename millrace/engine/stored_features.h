#pragma once

#include <string>
#include <vector>

#include "millrace/graph/plan.h"
#include "millrace/io/feature_file.h"
#include "millrace/trading/market_batch.h"

namespace millrace {

/// Features of a file in the place of a graph: the same rows, chunk by chunk.
class StoredFeatures {
 public:
  /// The file has the chunks that `research` read.
  static constexpr std::size_t chunk_rows = default_chunk_rows;

  /// Throws Error(Fault::input) where the file's features are not those of `plan`, bit for bit.
  StoredFeatures(const std::string& path, const Plan& plan);

  /// Puts the features of the batch's chunk into it. Throws Error(Fault::input) where the file's rows are others.
  void run(MarketBatch& batch);

  /// Throws Error(Fault::input) where the file has more rows than were asked for.
  void finish() const;

 private:
  void cluster(const Chunk& chunk, std::vector<std::uint32_t>& order);

  std::string path_;
  FeatureFile file_;
  std::vector<std::string> names_;
  std::vector<Nanos> ts_event_;
  std::vector<std::uint32_t> first_;
  std::size_t group_ = 0;
};

}  // namespace millrace
