#include "millrace/python/joined_table.h"

#include <algorithm>
#include <new>
#include <set>

#include "millrace/asof/join.h"
#include "millrace/base/error.h"
#include "millrace/python/join_columns.h"
#include "millrace/python/row_gather.h"

namespace millrace {

namespace {

constexpr std::size_t rows_at_once = 16 * 1024;
constexpr std::size_t batch_rows = 1024 * 1024;  // of the result; texts of a batch have to fit into 2 GiB

void check(ArrowErrorCode code) {
  if (code == NANOARROW_OK) return;
  if (code == ENOMEM) throw std::bad_alloc();
  fail(Fault::output, "asof: Arrow refused a column ({})", code);
}

/// One side's columns by their places.
struct Side {
  std::size_t time;
  std::vector<std::size_t> keys;
};

Side side_of(const TableRows& table, const JoinNames& names, const std::string& on) {
  Side side{.time = find_join_column(table, on), .keys = {}};
  for (const std::string& key : names.by) side.keys.push_back(find_join_column(table, key));
  return side;
}

}  // namespace

/// One join, from two tables to the batches of a third.
class JoinWork {
 public:
  JoinWork(const TableRows& left, const TableRows& right, const JoinNames& names, const AsofRule& rule,
           const std::function<void()>& between)
      : left_(left),
        right_(right),
        names_(names),
        rule_(rule),
        between_(between),
        left_side_(side_of(left, names, names.on)),
        right_side_(side_of(right, names, names.right_on.empty() ? names.on : names.right_on)),
        keys_(names.by.size()) {
    for (std::size_t i = 0; i < names.by.size(); ++i)
      check_join_keys(left, left_side_.keys[i], right, right_side_.keys[i]);
    left_times_ = join_times(left, left_side_.time, names.unit_ns);
    right_times_ = join_times(right, right_side_.time, names.unit_ns);
    for (std::size_t i = 0; i < right.columns(); ++i) {
      const auto& own = right_side_.keys;
      if (i != right_side_.time && std::find(own.begin(), own.end(), i) == own.end()) carried_.push_back(i);
    }
    carried_.push_back(right_side_.time);
    for (const std::size_t column : carried_) gathers_.emplace_back(right, column);
  }

  std::unique_ptr<JoinedTable> run() {
    auto table = std::make_unique<JoinedTable>();
    make_schema(table->schema_.get());
    match();
    table->rows_ = left_.rows();
    table->matched_ = left_.rows() - static_cast<std::size_t>(std::count(matches_.begin(), matches_.end(), no_row));
    std::size_t row = 0;
    for (const auto& batch : left_.batches()) {
      const auto rows = static_cast<std::size_t>(batch->rows());
      for (std::size_t from = 0; from < rows; from += batch_rows) {
        const std::size_t count = std::min(batch_rows, rows - from);
        table->batches_.push_back(join_batch(batch, from, row + from, count));
      }
      row += rows;
    }
    return table;
  }

 private:
  void make_schema(ArrowSchema* out) const;
  void match();
  void match_in_order(const AsofRows& left, const AsofRows& right);
  void match_any(const AsofRows& left, const AsofRows& right);
  std::vector<RowPlace> places(std::size_t row, std::size_t count) const;
  void ages(std::size_t row, std::size_t count, ArrowArray* out) const;
  std::shared_ptr<nanoarrow::UniqueArray> join_batch(const std::shared_ptr<ArrowBatch>& batch, std::size_t from,
                                                     std::size_t row, std::size_t count) const;

