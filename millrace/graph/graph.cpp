#include "millrace/graph/graph.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include <sys/mman.h>

#include "millrace/graph/snapshot.h"

namespace millrace {

/// A few instruments have memory of their own size; more of them share pieces of some large pages.
std::byte* StateBlocks::new_slab() {
  constexpr std::size_t few = 4, pages = 8;
  const std::size_t bytes = per_slab * stride();
  const auto align = [](std::size_t size) { return (size + large_page - 1) / large_page * large_page; };
  if (left_ < bytes) {
    const bool are_few = slabs_.size() < few;
    const std::align_val_t alignment{are_few ? 64 : large_page};
    left_ = are_few ? bytes : align(std::max(bytes, pages * large_page));
    memory_.emplace_back(static_cast<std::byte*>(::operator new[](left_, alignment)), Free{alignment});
    end_ = memory_.back().get() + left_;
    if (!are_few) ::madvise(memory_.back().get(), left_, MADV_HUGEPAGE);  // a wish; nothing depends on it
  }
  left_ -= bytes;
  return end_ - left_ - bytes;
}

void StateBlocks::grow(std::size_t instruments) {
  while (slabs_.size() * per_slab < instruments) slabs_.push_back(new_slab());
  for (; count_ < instruments; ++count_) start_state(program_, (*this)[static_cast<InstrumentId>(count_)]);
}

Graph::Graph(std::shared_ptr<const Plan> plan, std::size_t threads)
    : program_(make_program(std::move(plan))), states_(program_), workers_(threads) {
  for (const Step& step : program_.steps) {
    if (step.type == Step::Type::load) read_.add(step.column);
  }
  read_ = read_ | ColumnSet{Column::kind, Column::ts_event};
  if (program_.needs_stamps) read_.add(Column::ts_recv);
  for (std::size_t i = 0; i < workers_.size(); ++i) runners_.push_back(std::make_unique<BlockRunner>(program_));
}

void Graph::run(const Chunk& chunk, FeatureBlock& features) {
  const std::size_t rows = chunk.rows();
  if (!is_laid_out(features, rows)) lay_out(features, rows);
  cluster(chunk, features);
  if (rows == 0) return;
  lay_out_rows(chunk);
  if (workers_.size() == 1) {
    run_share(chunk, features, 0);
  } else {
    const auto share = [&](std::size_t worker) { run_share(chunk, features, worker); };
    workers_.run(std::ref(share));  // by reference: a copy would be allocated for each chunk
  }
}

/// True where `features` is the block of the call before, of the same size: then live ticks skip the work of `lay_out`.
/// A block that was copied, moved or resized has other columns at both ends.
bool Graph::is_laid_out(const FeatureBlock& features, std::size_t rows) const {
  const std::size_t count = plan().features.size();
  if (rows != laid_out_rows_ || outputs_.size() != count || features.columns.size() != count) return false;
  const auto is_same = [&](std::size_t i) {
    const FeatureColumn& column = features.columns[i];
    return column.flags.data() == outputs_[i].flags && column.values.data() == outputs_[i].values &&
           column.integers.data() == outputs_[i].integers &&
           column.flags.size() + column.values.size() + column.integers.size() == rows;
  };
  return is_same(0) && is_same(count - 1);
}

void Graph::lay_out(FeatureBlock& features, std::size_t rows) {
  if (features.columns.size() != plan().features.size()) {
    features.columns.clear();
    for (const PlannedFeature& feature : plan().features) {
      features.columns.push_back({.name = feature.name, .type = feature.type});
    }
  }
  laid_out_rows_ = rows;
  outputs_.clear();
  for (FeatureColumn& column : features.columns) {
    column.values.resize(column.type == ValueType::number ? rows : 0);
    column.flags.resize(column.type == ValueType::flag ? rows : 0);
    column.integers.resize(is_integer(column.type) ? rows : 0);
    outputs_.push_back({column.values.data(), column.flags.data(), column.integers.data()});
  }
  for (const auto& runner : runners_) runner->write_to(outputs_);
}

/// Counting sort on the dense instrument numbers: stable, so an instrument's rows keep their order.
void Graph::cluster(const Chunk& chunk, FeatureBlock& features) {
  const std::size_t rows = chunk.rows();
  features.order.resize(rows);
  present_.clear();
  share_.assign(workers_.size() + 1, 0);
  if (rows == 0) return;
  const InstrumentId greatest = *std::max_element(chunk.instrument.begin(), chunk.instrument.end());
  states_.grow(greatest + 1);
  if (rows == 1) {  // a live tick; the sort would cost more than the row
    if (first_.size() < greatest + 2) first_.resize(greatest + 2);
    first_[greatest] = 0;
    first_[greatest + 1] = 1;
    features.order[0] = 0;
    present_.push_back(greatest);
    std::fill(share_.begin() + 1, share_.end(), 1);
    return;
  }
  first_.assign(greatest + 2, 0);
  for (const InstrumentId id : chunk.instrument) ++first_[id + 1];
  for (InstrumentId id = 0; id <= greatest; ++id) {
    if (first_[id + 1] > 0) present_.push_back(id);
    first_[id + 1] += first_[id];
  }
  for (std::size_t row = 0; row < rows; ++row) {
    features.order[first_[chunk.instrument[row]]++] = static_cast<std::uint32_t>(row);
  }
  for (InstrumentId id = greatest + 1; id > 0; --id) first_[id] = first_[id - 1];
  first_[0] = 0;
  // Shares of about equal rows, cut between instruments; which thread works on which does not show in the results.
  std::size_t next = 0;
  for (std::size_t worker = 1; worker < workers_.size(); ++worker) {
    const std::size_t target = rows * worker / workers_.size();
    while (next < present_.size() && first_[present_[next]] < target) ++next;
    share_[worker] = next;
  }
  share_[workers_.size()] = present_.size();
}

/// Brings the next instrument's state near meanwhile: the clock and the small states into the first cache, rings and
/// histories into the second.
void Graph::prefetch(const std::byte* state) const {
  constexpr std::size_t small = 2048, most = 65'536;
  const std::size_t bytes = std::min(program_.state_bytes, most);
  for (std::size_t line = 0; line < std::min(bytes, small); line += 64) __builtin_prefetch(state + line);
  for (std::size_t line = small; line < bytes; line += 64) __builtin_prefetch(state + line, 0, 2);
}

/// Rows of one instrument lie far apart in a chunk, and each block of them would read a cache line for a value or two
/// of every column. Columns taken one after the other stay in the second cache meanwhile.
void Graph::lay_out_rows(const Chunk& chunk) {
  constexpr std::size_t worth_it = 1024;
  const std::size_t rows = chunk.rows();
  const bool is_worth_it = rows >= worth_it && present_.size() > 1;
  clustered_.columns = {};
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (is_worth_it && read_.has(column) && chunk.columns.has(column)) clustered_.columns.add(column);
  }
  clustered_.resize(is_worth_it ? rows : 0);
  for (std::size_t row = numbers_.size(); is_worth_it && row < rows; ++row) {
    numbers_.push_back(static_cast<std::uint32_t>(row));
  }
}

