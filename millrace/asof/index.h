#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "millrace/asof/match.h"
#include "millrace/asof/run.h"

namespace millrace {

/// Right rows by key, ready for matching. What comes in order is appended to the key's main run; what comes out of
/// order makes a run of its own, and runs of like size are merged, so that a key has O(log rows) of them and a row is
/// moved O(log rows) times.
class AsofIndex {
 public:
  /// Where each key was last found; only a hint, so readers on several threads have their own.
  using Cursors = std::vector<std::size_t>;

  /// Adds rows that the caller numbers first_row, first_row + 1, …. Rows with a null key or time are left out.
  void add(const AsofRows& rows, std::int64_t first_row);
  void add_one(KeyNumber key, const Run::Row& row);

  /// The number of the right row for each of `left`, or `no_row`.
  void match(const AsofRows& left, const AsofRule& rule, Cursors& cursors, std::span<std::int64_t> out) const;

  struct Found {
    std::int64_t row = no_row;
    Nanos time = no_time;
  };
  /// The best of either side of `time`, before any test of tolerance.
  struct Sides {
    Found back, ahead;
  };
  Sides find(KeyNumber key, Nanos time, const AsofRule& rule, Cursors& cursors) const;

  /// The choice between two sides, and the test of tolerance.
  static Found choose(const Sides& sides, Nanos time, std::uint64_t tolerance) noexcept;

  /// Whether the match of a left row is certain, where all right rows to come lie at or after `mark`.
  bool is_certain(KeyNumber key, Nanos time, const AsofRule& rule, Nanos mark, Cursors& cursors) const;

  /// Drops the rows before `cutoff`, with `keeps_newest` all but the last of them in each key; left rows at or after
  /// the cutoff then lose no match. The numbers of what is dropped go to `dropped`, where given.
  void prune(Nanos cutoff, bool keeps_newest, std::vector<std::int64_t>* dropped = nullptr);

  /// One run for each key.
  void settle();

  /// Rows of a settled index in order of key, time and seq: visit(key, Run&, place).
  template <class Visit>
  void for_each(Visit&& visit) {
    for (KeyNumber key = 0; key < keys_.size(); ++key) {
      for (std::size_t i = 0; i < keys_[key].main.size(); ++i) visit(key, keys_[key].main, i);
    }
  }

  std::size_t key_room() const { return keys_.size(); }  // one more than the greatest key so far
  std::size_t rows() const { return rows_; }
  std::size_t keys() const;  // that have rows
  std::size_t bytes() const;

 private:
  struct Key {
    Run main;
    std::vector<Run> late;  // by age
  };

  void add_in_bulk(const AsofRows& rows, std::int64_t first_row);
  void reach(KeyNumber key) {
    if (key >= keys_.size()) keys_.resize(std::size_t{key} + 1);
  }
  static void add_late(Key& key, Run run);
  template <Direction direction, bool is_strict>
  void match_rows(const AsofRows& left, std::uint64_t tolerance, Cursors& cursors, std::span<std::int64_t> out) const;
  template <Direction direction, bool is_strict>
  static Sides find_sides(const Key& key, std::size_t& cursor, Nanos time);

  std::vector<Key> keys_;
  std::size_t rows_ = 0;
};

}  // namespace millrace
