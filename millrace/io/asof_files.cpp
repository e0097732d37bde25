#include "millrace/io/asof_files.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>

#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/gather.h"
#include "millrace/io/table_file.h"
#include "millrace/io/table_sort.h"

namespace millrace {

namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

/// One of the two files, in the order of time.
class OrderedFile {
 public:
  OrderedFile(const std::string& path, std::string on, const AsofFileOptions& options)
      : path_(path),
        on_(std::move(on)),
        unit_ns_(options.columns.unit_ns),
        file_(path, {.uses_threads = options.uses_threads}) {}

  std::shared_ptr<arrow::Schema> schema() const { return file_.schema(); }
  std::uint64_t rows() const { return file_.rows(); }

  /// Sorts the file where its times are not in order; says whether.
  bool sort(const AsofFileOptions& options) {
    TableFile times(path_, {.only = {on_}, .uses_threads = options.uses_threads});
    OrderCheck order;
    Batch batch;
    bool is_sorted = true;
    while (is_sorted) {
      options.between(0, rows());
      check(times.batches()->ReadNext(&batch), Fault::input, path_);
      if (batch == nullptr) return false;
      is_sorted = !order.see(AsofTimes(batch->GetColumnByName(on_), unit_ns_, path_, on_).values());
    }
    sorted_ = sort_by_time(file_.batches(), {.name = path_,
                                             .column = on_,
                                             .unit_ns = unit_ns_,
                                             .memory_bytes = options.sort_memory_bytes,
                                             .beside = options.output,
                                             .between = [&] { options.between(0, rows()); }});
    return true;
  }

  /// Nothing at the end.
  Batch next() {
    Batch batch;
    const auto& batches = sorted_ ? sorted_ : file_.batches();
    do {
      check(batches->ReadNext(&batch), Fault::input, fmt::format("{}: behind row {}", path_, rows_));
    } while (batch != nullptr && batch->num_rows() == 0);
    if (batch != nullptr) rows_ += static_cast<std::uint64_t>(batch->num_rows());
    return batch;
  }

  void check_order(std::span<const Nanos> times) {
    const auto bad = order_.see(times);
    if (!bad) return;
    fail(Fault::input, "{}: row {}: column `{}`: expected a time at or after {}, that of a row before it, found {}",
         path_, bad->row, on_, format_time(bad->before), format_time(bad->time));
  }

 private:
  std::string path_, on_;
  Nanos unit_ns_;
  TableFile file_;
  std::shared_ptr<arrow::RecordBatchReader> sorted_;
  OrderCheck order_;
  std::uint64_t rows_ = 0;
};

/// Output rows until there are enough for a row group.
class RowGroups {
 public:
  RowGroups(const AsofFileOptions& options, const AsofPlan& plan)
      : schema_(plan.schema),
        path_(options.output),
        sink_(options.output, plan.schema,
              {.codec = options.codec, .metadata = options.metadata, .uses_threads = options.uses_threads}) {}

  void add(Batch rows) {
    rows_ += rows->num_rows();
    parts_.push_back(std::move(rows));
    if (rows_ >= 2 * table_batch_rows) flush();
  }

  void close() {
    flush();
    sink_.close();
  }

 private:
  void flush() {
    if (parts_.empty()) return;
    const auto table = take(arrow::Table::FromRecordBatches(schema_, parts_), Fault::output, path_);
    parts_.clear();
    rows_ = 0;
    sink_.write(*take(table->CombineChunksToBatch(arrow_memory()), Fault::output, path_));
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::string path_;
  TableSink sink_;
  std::vector<Batch> parts_;
  std::int64_t rows_ = 0;
};

class FileJoin {
 public:
  explicit FileJoin(const AsofFileOptions& options)
      : options_(options),
        left_(options.left, options.columns.on, options),
        right_(options.right, right_on(options.columns), options),
        plan_(AsofPlan::make(options.columns, options.left, *left_.schema(), options.right, *right_.schema())),
        coder_(options.columns.by.size()),
        kernel_(options.rule),
        out_(options, plan_) {
    window_ = take(arrow::RecordBatch::MakeEmpty(right_.schema(), arrow_memory()), Fault::input, options.right);
  }

