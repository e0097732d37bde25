#include "millrace/io/asof_table.h"

#include <algorithm>
#include <optional>
#include <set>

#include <arrow/array.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include "millrace/base/text.h"
#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/gather.h"

namespace millrace {

namespace {

int find_column(const arrow::Schema& schema, const std::string& name, const std::string& file) {
  const std::vector<int> found = schema.GetAllFieldIndices(name);
  if (found.size() == 1) return found[0];
  if (found.size() > 1) fail(Fault::input, "{}: column `{}`: expected one, found {}", file, name, found.size());
  const std::vector<std::string> names = schema.field_names();
  const std::vector<std::string_view> views(names.begin(), names.end());
  fail(Fault::input, "{}: column `{}` is missing{}", file, name, did_you_mean(name, views));
}

void check_time(const arrow::Schema& schema, int column, const std::string& file) {
  const auto& field = schema.field(column);
  const auto id = field->type()->id();
  if (id == arrow::Type::TIMESTAMP || arrow::is_integer(id)) return;
  fail(Fault::input, "{}: column `{}` has the wrong type; expected a timestamp or integers, found {}", file,
       field->name(), field->type()->ToString());
}

AsofSide side_of(const AsofColumns& columns, const std::string& name, const std::string& on,
                 const arrow::Schema& schema) {
  AsofSide side{.name = name, .time = find_column(schema, on, name)};
  check_time(schema, side.time, name);
  for (const std::string& key : columns.by) {
    side.keys.push_back(find_column(schema, key, name));
    const auto& type = schema.field(side.keys.back())->type();
    if (AsofKeys::is_key(*type)) continue;
    fail(Fault::input, "{}: column `{}` has the wrong type; expected integers or texts to join by, found {}", name, key,
         type->ToString());
  }
  return side;
}

void check_keys(const AsofPlan& plan, const arrow::Schema& left, const arrow::Schema& right) {
  for (std::size_t i = 0; i < plan.left.keys.size(); ++i) {
    const auto &l = left.field(plan.left.keys[i])->type(), &r = right.field(plan.right.keys[i])->type();
    if (AsofKeys::are_equal(*l, *r)) continue;
    fail(Fault::input, "column `{}`: expected one type on both sides, found {} in {} and {} in {}", plan.columns.by[i],
         l->ToString(), plan.left.name, r->ToString(), plan.right.name);
  }
}

/// Columns of one chunk are not copied.
std::shared_ptr<arrow::RecordBatch> whole_batch(const arrow::Table& table) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const auto& column : table.columns()) {
    if (column->num_chunks() == 1) {
      columns.push_back(column->chunk(0));
    } else if (column->num_chunks() == 0) {
      columns.push_back(take(arrow::MakeEmptyArray(column->type(), arrow_memory()), Fault::input, "right"));
    } else {
      columns.push_back(take(arrow::Concatenate(column->chunks(), arrow_memory()), Fault::input, "right"));
    }
  }
  return arrow::RecordBatch::Make(table.schema(), table.num_rows(), std::move(columns));
}

std::shared_ptr<arrow::Array> ages(std::span<const Nanos> left, std::span<const Nanos> right,
                                   std::span<const std::int64_t> rows, const Gather& gather) {
  const auto count = static_cast<std::int64_t>(rows.size());
  std::shared_ptr<arrow::Buffer> buffer = take(arrow::AllocateBuffer(count * 8, arrow_memory()), Fault::output, "asof");
  auto* out = reinterpret_cast<std::int64_t*>(buffer->mutable_data());
  bool is_too_long = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Nanos time = rows[i] < 0 ? left[i] : right[static_cast<std::size_t>(rows[i])];
    is_too_long |= __builtin_sub_overflow(left[i], time, &out[i]);
  }
  if (is_too_long) fail(Fault::input, "asof: expected matches less than 292 years apart; give a tolerance");
  const auto [valid, nulls] = gather.given();
  return arrow::MakeArray(arrow::ArrayData::Make(arrow::int64(), count, {valid, std::move(buffer)}, nulls));
}

}  // namespace

AsofPlan AsofPlan::make(const AsofColumns& columns, const std::string& left_name, const arrow::Schema& left,
                        const std::string& right_name, const arrow::Schema& right) {
  AsofPlan plan{.columns = columns};
  const std::string& right_on = columns.right_on.empty() ? columns.on : columns.right_on;
  plan.left = side_of(columns, left_name, columns.on, left);
  plan.right = side_of(columns, right_name, right_on, right);
  check_keys(plan, left, right);
  if (!columns.seq.empty()) plan.right.seq = find_column(right, columns.seq, right_name);
  if (columns.seq.empty()) plan.right.seq = right.GetFieldIndex("seq");
  arrow::FieldVector fields = left.fields();
  for (int i = 0; i < right.num_fields(); ++i) {
    const auto& keys = plan.right.keys;
    if (i == plan.right.time || std::find(keys.begin(), keys.end(), i) != keys.end()) continue;
    plan.carried.push_back(i);
    fields.push_back(right.field(i)->WithName(columns.prefix + right.field(i)->name())->WithNullable(true));
  }
  fields.push_back(arrow::field(columns.prefix + "ts", right.field(plan.right.time)->type()));
  fields.push_back(arrow::field(columns.age, arrow::int64()));
  std::set<std::string> names;
  for (const auto& field : fields) {
    if (names.insert(field->name()).second) continue;
    fail(Fault::input, "{} and {}: column `{}` would stand twice in the output; expected another prefix or name for it",
         left_name, right_name, field->name());
  }
  plan.schema = arrow::schema(std::move(fields));
  return plan;
}

