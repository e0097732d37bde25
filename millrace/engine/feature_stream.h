#pragma once

#include <memory>
#include <span>

#include "millrace/base/bytes.h"
#include "millrace/chunk/door.h"
#include "millrace/graph/cross_graph.h"
#include "millrace/graph/feature_set.h"

namespace millrace {

/// A feature set at work on rows that its owner hands over, a table or a tick at a time: the door and the graph with
/// their state. The same rows give the same bits however they are cut. One thread uses it at a time.
class FeatureStream {
 public:
  explicit FeatureStream(FeatureSet set, std::size_t threads = 1);
  FeatureStream(const FeatureStream&) = delete;
  FeatureStream& operator=(const FeatureStream&) = delete;

  const Plan& plan() const { return graph_.plan(); }
  Instruments& instruments() { return instruments_; }
  Ledger& ledger() { return ledger_; }

  /// Columns that rows should be given with.
  ColumnSet wanted() const { return plan().columns | core_columns | Door::columns; }

  /// Checks the rows, drops what cannot be used, and computes the features of the others.
  void run(Chunk& chunk, FeatureBlock& features);

  /// The feature set and every instrument's state, little endian:
  ///
  ///   "MRPS"  version u16  set: name, lets, features (each text: length u32, bytes), tolerance i64, legs  length u64,
  ///   state_bytes.h  CRC32C
  Bytes snapshot() const;

  /// Goes on where the snapshot was taken. Throws Error(Fault::state) where it is damaged, or was made by other
  /// kernels.
  static std::unique_ptr<FeatureStream> restore(std::span<const std::byte> snapshot, std::size_t threads = 1);

 private:
  FeatureSet set_;
  Instruments instruments_;
  Ledger ledger_;
  std::uint64_t rows_before_ = 0;  // of the streams that this one goes on from
  Door door_;
  CrossGraph graph_;
};

}  // namespace millrace
