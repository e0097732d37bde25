#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/chunk/chunk.h"

namespace millrace {

/// What a run may tell about one of its inputs.
struct SourceFile {
  std::string path;
  std::string layout;  // "canonical", "coinbase flat", …
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;            // 0 = not known before the end
  Nanos modified = no_time;          // of the file
  std::vector<std::string> renamed;  // "MATIC/USD -> POL-USD": as printed in the file, and read
};

/// Gives rows in order of arrival. One thread reads; instruments are interned in the table the source was made with.
class Source {
 public:
  virtual ~Source() = default;

  /// Refills `chunk` (columns: those it was `reset` to, as far as the source has them) with the next rows, at most
  /// `chunk.most_rows`. Returns false at the end; then the chunk is empty. Rows are as read: the door comes after.
  virtual bool next(Chunk& chunk) = 0;

  /// Columns that the source can fill; the others stay "no value".
  virtual ColumnSet columns() const = 0;

  virtual std::vector<SourceFile> files() const = 0;

  /// How much of the input is consumed, 0 to 1.
  virtual double progress() const = 0;
};

}  // namespace millrace
