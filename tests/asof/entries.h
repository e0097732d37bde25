#pragma once

#include <cstring>
#include <vector>

#include "millrace/asof/join.h"
#include "millrace/asof/log_join.h"
#include "millrace/asof/streaming.h"
#include "tests/asof/sides.h"

namespace millrace::testing {

using Matches = std::vector<std::int64_t>;

inline Matches by_batch(const Side& left, const Side& right, const AsofRule& rule, std::size_t threads) {
  Workers workers(threads);
  Matches out(left.size(), -7);
  asof_join(left.rows(), right.rows(), rule, workers, out);
  return out;
}

inline Matches by_kernel(const Side& left, const Side& right, const AsofRule& rule, std::size_t chunk) {
  AsofJoinKernel kernel(rule);
  for (std::size_t i = 0; i < right.size(); i += chunk) kernel.add_right(right.rows(i, chunk));
  Matches out(left.size(), -7);
  for (std::size_t i = 0; i < left.size(); i += chunk) {
    const AsofRows part = left.rows(i, chunk);
    kernel.process_left(part, std::span(out).subspan(i, part.size()));
  }
  return out;
}

inline Matches by_table(const Side& left, const Side& right, const AsofRule& rule, std::size_t chunk) {
  const AsofTable table(right.rows());
  AsofIndex::Cursors cursors;
  Matches out(left.size(), -7);
  for (std::size_t i = 0; i < left.size(); i += chunk) {
    const AsofRows part = left.rows(i, chunk);
    asof_join_table(part, table, rule, cursors, std::span(out).subspan(i, part.size()));
  }
  return out;
}

/// Slots that hold the row's number.
inline Bytes numbers(std::size_t from, std::size_t count) {
  Bytes bytes;
  for (std::size_t i = 0; i < count; ++i) ByteWriter(bytes).put(static_cast<std::int64_t>(from + i));
  return bytes;
}

inline std::int64_t number_at(std::span<const std::byte> bytes, std::size_t i) {
  std::int64_t number = 0;
  std::memcpy(&number, bytes.data() + 8 * i, 8);
  return number;
}

inline AsofStreamOptions stream_options(const AsofRule& rule) {
  AsofStreamOptions options{.rule = rule};
  options.max_lookback_ns = rule.tolerance_ns == no_tolerance ? 300 : rule.tolerance_ns;
  options.left_slot_bytes = options.right_slot_bytes = 8;
  return options;
}

/// The right rows' numbers; left rows have to come out in their order.
inline Matches matches_of(const JoinedRows& joined) {
  Matches out;
  for (std::size_t i = 0; i < joined.size(); ++i) {
    const bool is_in_order = number_at(joined.left, i) == static_cast<std::int64_t>(i);
    const bool is_matched = joined.right_times[i] != no_time;
    out.push_back(!is_in_order ? -8 : is_matched ? number_at(joined.right, i) : no_row);
  }
  return out;
}

inline Matches by_stream(const Side& left, const Side& right, const AsofRule& rule, std::size_t chunk) {
  AsofJoinStreaming join(stream_options(rule));
  JoinedRows joined;
  std::size_t l = 0, r = 0;
  while (l < left.size() || r < right.size()) {
    if (l < left.size()) {
      const AsofRows part = left.rows(l, chunk);
      join.add_left(part, numbers(l, part.size()), joined);
      l += part.size();
    }
    if (r < right.size()) {
      const AsofRows part = right.rows(r, chunk);
      join.add_right(part, numbers(r, part.size()), joined);
      r += part.size();
    }
  }
  join.finish_left(joined);
  join.finish_right(joined);
  return matches_of(joined);
}

struct LogRow {
  bool is_right;
  std::size_t row;
};

/// Both sides as one log in the order of time; `rights_first`: of equal times.
inline std::vector<LogRow> log_of(const Side& left, const Side& right, bool rights_first) {
  std::vector<LogRow> log;
  std::size_t l = 0, r = 0;
  while (l < left.size() || r < right.size()) {
    const bool is_right =
        l == left.size() ||
        (r < right.size() && (rights_first ? right.times[r] <= left.times[l] : right.times[r] < left.times[l]));
    log.push_back({is_right, is_right ? r++ : l++});
  }
  return log;
}

inline Matches by_log(StreamingAsofJoinKernel& join, const std::vector<LogRow>& log, const Side& left,
                      const Side& right) {
  Matches out;
  for (const auto& [is_right, row] : log) {
    if (is_right) {
      join.on_right(right.keys[row], right.times[row], right.rows().seq(row), numbers(row, 1));
    } else {
      const auto match = join.on_left(left.keys[row], left.times[row]);
      out.push_back(match.time == no_time ? no_row : number_at(match.slot, 0));
    }
  }
  return out;
}

}  // namespace millrace::testing
