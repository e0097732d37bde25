#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "millrace/asof/index.h"
#include "millrace/base/workers.h"

namespace millrace {

// Three of the five entries: both sides at hand, a right side that grows, a right side that stays. All give the number
// of a right row for each left row, in the left order, or `no_row`; any order of rows is right, sorted ones are fast.

/// A right side that is indexed once and joined many times.
class AsofTable {
 public:
  explicit AsofTable(const AsofRows& right) { index_.add(right, 0); }

  const AsofIndex& index() const { return index_; }

 private:
  AsofIndex index_;
};

/// Joins a batch to a static table. `cursors` stays with the left stream; `out` has one place for each left row.
void asof_join_table(const AsofRows& left, const AsofTable& table, const AsofRule& rule, AsofIndex::Cursors& cursors,
                     std::span<std::int64_t> out);

void asof_join_table(const AsofRows& left, const AsofTable& table, const AsofRule& rule, Workers& workers,
                     std::span<std::int64_t> out);

/// Joins two batches. Left rows are shared out to the workers; the result does not depend on how many there are. Where
/// both are in the order of time, the right rows that are indexed at a time fit a cache.
void asof_join(const AsofRows& left, const AsofRows& right, const AsofRule& rule, Workers& workers,
               std::span<std::int64_t> out);

/// Whether no time, null times among them, lies before the one in front of it.
bool are_in_order(std::span<const Nanos> times);

/// Joins left batches to a right side that is appended to and forgotten as time goes on.
class AsofJoinKernel {
 public:
  struct Stats {
    std::size_t rows = 0, bytes = 0, keys = 0;  // retained
    std::uint64_t late = 0;                     // right rows before the cutoff, refused
    std::uint64_t unmatched = 0;                // left rows
    std::uint64_t evicted = 0;                  // right rows that were pruned
  };

  explicit AsofJoinKernel(const AsofRule& rule) : rule_(rule) {}

  /// Takes right rows in any order. They are numbered on from `next_row()`, whether taken, null or late.
  void add_right(const AsofRows& right);
  std::int64_t next_row() const { return next_row_; }

  void process_left(const AsofRows& left, std::span<std::int64_t> out);

  /// Whether the match of a left row is certain, where all right rows to come lie at or after `mark`.
  bool is_certain(KeyNumber key, Nanos time, Nanos mark) { return index_.is_certain(key, time, rule_, mark, cursors_); }

  /// Forgets right rows before `cutoff`. Without a tolerance, or with `keeps_newest`, the last of them in each key
  /// stays, so that left rows at or after the cutoff lose no match; with a tolerance that is so for a cutoff which lies
  /// by the tolerance before them.
  void prune(Nanos cutoff, bool keeps_newest = false);

  /// Numbers the retained rows anew, 0, 1, …, in the order of their old numbers, which are returned.
  std::vector<std::int64_t> renumber();

  Stats stats() const;
  std::size_t rows() const { return index_.rows(); }

 private:
  AsofRule rule_;
  AsofIndex index_;
  AsofIndex::Cursors cursors_;
  std::int64_t next_row_ = 0;
  Nanos cutoff_ = no_time;
  std::uint64_t late_ = 0, unmatched_ = 0, evicted_ = 0;
};

}  // namespace millrace