  const TableRows &left_, &right_;
  const JoinNames& names_;
  const AsofRule& rule_;
  const std::function<void()>& between_;
  Side left_side_, right_side_;
  JoinKeys keys_;
  std::vector<std::size_t> carried_;  // columns of the right side, its time last
  std::vector<RowGather> gathers_;    // of them
  AlignedVector<Nanos> left_times_, right_times_;
  AlignedVector<std::int64_t> matches_;  // a row of the right side for each of the left, or no_row
};

void JoinWork::make_schema(ArrowSchema* out) const {
  ArrowSchemaInit(out);
  check(ArrowSchemaSetTypeStruct(out, static_cast<std::int64_t>(left_.columns() + carried_.size() + 1)));
  std::set<std::string> names;
  std::int64_t at = 0;
  const auto put = [&](const std::string& name, auto&& make) {
    if (!names.insert(name).second) {
      fail(Fault::input,
           "{} and {}: column `{}` would stand twice in the output; expected another prefix or name for it",
           left_.where(), right_.where(), name);
    }
    ArrowSchema* child = out->children[at++];
    if (child->release != nullptr) child->release(child);
    make(child);
    check(ArrowSchemaSetName(child, name.c_str()));
  };
  for (std::size_t i = 0; i < left_.columns(); ++i) {
    put(left_.name(i), [&](ArrowSchema* child) { check(ArrowSchemaDeepCopy(&left_.field(i), child)); });
  }
  for (std::size_t i = 0; i < carried_.size(); ++i) {
    const bool is_time = i + 1 == carried_.size();
    put(names_.prefix + (is_time ? "ts" : right_.name(carried_[i])),
        [&](ArrowSchema* child) { gathers_[i].schema(child); });
  }
  put(names_.age, [](ArrowSchema* child) { check(ArrowSchemaInitFromType(child, NANOARROW_TYPE_INT64)); });
}

void JoinWork::match() {
  const AlignedVector<KeyNumber> left_keys = keys_.code(left_, left_side_.keys);
  const AlignedVector<KeyNumber> right_keys = keys_.code(right_, right_side_.keys);
  AlignedVector<std::int64_t> seqs;
  std::string seq = names_.seq;
  for (std::size_t i = 0; seq.empty() && i < right_.columns(); ++i) {
    if (right_.name(i) == "seq") seq = "seq";
  }
  if (!seq.empty()) seqs = join_seqs(right_, find_join_column(right_, seq));
  matches_.assign(left_.rows(), no_row);
  const AsofRows left{.times = left_times_, .keys = left_keys};
  const AsofRows right{.times = right_times_, .keys = right_keys, .seqs = seqs};
  if (are_in_order(left.times) && are_in_order(right.times)) {
    match_in_order(left, right);
  } else {
    match_any(left, right);
  }
}

AsofRows part_of(const AsofRows& rows, std::size_t from, std::size_t count) {
  return {.times = rows.times.subspan(from, count),
          .keys = rows.keys.empty() ? rows.keys : rows.keys.subspan(from, count),
          .seqs = rows.seqs.empty() ? rows.seqs : rows.seqs.subspan(from, count)};
}

/// Only the right rows around the left ones are indexed at a time, which fit a cache.
void JoinWork::match_in_order(const AsofRows& left, const AsofRows& right) {
  AsofJoinKernel kernel(rule_);
  std::size_t next = 0, prune_at = 0;
  for (std::size_t from = 0; from < left.size(); from += rows_at_once) {
    between_();
    const AsofRows part = part_of(left, from, std::min(rows_at_once, left.size() - from));
    const Nanos reached = part.times.back();
    const std::size_t end = advance<true>(right.times, next, latest_needed(rule_, reached));
    for (; next < end; next += std::min(rows_at_once, end - next)) {
      between_();
      kernel.add_right(part_of(right, next, std::min(rows_at_once, end - next)));
    }
    kernel.process_left(part, std::span(matches_).subspan(from, part.size()));
    if (kernel.rows() < prune_at) continue;
    kernel.prune(reached, true);
    prune_at = 2 * kernel.rows() + keys_.most();
  }
}

void JoinWork::match_any(const AsofRows& left, const AsofRows& right) {
  AsofJoinKernel kernel(rule_);
  for (std::size_t from = 0; from < right.size(); from += batch_rows) {  // each is a run to merge: few of them
    between_();
    kernel.add_right(part_of(right, from, std::min(batch_rows, right.size() - from)));
  }
  for (std::size_t from = 0; from < left.size(); from += rows_at_once) {
    between_();
    const std::size_t count = std::min(rows_at_once, left.size() - from);
    kernel.process_left(part_of(left, from, count), std::span(matches_).subspan(from, count));
  }
}

/// Where the right rows of some left ones stand.
std::vector<RowPlace> JoinWork::places(std::size_t row, std::size_t count) const {
  std::vector<std::int64_t> ends;  // of the right batches
  for (const auto& batch : right_.batches()) ends.push_back((ends.empty() ? 0 : ends.back()) + batch->rows());
  std::vector<RowPlace> places(count, RowPlace{-1, 0});
  std::size_t at = 0;  // the batch of the last match: the next one's is near
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t match = matches_[row + i];
    if (match == no_row) continue;
    while (match >= ends[at]) ++at;
    while (at > 0 && match < ends[at - 1]) --at;
    const std::int64_t first = at == 0 ? 0 : ends[at - 1];
    places[i] = {static_cast<std::int32_t>(at), match - first + right_.batches()[at]->array->offset};
  }
  return places;
}