AsofView::AsofView(const AsofPlan& plan, const AsofSide& side, const arrow::RecordBatch& batch, AsofKeys& coder)
    : times(batch.column(side.time), plan.columns.unit_ns, side.name, batch.column_name(side.time)) {
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const int key : side.keys) columns.push_back(batch.column(key));
  keys = coder.code(columns);
  if (side.seq >= 0) seqs = asof_seqs(*batch.column(side.seq), side.name, batch.column_name(side.seq));
}

AsofRows AsofView::rows(std::size_t from, std::size_t count) const {
  const AsofRows all = rows();
  return {.times = all.times.subspan(from, count),
          .keys = all.keys.empty() ? all.keys : all.keys.subspan(from, count),
          .seqs = all.seqs.empty() ? all.seqs : all.seqs.subspan(from, count)};
}

std::shared_ptr<arrow::RecordBatch> join_rows(const AsofPlan& plan, const arrow::RecordBatch& left,
                                              std::span<const Nanos> left_times, std::size_t from,
                                              const arrow::RecordBatch& right, std::span<const Nanos> right_times,
                                              std::span<const std::int64_t> rows) {
  const auto count = static_cast<std::int64_t>(rows.size());
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const auto& column : left.columns()) columns.push_back(column->Slice(static_cast<std::int64_t>(from), count));
  const Gather gather(rows);
  for (const int column : plan.carried) columns.push_back(gather.column(right.column(column)));
  columns.push_back(gather.column(right.column(plan.right.time)));
  columns.push_back(ages(left_times.subspan(from, rows.size()), right_times, rows, gather));
  return arrow::RecordBatch::Make(plan.schema, count, std::move(columns));
}

namespace {

/// The right side of a join in memory. As long as both sides are in the order of time, only the rows around the left
/// batch are coded and indexed, which fit a cache; then all.
class RightSide {
 public:
  RightSide(const AsofPlan& plan, const AsofRule& rule, std::shared_ptr<arrow::RecordBatch> rows, Workers& workers)
      : plan_(plan),
        rule_(rule),
        rows_(std::move(rows)),
        workers_(workers),
        times_(rows_->column(plan.right.time), plan.columns.unit_ns, plan.right.name,
               rows_->column_name(plan.right.time)),
        kernel_(rule),
        is_in_order_(workers.size() == 1 && are_in_order(times_.values())) {}

  std::shared_ptr<arrow::RecordBatch> join(const arrow::RecordBatch& left, AsofKeys& coder) {
    const AsofView view(plan_, plan_.left, left, coder);
    const auto times = view.times.values();
    matches_.resize(times.size());
    is_in_order_ = is_in_order_ && !times.empty() && times.front() >= reached_ && are_in_order(times);
    if (is_in_order_) {
      match_in_order(view.rows(), coder);
    } else {
      if (!table_) table_.emplace(AsofView(plan_, plan_.right, *rows_, coder).rows());
      asof_join_table(view.rows(), *table_, rule_, workers_, matches_);
    }
    return join_rows(plan_, left, times, 0, *rows_, times_.values(), matches_);
  }

 private:
  void match_in_order(const AsofRows& left, AsofKeys& coder) {
    reached_ = left.times.back();
    const std::size_t end = advance<true>(times_.values(), next_, latest_needed(rule_, reached_));
    if (end > next_) {
      const auto part = rows_->Slice(static_cast<std::int64_t>(next_), static_cast<std::int64_t>(end - next_));
      kernel_.add_right(AsofView(plan_, plan_.right, *part, coder).rows());
      next_ = end;
    }
    kernel_.process_left(left, matches_);
    if (kernel_.rows() < prune_at_) return;
    kernel_.prune(reached_, true);
    prune_at_ = 2 * kernel_.rows() + coder.most();
  }

  const AsofPlan& plan_;
  const AsofRule& rule_;
  std::shared_ptr<arrow::RecordBatch> rows_;
  Workers& workers_;
  AsofTimes times_;
  AsofJoinKernel kernel_;
  std::optional<AsofTable> table_;
  bool is_in_order_;
  std::size_t next_ = 0, prune_at_ = 0;
  Nanos reached_ = no_time;
  AlignedVector<std::int64_t> matches_;
};

}  // namespace

std::shared_ptr<arrow::Table> asof_join_tables(const arrow::Table& left, const arrow::Table& right,
                                               const AsofColumns& columns, const AsofRule& rule, Workers& workers) {
  constexpr std::int64_t batch_rows = 16 * 1024;
  const AsofPlan plan = AsofPlan::make(columns, "left", *left.schema(), "right", *right.schema());
  AsofKeys coder(columns.by.size());
  RightSide right_side(plan, rule, whole_batch(right), workers);
  std::vector<std::shared_ptr<arrow::RecordBatch>> out;
  arrow::TableBatchReader batches(left);
  if (workers.size() == 1) batches.set_chunksize(batch_rows);
  std::shared_ptr<arrow::RecordBatch> batch;
  while (check(batches.ReadNext(&batch), Fault::input, "left"), batch != nullptr) {
    out.push_back(right_side.join(*batch, coder));
  }
  return take(arrow::Table::FromRecordBatches(plan.schema, out), Fault::output, "asof");
}

}  // namespace millrace
