#include "millrace/asof/join.h"

#include <algorithm>

namespace millrace {

namespace {

AsofRows part_of(const AsofRows& rows, std::size_t from, std::size_t count) {
  return {.times = rows.times.subspan(from, count),
          .keys = rows.keys.empty() ? rows.keys : rows.keys.subspan(from, count),
          .seqs = rows.seqs.empty() ? rows.seqs : rows.seqs.subspan(from, count)};
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

void asof_join(const AsofRows& left, const AsofRows& right, const AsofRule& rule, Workers& workers,
               std::span<std::int64_t> out) {
  asof_join_table(left, AsofTable(right), rule, workers, out);
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
