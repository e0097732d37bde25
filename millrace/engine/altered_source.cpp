#include "millrace/engine/altered_source.h"

#include <algorithm>
#include <numeric>

namespace millrace {

bool AlteredSource::next(Chunk& chunk) {
  if (future_ == Future::left_out && seen_ >= kept_) return false;
  if (!source_->next(chunk)) return false;
  const std::uint64_t before = seen_;
  seen_ += chunk.rows();
  if (seen_ <= kept_) return true;
  const auto first = static_cast<std::size_t>(kept_ > before ? kept_ - before : 0);
  if (future_ == Future::left_out) {
    chunk.resize(first);
    return true;
  }
  shuffle(chunk, first);
  return true;
}

/// Times, kinds and instruments stay; numbers change places among rows of one kind and instrument.
void AlteredSource::shuffle(Chunk& chunk, std::size_t first) {
  std::vector<std::uint32_t> from(chunk.rows());
  std::iota(from.begin(), from.end(), 0U);
  for (std::size_t i = chunk.rows(); i-- > first + 1;) {
    const std::size_t j = first + random_.bits() % (i - first + 1);
    if (chunk.instrument[i] == chunk.instrument[j] && chunk.kind[i] == chunk.kind[j]) std::swap(from[i], from[j]);
  }
  for (auto& column : chunk.doubles) {
    if (column.empty()) continue;
    const auto old = column;
    for (std::size_t i = first; i < chunk.rows(); ++i) column[i] = old[from[i]];
  }
  if (!chunk.side.empty()) {
    const auto old = chunk.side;
    for (std::size_t i = first; i < chunk.rows(); ++i) chunk.side[i] = old[from[i]];
  }
}

}  // namespace millrace
