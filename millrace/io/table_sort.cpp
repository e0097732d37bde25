#include "millrace/io/table_sort.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numeric>
#include <vector>

#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>
#include <fcntl.h>
#include <unistd.h>

#include "millrace/io/arrow_memory.h"
#include "millrace/io/arrow_result.h"
#include "millrace/io/asof_columns.h"
#include "millrace/io/gather.h"

namespace millrace {

namespace {

constexpr std::int64_t part_batch_rows = 16 * 1024;
constexpr std::size_t most_parts = 512;
constexpr Nanos null_time = std::numeric_limits<Nanos>::max();  // sorts last

using Batch = std::shared_ptr<arrow::RecordBatch>;

/// A file that has no name: it needs no removal, whatever happens.
class NamelessFile {
 public:
  explicit NamelessFile(const std::string& beside) : beside_(beside) {
    std::string pattern = (std::filesystem::absolute(beside).parent_path() / ".millrace-sort-XXXXXX").string();
    file_ = ::mkostemp(pattern.data(), O_CLOEXEC);
    if (file_ < 0) fail(Fault::output, "{}: a temporary file beside it cannot be made ({})", beside, strerror(errno));
    ::unlink(pattern.c_str());
  }
  ~NamelessFile() { ::close(file_); }
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;

  std::shared_ptr<arrow::io::OutputStream> writer() const {
    return take(arrow::io::FileOutputStream::Open(::dup(file_)), Fault::output, beside_);
  }
  std::shared_ptr<arrow::io::InputStream> reader() const {
    if (::lseek(file_, 0, SEEK_SET) != 0) fail(Fault::output, "{}: {}", beside_, std::strerror(errno));
    return take(arrow::io::ReadableFile::Open(::dup(file_), arrow_memory()), Fault::output, beside_);
  }

 private:
  std::string beside_;
  int file_ = -1;
};

std::vector<Nanos> times_of(const arrow::RecordBatch& batch, const TableSortOptions& options) {
  const AsofTimes times(batch.GetColumnByName(options.column), options.unit_ns, options.name, options.column);
  std::vector<Nanos> out(times.values().begin(), times.values().end());
  std::replace(out.begin(), out.end(), no_time, null_time);
  return out;
}

Batch combined(const std::vector<Batch>& batches, const std::shared_ptr<arrow::Schema>& schema,
               const std::string& name) {
  const auto table = take(arrow::Table::FromRecordBatches(schema, batches), Fault::input, name);
  return take(table->CombineChunksToBatch(arrow_memory()), Fault::input, name);
}

/// Rows in hand, and the order they go out in.
struct Sorted {
  Batch batch;
  std::vector<std::int64_t> order;
  std::size_t at = 0;

  Sorted(Batch rows, const TableSortOptions& options) : batch(std::move(rows)) {
    const std::vector<Nanos> times = times_of(*batch, options);
    order.resize(times.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return times[static_cast<std::size_t>(a)] < times[static_cast<std::size_t>(b)];
    });
  }