  AsofFileResult run() {
    if (!options_.is_sorted) {
      result_.left_was_unsorted = left_.sort(options_);
      result_.right_was_unsorted = right_.sort(options_);
    }
    while (const Batch batch = left_.next()) {
      const AsofView view(plan_, plan_.left, *batch, coder_);
      left_.check_order(view.times.values());
      join(*batch, view);
    }
    while (const Batch batch = right_.next()) check_rest(*batch);
    out_.close();
    return result_;
  }

 private:
  static std::string right_on(const AsofColumns& columns) {
    return columns.right_on.empty() ? columns.on : columns.right_on;
  }

  void join(const arrow::RecordBatch& batch, const AsofView& view) {
    const auto times = view.times.values();
    std::size_t from = 0;
    while (from < times.size()) {
      options_.between(result_.rows, left_.rows());
      const std::size_t to = certain(view.rows(), from);
      if (to == from) {
        read_right();
        continue;
      }
      rows_.resize(to - from);
      kernel_.process_left(view.rows(from, to - from), rows_);
      result_.rows += to - from;
      result_.matched += static_cast<std::uint64_t>(
          std::count_if(rows_.begin(), rows_.end(), [](std::int64_t row) { return row != no_row; }));
      out_.add(join_rows(plan_, batch, times, from, *window_, window_times_, rows_));
      for (; from < to; ++from) reached_ = std::max(reached_, times[from]);
      forget();
    }
  }

  /// Up to which left row no right row to come can change the match.
  std::size_t certain(const AsofRows& left, std::size_t from) {
    if (is_right_at_end_) return left.size();
    while (from < left.size() && kernel_.is_certain(left.key(from), left.times[from], frontier_)) ++from;
    return from;
  }

  void read_right() {
    const Batch batch = right_.next();
    if (batch == nullptr) {
      is_right_at_end_ = true;
      return;
    }
    const AsofView view(plan_, plan_.right, *batch, coder_);
    const auto times = view.times.values();
    right_.check_order(times);
    kernel_.add_right(view.rows());
    window_times_.insert(window_times_.end(), times.begin(), times.end());
    for (const Nanos time : times) frontier_ = std::max(frontier_, time);
    result_.right_rows += times.size();
    result_.most_retained = std::max<std::uint64_t>(result_.most_retained, window_times_.size());
    if (window_->num_rows() == 0) {
      window_ = batch;
      return;
    }
    const auto both =
        take(arrow::Table::FromRecordBatches(right_.schema(), {window_, batch}), Fault::input, options_.right);
    window_ = take(both->CombineChunksToBatch(arrow_memory()), Fault::input, options_.right);
  }

  /// Lets go of right rows that no left row to come can get, once they are half of those in memory.
  void forget() {
    if (reached_ == no_time || kernel_.next_row() < forget_at_) return;
    kernel_.prune(reached_, true);
    const std::vector<std::int64_t> kept = kernel_.renumber();
    window_ = gather_rows(*window_, kept);
    for (std::size_t i = 0; i < kept.size(); ++i) window_times_[i] = window_times_[static_cast<std::size_t>(kept[i])];
    window_times_.resize(kept.size());
    forget_at_ = 2 * static_cast<std::int64_t>(kept.size()) + table_batch_rows;
  }

  /// Rows behind the last that was needed count, and have to be in order too.
  void check_rest(const arrow::RecordBatch& batch) {
    options_.between(result_.rows, left_.rows());
    const AsofTimes times(batch.column(plan_.right.time), plan_.columns.unit_ns, plan_.right.name,
                          batch.column_name(plan_.right.time));
    right_.check_order(times.values());
    result_.right_rows += times.values().size();
  }

  const AsofFileOptions& options_;
  OrderedFile left_, right_;
  AsofPlan plan_;
  AsofKeys coder_;
  AsofJoinKernel kernel_;
  RowGroups out_;
  AsofFileResult result_;
  Batch window_;  // the right rows in memory, by the kernel's numbers
  AlignedVector<Nanos> window_times_;
  AlignedVector<std::int64_t> rows_;
  Nanos frontier_ = no_time;  // the latest right time: no row to come lies before it
  Nanos reached_ = no_time;   // the latest left time that was joined
  std::int64_t forget_at_ = table_batch_rows;
  bool is_right_at_end_ = false;
};

}  // namespace

AsofFileResult asof_join_files(const AsofFileOptions& options) { return FileJoin(options).run(); }

}  // namespace millrace
