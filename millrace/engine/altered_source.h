#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "millrace/base/random.h"
#include "millrace/chunk/source.h"

namespace millrace {

/// Another future: rows up to a place as they are, what follows left out or with its values dealt anew among the rows
/// of an instrument, chunk by chunk.
class AlteredSource : public Source {
 public:
  enum class Future : std::uint8_t { left_out, shuffled };

  AlteredSource(std::unique_ptr<Source> source, std::uint64_t kept_rows, Future future)
      : source_(std::move(source)), kept_(kept_rows), future_(future) {}

  bool next(Chunk& chunk) override;
  ColumnSet columns() const override { return source_->columns(); }
  std::vector<SourceFile> files() const override { return source_->files(); }
  double progress() const override { return source_->progress(); }

 private:
  void shuffle(Chunk& chunk, std::size_t first);

  std::unique_ptr<Source> source_;
  std::uint64_t kept_, seen_ = 0;
  Future future_;
  Random random_{7};
};

}  // namespace millrace
