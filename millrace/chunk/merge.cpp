#include "millrace/chunk/merge.h"

#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include "millrace/base/error.h"

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
  Strand(LateSource late, std::size_t index) : late_(std::move(late)), index_(index) {}

  bool is_open() const { return source_ != nullptr; }
  void open() { source_ = late_.open(); }

  /// Has a row in hand, or closes the source at its end.
  bool refill(ColumnSet columns, std::size_t most_rows) {
    if (at_ < chunk_.rows()) return true;
    at_ = 0;
    chunk_.reset(columns);
    chunk_.most_rows = most_rows;
    if (!source_->next(chunk_)) {
      late_.file = file();
      is_ended_ = true;
      source_.reset();
      chunk_ = Chunk();
      return false;
    }
    latest_.resize(chunk_.rows());
    for (std::size_t i = 0; i < chunk_.rows(); ++i) latest_[i] = reached_ = std::max(reached_, chunk_.ts_event[i]);
    return true;
  }

  Turn turn() const {
    if (!is_open()) return {late_.starts_at, late_.number, index_};
    return {latest_[at_], chunk_.place[at_].source, index_};
  }

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

  ColumnSet columns() const { return late_.columns; }

  /// Rows and renamed symbols are known once rows were read.
  SourceFile file() const {
    SourceFile file = late_.file;
    if (source_ == nullptr) return file;
    SourceFile told = source_->files().front();
    file.rows = told.rows;
    file.renamed = std::move(told.renamed);
    return file;
  }

  double bytes() const { return static_cast<double>(late_.file.bytes) + 1.0; }
  double progress() const { return is_ended_ ? 1.0 : is_open() ? source_->progress() : 0.0; }

 private:
  LateSource late_;
  std::size_t index_;
  std::unique_ptr<Source> source_;
  Chunk chunk_;
  std::size_t at_ = 0;
  std::vector<Nanos> latest_;  // by row of the chunk
  Nanos reached_ = no_time;
  bool is_ended_ = false;
};

class MergedSource final : public Source {
 public:
  MergedSource(std::vector<LateSource> sources, std::size_t open_limit) : open_limit_(open_limit) {
    for (auto& source : sources) {
      strands_.emplace_back(std::move(source), strands_.size());
      enter(strands_.back());
    }
  }

  bool next(Chunk& chunk) override;

  ColumnSet columns() const override {
    ColumnSet all;
    for (const Strand& strand : strands_) all = all | strand.columns();
    return all;
  }

  std::vector<SourceFile> files() const override {
    std::vector<SourceFile> all;
    for (const Strand& strand : strands_) all.push_back(strand.file());
    return all;
  }

  /// Each source counts by its bytes.
  double progress() const override {
    double done = 0.0, all = 0.0;
    for (const Strand& strand : strands_) {
      all += strand.bytes();
      done += strand.bytes() * strand.progress();
    }
    return all == 0.0 ? 1.0 : done / all;
  }

 private:
  static bool is_later(const Turn& a, const Turn& b) { return a.rank() > b.rank(); }
  void enter(const Strand& strand) {
    turns_.push_back(strand.turn());
    std::push_heap(turns_.begin(), turns_.end(), is_later);
  }
  Strand& take_next() {
    std::pop_heap(turns_.begin(), turns_.end(), is_later);
    Strand& strand = strands_[turns_.back().index];
    turns_.pop_back();
    return strand;
  }
  void open(Strand& strand);

  std::vector<Strand> strands_;
  std::vector<Turn> turns_;  // heap; the first is next
  std::size_t open_ = 0, open_limit_;
};

void MergedSource::open(Strand& strand) {
  if (open_ == open_limit_) {
    fail(Fault::input, "{}: starts while {} files before it have not ended; at most {} are read at the same time",
         strand.file().path, open_, open_limit_);
  }
  strand.open();
  ++open_;
}

bool MergedSource::next(Chunk& chunk) {
  const ColumnSet columns = chunk.columns;
  chunk.reset(columns);
  while (chunk.rows() < chunk.most_rows && !turns_.empty()) {
    Strand& strand = take_next();
    if (!strand.is_open()) {
      open(strand);
    } else {
      const std::size_t ahead = turns_.empty() ? strand.rows_in_hand() : strand.rows_before(turns_.front());
      assert(ahead > 0);
      strand.give(std::min(ahead, chunk.most_rows - chunk.rows()), chunk);
    }
    if (strand.refill(columns, chunk.most_rows)) {
      enter(strand);
    } else {
      --open_;
    }
  }
  return chunk.rows() > 0;
}

}  // namespace

std::unique_ptr<Source> merge_sources(std::vector<LateSource> sources, std::size_t open_limit) {
  return std::make_unique<MergedSource>(std::move(sources), open_limit);
}

}  // namespace millrace