void JoinWork::ages(std::size_t row, std::size_t count, ArrowArray* out) const {
  check(ArrowArrayInitFromType(out, NANOARROW_TYPE_INT64));
  check(ArrowArrayStartAppending(out));
  check(ArrowArrayReserve(out, static_cast<std::int64_t>(count)));
  for (std::size_t i = row; i < row + count; ++i) {
    std::int64_t age = 0;
    if (matches_[i] == no_row) {
      check(ArrowArrayAppendNull(out, 1));
      continue;
    }
    if (__builtin_sub_overflow(left_times_[i], right_times_[static_cast<std::size_t>(matches_[i])], &age)) {
      fail(Fault::input, "asof: expected matches less than 292 years apart; give a tolerance");
    }
    check(ArrowArrayAppendInt(out, age));
  }
  check(ArrowArrayFinishBuildingDefault(out, nullptr));
}

std::shared_ptr<nanoarrow::UniqueArray> JoinWork::join_batch(const std::shared_ptr<ArrowBatch>& batch, std::size_t from,
                                                             std::size_t row, std::size_t count) const {
  std::vector<nanoarrow::UniqueArray> columns;
  share_rows(*batch->array.get(), static_cast<std::int64_t>(from), static_cast<std::int64_t>(count), batch, columns);
  const std::vector<RowPlace> from_right = places(row, count);
  for (const RowGather& gather : gathers_) {
    between_();
    gather.take(from_right, columns.emplace_back().get());
  }
  ages(row, count, columns.emplace_back().get());
  auto out = std::make_shared<nanoarrow::UniqueArray>();
  check(ArrowArrayInitFromType(out->get(), NANOARROW_TYPE_STRUCT));
  check(ArrowArrayAllocateChildren(out->get(), static_cast<std::int64_t>(columns.size())));
  for (std::size_t i = 0; i < columns.size(); ++i) ArrowArrayMove(columns[i].get(), (*out)->children[i]);
  (*out)->length = static_cast<std::int64_t>(count);
  (*out)->null_count = 0;
  return out;
}

std::unique_ptr<JoinedTable> JoinedTable::join(const TableRows& left, const TableRows& right, const JoinNames& names,
                                               const AsofRule& rule, const std::function<void()>& between) {
  return JoinWork(left, right, names, rule, between).run();
}

std::vector<std::string> JoinedTable::columns() const {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < schema_->n_children; ++i) names.emplace_back(schema_->children[i]->name);
  return names;
}

void JoinedTable::export_schema(ArrowSchema* out) const { check(ArrowSchemaDeepCopy(schema_.get(), out)); }

void JoinedTable::export_stream(ArrowArrayStream* out) const {
  nanoarrow::UniqueSchema schema;
  export_schema(schema.get());
  std::vector<nanoarrow::UniqueArray> arrays(batches_.size());
  for (std::size_t i = 0; i < batches_.size(); ++i) share(*batches_[i]->get(), batches_[i], arrays[i].get());
  nanoarrow::VectorArrayStream(schema.get(), std::move(arrays)).ToArrayStream(out);
}

}  // namespace millrace
