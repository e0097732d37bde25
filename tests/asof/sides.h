#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

#include "millrace/asof/rule.h"

namespace millrace::testing {

/// One side of a join, in columns.
struct Side {
  std::vector<Nanos> times;
  std::vector<KeyNumber> keys;
  std::vector<std::int64_t> seqs;  // empty, or one each

  std::size_t size() const { return times.size(); }
  AsofRows rows() const { return {times, keys, seqs}; }
  AsofRows rows(std::size_t from, std::size_t count) const {
    count = std::min(count, size() - from);
    AsofRows part{std::span(times).subspan(from, count), std::span(keys).subspan(from, count)};
    if (!seqs.empty()) part.seqs = std::span(seqs).subspan(from, count);
    return part;
  }
  void add(Nanos time, KeyNumber key) {
    times.push_back(time);
    keys.push_back(key);
  }
};

/// The definition, row against row, straight from the words of the match rule.
inline std::vector<std::int64_t> by_definition(const Side& left, const Side& right, const AsofRule& rule) {
  std::vector<std::int64_t> out;
  for (std::size_t l = 0; l < left.size(); ++l) {
    const Nanos tl = left.times[l];
    std::int64_t back = no_row, ahead = no_row;
    const auto order = [&](std::int64_t r) {
      const auto i = static_cast<std::size_t>(r);
      return std::tuple(right.times[i], right.seqs.empty() ? no_seq : right.seqs[i], r);
    };
    const auto distance = [&](std::int64_t r) {
      const auto difference = static_cast<__int128>(tl) - right.times[static_cast<std::size_t>(r)];
      return difference < 0 ? -difference : difference;
    };
    for (std::size_t i = 0; i < right.size(); ++i) {
      const Nanos tr = right.times[i];
      const auto r = static_cast<std::int64_t>(i);
      if (left.keys[l] == no_key || right.keys[i] != left.keys[l] || tl == no_time || tr == no_time) continue;
      if (rule.is_strict && tl == tr) continue;
      if (tr <= tl && rule.direction != Direction::forward && (back == no_row || order(r) > order(back))) back = r;
      const bool is_ahead = rule.direction == Direction::nearest ? tr > tl : tr >= tl;
      if (is_ahead && rule.direction != Direction::backward && (ahead == no_row || order(r) < order(ahead))) ahead = r;
    }
    std::int64_t chosen = back == no_row ? ahead : back;
    if (back != no_row && ahead != no_row && distance(ahead) < distance(back)) chosen = ahead;
    if (chosen != no_row && rule.tolerance_ns != no_tolerance && distance(chosen) > rule.tolerance_ns) chosen = no_row;
    out.push_back(chosen);
  }
  return out;
}

enum class Shape : std::uint8_t { dense_ties, gaps, all_equal, empty_left, empty_right };

/// Rows in the order of time, but for null times, which stand anywhere; some keys are null.
inline Side random_side(std::mt19937_64& random, std::size_t count, Shape shape, std::size_t keys, bool has_seqs) {
  Side side;
  Nanos time = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (shape == Shape::gaps) {
      time += static_cast<Nanos>(random() % 8 == 0 ? random() % 40 : random() % 4);
    } else if (shape != Shape::all_equal) {
      time += static_cast<Nanos>(random() % 3 == 0);
    }
    const bool is_null_time = random() % 23 == 0, is_null_key = random() % 19 == 0;
    side.add(is_null_time ? no_time : time, is_null_key ? no_key : static_cast<KeyNumber>(random() % keys));
    if (has_seqs) side.seqs.push_back(random() % 5 == 0 ? no_seq : static_cast<std::int64_t>(random() % 6));
  }
  return side;
}

/// Null times become the first ones, which keeps the order.
inline Side with_all_times(Side side) {
  std::replace(side.times.begin(), side.times.end(), no_time, Nanos{0});
  std::sort(side.times.begin(), side.times.end());
  return side;
}

inline Side shuffled(const Side& side, std::mt19937_64& random) {
  std::vector<std::size_t> order(side.size());
  std::iota(order.begin(), order.end(), 0U);
  std::shuffle(order.begin(), order.end(), random);
  Side out;
  for (const std::size_t i : order) {
    out.add(side.times[i], side.keys[i]);
    if (!side.seqs.empty()) out.seqs.push_back(side.seqs[i]);
  }
  return out;
}

}  // namespace millrace::testing