void Graph::run_share(const Chunk& chunk, const FeatureBlock& features, std::size_t worker) {
  if (clustered_.rows() == 0) return run_rows(chunk, features.order.data(), worker);
  if (share_[worker] == share_[worker + 1]) return;
  const std::size_t first = first_[present_[share_[worker]]], end = first_[present_[share_[worker + 1] - 1] + 1];
  clustered_.take(chunk, std::span(features.order).subspan(first, end - first), first);
  run_rows(clustered_, numbers_.data(), worker);
}

void Graph::run_rows(const Chunk& chunk, const std::uint32_t* rows, std::size_t worker) {
  BlockRunner& runner = *runners_[worker];
  const InstrumentFacts unknown;
  for (std::size_t i = share_[worker]; i < share_[worker + 1]; ++i) {
    const InstrumentId id = present_[i];
    std::byte* state = states_[id];
    if (i + 1 < share_[worker + 1]) prefetch(states_[present_[i + 1]]);
    for (std::size_t row = first_[id]; row < first_[id + 1]; row += block_rows) {
      const std::size_t count = std::min<std::size_t>(block_rows, first_[id + 1] - row);
      runner.run(chunk, rows + row, count, state, row, id < facts_.size() ? &facts_[id] : &unknown);
    }
  }
}

void Graph::snapshot(InstrumentId id, std::string_view key, std::uint64_t next_offset, Bytes& out) const {
  copy_.resize(program_.state_bytes);
  std::memcpy(copy_.data(), states_[id], program_.state_bytes);
  settle_state(program_, copy_.data());
  write_snapshot(program_, key, next_offset, copy_.data(), out);
}

std::uint64_t Graph::restore(InstrumentId id, std::string_view key, std::span<const std::byte> snapshot) {
  states_.grow(id + 1);
  copy_.resize(program_.state_bytes);
  start_state(program_, copy_.data());
  const std::uint64_t next_offset = read_snapshot(program_, key, snapshot, copy_.data());
  std::memcpy(states_[id], copy_.data(), program_.state_bytes);
  return next_offset;
}

void Graph::set_tick_size(InstrumentId id, double tick_size) {
  if (id >= facts_.size()) facts_.resize(id + 1);
  facts_[id].tick_size = tick_size;
}

void Graph::set_expiry(InstrumentId id, Nanos expiry) {
  if (id >= facts_.size()) facts_.resize(id + 1);
  facts_[id].expiry = expiry;
}

void Graph::forget(InstrumentId id) {
  if (id < states_.size()) start_state(program_, states_[id]);
}

}  // namespace millrace
