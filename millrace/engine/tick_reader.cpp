#include "millrace/engine/tick_reader.h"

#include <utility>

#include "millrace/engine/interrupt.h"

namespace millrace {

TickReader::TickReader(const Options& options, const OpenSource& open)
    : options_(options), source_(open(instruments_, ledger_)), door_(ledger_), filter_(options_.symbols, instruments_) {
  door_.select({.instruments = {}, .from = options.from, .to = options.to});
  thread_ = std::thread([this] {
    try {
      read();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      problem_ = std::current_exception();
    }
    ready_.close();
  });
}

TickReader::~TickReader() {
  ready_.close();
  thread_.join();
}

void TickReader::read() {
  for (;;) {
    stop_if_asked();
    Chunk chunk;
    {
      const std::lock_guard lock(mutex_);
      if (!spare_.empty()) {
        chunk = std::move(spare_.back());
        spare_.pop_back();
      }
    }
    chunk.reset(options_.wanted | core_columns | Door::columns);
    chunk.most_rows = options_.most_rows;
    if (!source_->next(chunk)) return;
    filter_.extend(door_.selection().instruments);
    counters_.rows_read += chunk.rows();
    counters_.share = source_->progress();
    door_.admit(chunk);
    if (!ready_.push(std::move(chunk))) return;
  }
}

bool TickReader::next(Chunk& chunk) {
  auto ready = ready_.pop();
  if (!ready) {
    const std::lock_guard lock(mutex_);
    if (problem_) std::rethrow_exception(problem_);
    return false;
  }
  counters_.rows_written += ready->rows();
  std::swap(chunk, *ready);
  const std::lock_guard lock(mutex_);
  if (spare_.size() < most_chunks) spare_.push_back(std::move(*ready));
  return true;
}

}  // namespace millrace
