#include "millrace/asof/join.h"

#include <algorithm>

namespace millrace {

namespace {

AsofRows part_of(const AsofRows& rows, std::size_t from, std::size_t count) {
  return {.times = rows.times.subspan(from, count),
          .keys = rows.keys.empty() ? rows.keys : rows.keys.subspan(from, count),
          .seqs = rows.seqs.empty() ? rows.seqs : rows.seqs.subspan(from, count)};
}

/// Joins sides in the order of time, block by block, for left rows from `from` to `to`.
void join_in_order(const AsofRows& left, std::size_t from, std::size_t to, const AsofRows& right, const AsofRule& rule,
                   std::span<std::int64_t> out) {
  constexpr std::size_t block_rows = 16 * 1024;
  AsofIndex index;
  AsofIndex::Cursors cursors;
  std::size_t next = 0, prune_at = 0;  // the right row that is indexed next, and when to let go of some
  if (rule.tolerance_ns != no_tolerance && from < to) {
    next = advance<false>(right.times, 0, earlier(left.times[from], rule.tolerance_ns));
  }
  while (from < to) {
    const std::size_t count = std::min(block_rows, to - from);
    const Nanos last = left.times[from + count - 1];
    const std::size_t end = std::max(next, advance<true>(right.times, next, latest_needed(rule, last)));
    index.add(part_of(right, next, end - next), static_cast<std::int64_t>(next));
    next = end;
    index.match(part_of(left, from, count), rule, cursors, out.subspan(from, count));
    from += count;
    if (index.rows() < prune_at) continue;
    index.prune(last, true);
    prune_at = 2 * index.rows() + index.key_room();
  }
}

}  // namespace

void asof_join_table(const AsofRows& left, const AsofTable& table, const AsofRule& rule, AsofIndex::Cursors& cursors,
                     std::span<std::int64_t> out) {
  table.index().match(left, rule, cursors, out);
}

void asof_join_table(const AsofRows& left, const AsofTable& table, const AsofRule& rule, Workers& workers,
                     std::span<std::int64_t> out) {
  const std::size_t share = (left.size() + workers.size() - 1) / workers.size();
  workers.run([&](std::size_t worker) {
    const std::size_t from = std::min(worker * share, left.size());
    const std::size_t count = std::min(share, left.size() - from);
    AsofIndex::Cursors cursors;
    asof_join_table(part_of(left, from, count), table, rule, cursors, out.subspan(from, count));
  });
}

bool are_in_order(std::span<const Nanos> times) {
  bool is_ordered = true;
  for (std::size_t i = 1; i < times.size(); ++i) is_ordered &= times[i - 1] <= times[i];
  return is_ordered;
}

void asof_join(const AsofRows& left, const AsofRows& right, const AsofRule& rule, Workers& workers,
               std::span<std::int64_t> out) {
  const bool is_bounded = workers.size() == 1 || rule.tolerance_ns != no_tolerance;  // each would index all rows
  if (!is_bounded || !are_in_order(left.times) || !are_in_order(right.times)) {
    return asof_join_table(left, AsofTable(right), rule, workers, out);
  }
  const std::size_t share = (left.size() + workers.size() - 1) / workers.size();
  workers.run([&](std::size_t worker) {
    const std::size_t from = std::min(worker * share, left.size()), to = std::min(from + share, left.size());
    join_in_order(left, from, to, right, rule, out);
  });
}

void AsofJoinKernel::add_right(const AsofRows& right) {
  const bool has_late =
      cutoff_ != no_time && std::any_of(right.times.begin(), right.times.end(), [&](Nanos t) { return t < cutoff_; });
  if (!has_late) {
    index_.add(right, next_row_);
  } else {
    for (std::size_t i = 0; i < right.size(); ++i) {
      const Nanos time = right.times[i];
      if (time == no_time) continue;
      if (time < cutoff_) {
        ++late_;
        continue;
      }
      index_.add_one(right.key(i), {time, right.seq(i), next_row_ + static_cast<std::int64_t>(i)});
    }
  }
  next_row_ += static_cast<std::int64_t>(right.size());
}

void AsofJoinKernel::process_left(const AsofRows& left, std::span<std::int64_t> out) {
  index_.match(left, rule_, cursors_, out);
  unmatched_ += static_cast<std::uint64_t>(std::count(out.begin(), out.end(), no_row));
}

void AsofJoinKernel::prune(Nanos cutoff, bool keeps_newest) {
  if (cutoff <= cutoff_) return;
  const std::size_t before = index_.rows();
  index_.prune(cutoff, keeps_newest || rule_.tolerance_ns == no_tolerance);
  evicted_ += before - index_.rows();
  cutoff_ = cutoff;
}

std::vector<std::int64_t> AsofJoinKernel::renumber() {
  index_.settle();
  std::vector<std::int64_t> old;
  old.reserve(index_.rows());
  index_.for_each([&](KeyNumber, Run& run, std::size_t i) { old.push_back(run.row(i)); });
  std::sort(old.begin(), old.end());
  index_.for_each([&](KeyNumber, Run& run, std::size_t i) {
    run.set_row(i, std::lower_bound(old.begin(), old.end(), run.row(i)) - old.begin());
  });
  next_row_ = static_cast<std::int64_t>(old.size());
  return old;
}

AsofJoinKernel::Stats AsofJoinKernel::stats() const {
  return {.rows = index_.rows(),
          .bytes = index_.bytes(),
          .keys = index_.keys(),
          .late = late_,
          .unmatched = unmatched_,
          .evicted = evicted_};
}

}  // namespace millrace
