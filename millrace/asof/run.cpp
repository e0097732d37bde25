#include "millrace/asof/run.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace millrace {

Run::Room Run::grow(std::size_t count, bool has_seqs) {
  if (has_seqs) start_seqs();
  const std::size_t old = times_.size(), wanted = old + count;
  if (old > 0 && wanted > times_.capacity()) {  // as push_back does, so that many small batches stay linear
    times_.reserve(std::max(wanted, 2 * old));
    rows_.reserve(std::max(wanted, 2 * old));
  }
  times_.resize(wanted);
  rows_.resize(wanted);
  if (!has_seqs && has_seqs_) seqs_.insert(seqs_.end(), count, no_seq);
  if (has_seqs) seqs_.resize(wanted);
  return {times_.data() + old, rows_.data() + old, has_seqs ? seqs_.data() + old : nullptr};
}

Run Run::split_sorted(std::size_t from) {
  std::vector<std::size_t> order(size() - from);
  std::iota(order.begin(), order.end(), from);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tuple(times()[a], seq(a)) < std::tuple(times()[b], seq(b));
  });
  Run tail;
  tail.times_.reserve(order.size());
  tail.rows_.reserve(order.size());
  for (const std::size_t i : order) tail.append({times()[i], seq(i), row(i)});
  times_.resize(begin_ + from);
  rows_.resize(begin_ + from);
  if (has_seqs_) seqs_.resize(begin_ + from);
  return tail;
}

Run Run::merged(const Run& older, const Run& newer) {
  Run both;
  both.times_.reserve(older.size() + newer.size());
  both.rows_.reserve(older.size() + newer.size());
  std::size_t i = 0, j = 0;
  while (i < older.size() || j < newer.size()) {
    const bool is_older = j == newer.size() || (i < older.size() && std::tuple(older.times()[i], older.seq(i)) <=
                                                                        std::tuple(newer.times()[j], newer.seq(j)));
    const Run& from = is_older ? older : newer;
    const std::size_t at = is_older ? i++ : j++;
    both.append({from.times()[at], from.seq(at), from.row(at)});
  }
  return both;
}

void Run::drop_front(std::size_t count, std::vector<std::int64_t>* dropped) {
  if (count == 0) return;
  if (dropped != nullptr) {
    const auto first = rows_.begin() + static_cast<std::ptrdiff_t>(begin_);
    dropped->insert(dropped->end(), first, first + static_cast<std::ptrdiff_t>(count));
  }
  begin_ += count;
  if (2 * begin_ <= times_.size()) return;  // each row is moved at most once for each that left
  const auto close_up = [&](auto& column) {
    if (column.empty()) return;
    column.erase(column.begin(), column.begin() + static_cast<std::ptrdiff_t>(begin_));
    if (column.capacity() > 4 * column.size() + 64) column.shrink_to_fit();
  };
  close_up(times_);
  close_up(rows_);
  close_up(seqs_);
  begin_ = 0;
}

}  // namespace millrace