  Batch next(std::int64_t most) {
    const std::size_t count = std::min(order.size() - at, static_cast<std::size_t>(most));
    if (count == 0) return nullptr;
    at += count;
    return gather_rows(*batch, std::span(order).subspan(at - count, count));
  }
};

/// One part on its way back.
struct Part {
  std::unique_ptr<NamelessFile> file;
  std::shared_ptr<arrow::RecordBatchReader> batches;
  Batch batch;
  std::vector<Nanos> times;
  std::size_t at = 0;
};

/// Sorted rows: of one part in memory, or of several that are merged.
class SortedRows final : public arrow::RecordBatchReader {
 public:
  SortedRows(std::shared_ptr<arrow::Schema> schema, TableSortOptions options)
      : schema_(std::move(schema)), options_(std::move(options)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(Batch* out) override {
    *out = memory_ ? memory_->next(4 * part_batch_rows) : merge();
    return arrow::Status::OK();
  }

  void keep(Batch batch) { memory_.emplace(std::move(batch), options_); }

  void put_aside(Batch batch) {
    if (parts_.size() == most_parts) {
      fail(Fault::input, "{}: needs more than {} parts to be sorted; give more memory", options_.name, most_parts);
    }
    Part part{.file = std::make_unique<NamelessFile>(options_.beside)};
    Sorted sorted(std::move(batch), options_);
    const auto bytes = part.file->writer();
    const auto writer = take(arrow::ipc::MakeStreamWriter(bytes, schema_), Fault::output, options_.beside);
    while (const Batch next = sorted.next(part_batch_rows)) {
      options_.between();
      check(writer->WriteRecordBatch(*next), Fault::output, options_.beside);
    }
    check(writer->Close(), Fault::output, options_.beside);
    check(bytes->Close(), Fault::output, options_.beside);
    parts_.push_back(std::move(part));
  }

  void start_merge() {
    for (Part& part : parts_) {
      part.batches =
          take(arrow::ipc::RecordBatchStreamReader::Open(part.file->reader()), Fault::output, options_.beside);
      refill(part);
    }
    for (std::size_t i = 0; i < parts_.size(); ++i) push(i);
  }

 private:
  void refill(Part& part) {
    check(part.batches->ReadNext(&part.batch), Fault::output, options_.beside);
    part.at = 0;
    if (part.batch != nullptr) part.times = times_of(*part.batch, options_);
  }

  /// The heap's top is the earliest time, of equal ones the earliest part.
  void push(std::size_t number) {
    const Part& part = parts_[number];
    if (part.batch == nullptr) return;
    heap_.emplace_back(part.times[part.at], number);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

  Batch merge() {
    // Picks until a part's batch is used up, or enough.
    std::vector<std::size_t> picks, first(parts_.size());
    for (std::size_t i = 0; i < parts_.size(); ++i) first[i] = parts_[i].at;
    std::size_t used_up = parts_.size();
    while (!heap_.empty() && used_up == parts_.size() && picks.size() < static_cast<std::size_t>(part_batch_rows)) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const std::size_t number = heap_.back().second;
      heap_.pop_back();
      picks.push_back(number);
      if (++parts_[number].at == parts_[number].times.size()) {
        used_up = number;
      } else {
        push(number);
      }
    }
    if (picks.empty()) return nullptr;
    std::vector<Batch> slices;
    std::vector<std::int64_t> next(parts_.size()), rows;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      next[i] = total;
      const auto count = static_cast<std::int64_t>(parts_[i].at - first[i]);
      if (count == 0) continue;
      slices.push_back(parts_[i].batch->Slice(static_cast<std::int64_t>(first[i]), count));
      total += count;
    }
    for (const std::size_t number : picks) rows.push_back(next[number]++);
    Batch out = gather_rows(*combined(slices, schema_, options_.name), rows);
    if (used_up < parts_.size()) {
      refill(parts_[used_up]);
      push(used_up);
    }
    return out;
  }

  std::shared_ptr<arrow::Schema> schema_;
  TableSortOptions options_;
  std::optional<Sorted> memory_;
  std::vector<Part> parts_;
  std::vector<std::pair<Nanos, std::size_t>> heap_;
};

}  // namespace

std::optional<UnsortedRow> OrderCheck::see(std::span<const Nanos> times) {
  for (const Nanos time : times) {
    ++rows_;
    if (time == no_time) continue;
    if (time < last_) return UnsortedRow{rows_, last_, time};
    last_ = time;
  }
  return std::nullopt;
}

std::shared_ptr<arrow::RecordBatchReader> sort_by_time(const std::shared_ptr<arrow::RecordBatchReader>& batches,
                                                       const TableSortOptions& options) {
  auto sorted = std::make_shared<SortedRows>(batches->schema(), options);
  std::vector<Batch> in_hand;
  std::uint64_t bytes = 0;
  bool has_parts = false;
  const auto take_all = [&] {
    Batch all = combined(in_hand, batches->schema(), options.name);
    in_hand.clear();
    bytes = 0;
    return all;
  };
  while (true) {
    options.between();
    Batch batch;
    check(batches->ReadNext(&batch), Fault::input, options.name);
    if (batch == nullptr) break;
    bytes += static_cast<std::uint64_t>(take(arrow::util::ReferencedBufferSize(*batch), Fault::input, options.name));
    in_hand.push_back(std::move(batch));
    if (bytes < options.memory_bytes / 3) continue;  // rows are there twice while they are put together
    sorted->put_aside(take_all());
    has_parts = true;
  }
  if (!has_parts) {
    sorted->keep(take_all());
    return sorted;
  }
  if (!in_hand.empty()) sorted->put_aside(take_all());
  sorted->start_merge();
  return sorted;
}

}  // namespace millrace
