#include "millrace/asof/index.h"

#include <algorithm>
#include <tuple>

namespace millrace {

namespace {

/// The tail of a run that is being written.
struct Pen {
  Run::Room room{};
  Nanos time = no_time;  // of the last row
  std::int64_t seq = no_seq;
  std::size_t before = 0;  // rows of the run before this batch
  bool is_ordered = true;
};

}  // namespace

void AsofIndex::add(const AsofRows& rows, std::int64_t first_row) {
  constexpr std::size_t many = 256;
  if (rows.size() >= many && rows.size() >= keys_.size()) return add_in_bulk(rows, first_row);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    add_one(rows.key(i), {rows.times[i], rows.seq(i), first_row + static_cast<std::int64_t>(i)});
  }
}

void AsofIndex::add_one(KeyNumber key, const Run::Row& row) {
  if (key == no_key || row.time == no_time) return;
  reach(key);
  ++rows_;
  Key& rows = keys_[key];
  if (rows.main.takes(row.time, row.seq)) return rows.main.append(row);
  Run late;
  late.append(row);
  add_late(rows, std::move(late));
}

void AsofIndex::add_late(Key& key, Run run) {
  while (!key.late.empty() && key.late.back().size() <= 2 * run.size()) {
    run = Run::merged(key.late.back(), run);
    key.late.pop_back();
  }
  key.late.push_back(std::move(run));
}

void AsofIndex::add_in_bulk(const AsofRows& rows, std::int64_t first_row) {
  std::vector<std::size_t> counts(keys_.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const KeyNumber key = rows.key(i);
    if (key == no_key || rows.times[i] == no_time) continue;
    if (key >= counts.size()) counts.resize(std::size_t{key} + 1);
    ++counts[key];
  }
  keys_.resize(counts.size());
  std::vector<Pen> pens(counts.size());
  for (std::size_t key = 0; key < counts.size(); ++key) {
    if (counts[key] == 0) continue;
    Run& run = keys_[key].main;
    Pen& pen = pens[key];
    pen.before = run.size();
    if (pen.before > 0) {
      pen.time = run.times().back();
      pen.seq = run.seq(pen.before - 1);
    }
    pen.room = run.grow(counts[key], !rows.seqs.empty());
    rows_ += counts[key];
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const KeyNumber key = rows.key(i);
    const Nanos time = rows.times[i];
    if (key == no_key || time == no_time) continue;
    Pen& pen = pens[key];
    *pen.room.times++ = time;
    *pen.room.rows++ = first_row + static_cast<std::int64_t>(i);
    const std::int64_t seq = rows.seq(i);
    if (pen.room.seqs != nullptr) *pen.room.seqs++ = seq;
    pen.is_ordered &= pen.time < time || (pen.time == time && pen.seq <= seq);
    pen.time = time;
    pen.seq = seq;
  }
  for (std::size_t key = 0; key < counts.size(); ++key) {
    if (counts[key] == 0 || pens[key].is_ordered) continue;
    Key& unordered = keys_[key];
    const Run tail = unordered.main.split_sorted(pens[key].before);
    Run late;  // all before the main run's last row, as those that come one by one
    for (std::size_t i = 0; i < tail.size(); ++i) {
      const Run::Row row{tail.times()[i], tail.seq(i), tail.row(i)};
      (unordered.main.takes(row.time, row.seq) ? unordered.main : late).append(row);
    }
    if (late.size() > 0) add_late(unordered, std::move(late));
  }
}

template <Direction direction, bool is_strict>
AsofIndex::Sides AsofIndex::find_sides(const Key& key, std::size_t& cursor, Nanos time) {
  Sides sides;
  std::int64_t back_seq = no_seq, ahead_seq = no_seq;
  const auto look = [&](const Run& run, std::size_t& at) {
    const auto times = run.times();
    const auto [back, ahead] = find_candidates<direction, is_strict>(times, at, time);
    // Of equal rows the younger run's came last.
    if (back > 0 && (sides.back.row == no_row ||
                     std::tuple(sides.back.time, back_seq) <= std::tuple(times[back - 1], run.seq(back - 1)))) {
      sides.back = {run.row(back - 1), times[back - 1]};
      back_seq = run.seq(back - 1);
    }
    if (ahead < times.size() && (sides.ahead.row == no_row ||
                                 std::tuple(times[ahead], run.seq(ahead)) < std::tuple(sides.ahead.time, ahead_seq))) {
      sides.ahead = {run.row(ahead), times[ahead]};
      ahead_seq = run.seq(ahead);
    }
  };
  look(key.main, cursor);
  for (const Run& run : key.late) {
    std::size_t middle = run.size() / 2;
    look(run, middle);
  }
  return sides;
}

