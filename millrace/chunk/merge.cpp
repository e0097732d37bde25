#include "millrace/chunk/merge.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <tuple>
#include <utility>

namespace millrace {

namespace {

/// Where a source stands in the merged order.
struct Turn {
  Nanos time = no_time;
  std::uint64_t file = 0;  // its number in the ledger
  std::size_t index = 0;   // in the list of sources
  auto rank() const { return std::tie(time, file, index); }
};

/// One source, its chunk in hand and the running maximum of its times.
class Strand {
 public:
  Strand(std::unique_ptr<Source> source, std::size_t index) : source_(std::move(source)), index_(index) {}

  /// Has a row in hand, or the source is at its end.
  bool refill(ColumnSet columns) {
    if (at_ < chunk_.rows()) return true;
    at_ = 0;
    chunk_.reset(columns);
    if (is_ended_ || !source_->next(chunk_)) {
      is_ended_ = true;
      chunk_ = Chunk();  // an ended source holds no memory
      return false;
    }
    latest_.resize(chunk_.rows());
    for (std::size_t i = 0; i < chunk_.rows(); ++i) latest_[i] = reached_ = std::max(reached_, chunk_.ts_event[i]);
    return true;
  }

  Turn turn() const { return {latest_[at_], chunk_.place[at_].source, index_}; }

  /// Rows in hand that come before `other`.
  std::size_t rows_before(const Turn& other) const {
    const Turn own = turn();
    const bool wins_ties = std::tie(own.file, own.index) < std::tie(other.file, other.index);
    const auto first = latest_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto last = wins_ties ? std::upper_bound(first, latest_.end(), other.time)
                                : std::lower_bound(first, latest_.end(), other.time);
    return static_cast<std::size_t>(last - first);
  }

  std::size_t rows_in_hand() const { return chunk_.rows() - at_; }

  void give(std::size_t count, Chunk& to) {
    if (at_ == 0 && to.rows() == 0 && count == chunk_.rows()) {
      std::swap(to, chunk_);
      chunk_.resize(0);
      return;
    }
    to.append(chunk_, at_, count);
    at_ += count;
  }

  const Source& source() const { return *source_; }

 private:
  std::unique_ptr<Source> source_;
  std::size_t index_;
  Chunk chunk_;
  std::size_t at_ = 0;
  std::vector<Nanos> latest_;  // by row of the chunk
  Nanos reached_ = no_time;
  bool is_ended_ = false;
};

std::vector<SourceFile> files_of(std::vector<SourceFile> all, const Source& source) {
  auto files = source.files();
  std::move(files.begin(), files.end(), std::back_inserter(all));
  return all;
}

class MergedSource final : public Source {
 public:
  explicit MergedSource(std::vector<std::unique_ptr<Source>> sources) {
    for (auto& source : sources) strands_.emplace_back(std::move(source), strands_.size());
  }

  bool next(Chunk& chunk) override;

  ColumnSet columns() const override {
    ColumnSet all;
    for (const Strand& strand : strands_) all = all | strand.source().columns();
    return all;
  }

  std::vector<SourceFile> files() const override {
    std::vector<SourceFile> all;
    for (const Strand& strand : strands_) all = files_of(std::move(all), strand.source());
    return all;
  }

  double progress() const override;

 private:
  static bool is_later(const Turn& a, const Turn& b) { return a.rank() > b.rank(); }
  void enter(std::size_t index, ColumnSet columns) {
    if (!strands_[index].refill(columns)) return;
    turns_.push_back(strands_[index].turn());
    std::push_heap(turns_.begin(), turns_.end(), is_later);
  }

  std::vector<Strand> strands_;
  std::vector<Turn> turns_;  // heap; the first is next
  bool is_started_ = false;
};

bool MergedSource::next(Chunk& chunk) {
  const ColumnSet columns = chunk.columns;
  chunk.reset(columns);
  for (std::size_t i = 0; !is_started_ && i < strands_.size(); ++i) enter(i, columns);
  is_started_ = true;
  while (chunk.rows() < default_chunk_rows && !turns_.empty()) {
    std::pop_heap(turns_.begin(), turns_.end(), is_later);
    const std::size_t index = turns_.back().index;
    turns_.pop_back();
    Strand& strand = strands_[index];
    const std::size_t ahead = turns_.empty() ? strand.rows_in_hand() : strand.rows_before(turns_.front());
    assert(ahead > 0);
    strand.give(std::min(ahead, default_chunk_rows - chunk.rows()), chunk);
    enter(index, columns);
  }
  return chunk.rows() > 0;
}

/// Each source counts by its bytes.
double MergedSource::progress() const {
  double done = 0.0, all = 0.0;
  for (const Strand& strand : strands_) {
    double bytes = 1.0;
    for (const SourceFile& file : strand.source().files()) bytes += static_cast<double>(file.bytes);
    all += bytes;
    done += bytes * strand.source().progress();
  }
  return all == 0.0 ? 1.0 : done / all;
}

class ChainedSource final : public Source {
 public:
  explicit ChainedSource(std::vector<LateSource> sources) : late_(std::move(sources)) {
    for (const LateSource& source : late_) bytes_ += static_cast<double>(source.file.bytes);
  }

  bool next(Chunk& chunk) override {
    for (; at_ < late_.size(); ++at_) {
      if (source_ == nullptr) source_ = late_[at_].open();
      if (source_->next(chunk)) return true;
      learn(late_[at_].file);
      bytes_done_ += static_cast<double>(late_[at_].file.bytes);
      source_.reset();
    }
    chunk.reset(chunk.columns);
    return false;
  }

  ColumnSet columns() const override {
    ColumnSet all;
    for (const LateSource& source : late_) all = all | source.columns;
    return all;
  }

  std::vector<SourceFile> files() const override {
    std::vector<SourceFile> all;
    for (const LateSource& source : late_) all.push_back(source.file);
    if (source_ != nullptr) learn(all[at_]);
    return all;
  }

  double progress() const override {
    if (at_ == late_.size()) return 1.0;
    const double open = source_ == nullptr ? 0.0 : source_->progress() * static_cast<double>(late_[at_].file.bytes);
    return bytes_ == 0.0 ? 0.0 : std::min(1.0, (bytes_done_ + open) / bytes_);
  }

 private:
  /// Rows and renamed symbols are known once rows were read.
  void learn(SourceFile& file) const {
    SourceFile told = source_->files().front();
    file.rows = told.rows;
    file.renamed = std::move(told.renamed);
  }

  std::vector<LateSource> late_;
  std::size_t at_ = 0;
  std::unique_ptr<Source> source_;  // late_[at_], once opened
  double bytes_ = 0.0, bytes_done_ = 0.0;
};

}  // namespace

std::unique_ptr<Source> merge_sources(std::vector<std::unique_ptr<Source>> sources) {
  if (sources.size() == 1) return std::move(sources.front());
  return std::make_unique<MergedSource>(std::move(sources));
}

std::unique_ptr<Source> chain_sources(std::vector<LateSource> sources) {
  return std::make_unique<ChainedSource>(std::move(sources));
}

}  // namespace millrace
