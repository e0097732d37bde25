#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "millrace/asof/rule.h"
#include "millrace/base/aligned.h"

namespace millrace {

/// Right rows of one key, sorted by (time, seq), equal ones as they came. Rows leave at the front.
class Run {
 public:
  struct Row {
    Nanos time;
    std::int64_t seq;
    std::int64_t row;  // the caller's number
  };

  std::size_t size() const { return times_.size() - begin_; }
  std::span<const Nanos> times() const { return std::span<const Nanos>(times_).subspan(begin_); }
  std::int64_t seq(std::size_t i) const { return has_seqs_ ? seqs_[begin_ + i] : no_seq; }
  std::int64_t row(std::size_t i) const { return rows_[begin_ + i]; }
  void set_row(std::size_t i, std::int64_t row) { rows_[begin_ + i] = row; }

  /// Whether a row of this time and seq may stand at the end.
  bool takes(Nanos time, std::int64_t seq) const {
    if (size() == 0 || times_.back() < time) return true;
    return times_.back() == time && (has_seqs_ ? seqs_.back() : no_seq) <= seq;
  }

  void append(const Row& row) {  // REQUIRES: takes(row.time, row.seq)
    if (row.seq != no_seq) start_seqs();
    times_.push_back(row.time);
    rows_.push_back(row.row);
    if (has_seqs_) seqs_.push_back(row.seq);
  }

  /// Where rows that the caller knows to be in order are written; `seqs` is null without them.
  struct Room {
    Nanos* times;
    std::int64_t *rows, *seqs;
  };
  Room grow(std::size_t count, bool has_seqs);

  /// Cuts the rows from `from` on off and sorts them.
  Run split_sorted(std::size_t from);

  /// Both as one; of equal rows those of `older` come first.
  static Run merged(const Run& older, const Run& newer);

  /// Drops the first `count` rows; their numbers go to `dropped`, where given.
  void drop_front(std::size_t count, std::vector<std::int64_t>* dropped);

  std::size_t bytes() const { return times_.capacity() * 8 + rows_.capacity() * 8 + seqs_.capacity() * 8; }

 private:
  void start_seqs() {
    if (!has_seqs_) seqs_.assign(times_.size(), no_seq);
    has_seqs_ = true;
  }

  AlignedVector<Nanos> times_;
  AlignedVector<std::int64_t> rows_, seqs_;
  bool has_seqs_ = false;  // seqs stay empty while no row has one
  std::size_t begin_ = 0;  // rows dropped but still in memory
};

}  // namespace millrace