AsofIndex::Sides AsofIndex::find(KeyNumber key, Nanos time, const AsofRule& rule, Cursors& cursors) const {
  if (key >= keys_.size() || time == no_time) return {};
  if (cursors.size() < keys_.size()) cursors.resize(keys_.size());
  return with_rule(rule, [&]<Direction direction, bool is_strict>() {
    return find_sides<direction, is_strict>(keys_[key], cursors[key], time);
  });
}

AsofIndex::Found AsofIndex::choose(const Sides& sides, Nanos time, std::uint64_t tolerance) noexcept {
  const bool has_back = sides.back.row != no_row, has_ahead = sides.ahead.row != no_row;
  const bool is_ahead = has_ahead && (!has_back || is_ahead_nearer(sides.back.time, time, sides.ahead.time));
  const Found& found = is_ahead ? sides.ahead : sides.back;
  return found.row != no_row && distance_ns(time, found.time) <= tolerance ? found : Found{};
}

bool AsofIndex::is_certain(KeyNumber key, Nanos time, const AsofRule& rule, Nanos mark, Cursors& cursors) const {
  if (time == no_time || key == no_key) return true;
  if (rule.direction == Direction::backward) return rule.is_strict ? mark >= time : mark > time;
  if (mark <= time) return false;
  const auto [back, ahead] = find(key, time, rule, cursors);
  if (ahead.row != no_row && ahead.time < mark) return true;
  std::uint64_t reach = rule.tolerance_ns;
  if (back.row != no_row) reach = std::min(reach, distance_ns(time, back.time));
  return mark > later(time, reach);
}

template <Direction direction, bool is_strict>
void AsofIndex::match_rows(const AsofRows& left, std::uint64_t tolerance, Cursors& cursors,
                           std::span<std::int64_t> out) const {
  for (std::size_t i = 0; i < left.size(); ++i) {
    const KeyNumber number = left.key(i);
    const Nanos time = left.times[i];
    if (number >= keys_.size() || time == no_time) {
      out[i] = no_row;
      continue;
    }
    const Key& key = keys_[number];
    if (!key.late.empty()) {
      out[i] = choose(find_sides<direction, is_strict>(key, cursors[number], time), time, tolerance).row;
      continue;
    }
    const auto times = key.main.times();
    const std::size_t place = match_one<direction, is_strict>(times, cursors[number], time, tolerance);
    out[i] = place == times.size() ? no_row : key.main.row(place);
  }
}

void AsofIndex::match(const AsofRows& left, const AsofRule& rule, Cursors& cursors, std::span<std::int64_t> out) const {
  if (cursors.size() < keys_.size()) cursors.resize(keys_.size());
  with_rule(rule, [&]<Direction direction, bool is_strict>() {
    match_rows<direction, is_strict>(left, rule.tolerance_ns, cursors, out);
  });
}

void AsofIndex::prune(Nanos cutoff, bool keeps_newest, std::vector<std::int64_t>* dropped) {
  std::vector<std::size_t> counts;
  std::vector<Run*> runs;
  for (Key& key : keys_) {
    if (key.late.empty()) {
      std::size_t count = advance<false>(key.main.times(), 0, cutoff);
      if (keeps_newest && count > 0) --count;
      rows_ -= count;
      key.main.drop_front(count, dropped);
      continue;
    }
    runs.assign(1, &key.main);
    for (Run& run : key.late) runs.push_back(&run);
    counts.clear();
    std::size_t newest = runs.size();
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const Run& run = *runs[i];
      counts.push_back(advance<false>(run.times(), 0, cutoff));
      if (!keeps_newest || counts[i] == 0) continue;
      const auto last = [&](std::size_t r) {
        return std::tuple(runs[r]->times()[counts[r] - 1], runs[r]->seq(counts[r] - 1));
      };
      if (newest == runs.size() || last(newest) <= last(i)) newest = i;
    }
    if (newest < runs.size()) --counts[newest];
    for (std::size_t i = 0; i < runs.size(); ++i) {
      rows_ -= counts[i];
      runs[i]->drop_front(counts[i], dropped);
    }
    std::erase_if(key.late, [](const Run& run) { return run.size() == 0; });
  }
}

void AsofIndex::settle() {
  for (Key& key : keys_) {
    while (key.late.size() > 1) {
      const Run newer = std::move(key.late.back());
      key.late.pop_back();
      key.late.back() = Run::merged(key.late.back(), newer);
    }
    if (key.late.empty()) continue;
    key.main = Run::merged(key.main, key.late.back());
    key.late.clear();
  }
}

std::size_t AsofIndex::keys() const {
  return static_cast<std::size_t>(
      std::count_if(keys_.begin(), keys_.end(), [](const Key& key) { return key.main.size() + key.late.size() > 0; }));
}

std::size_t AsofIndex::bytes() const {
  std::size_t sum = keys_.capacity() * sizeof(Key);
  for (const Key& key : keys_) {
    sum += key.main.bytes() + key.late.capacity() * sizeof(Run);
    for (const Run& run : key.late) sum += run.bytes();
  }
  return sum;
}

}  // namespace millrace
