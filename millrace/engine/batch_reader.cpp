#include "millrace/engine/batch_reader.h"

#include <utility>

#include "millrace/engine/interrupt.h"

namespace millrace {

BatchReader::BatchReader(TickReader& rows, Complete complete) : rows_(rows), complete_(std::move(complete)) {
  thread_ = std::thread([this] {
    try {
      read();
    } catch (...) {
      problem_ = std::current_exception();
    }
    ready_.close();
  });
}

BatchReader::~BatchReader() {
  ready_.close();
  thread_.join();
}

std::shared_ptr<MarketBatch> BatchReader::empty_batch() {
  std::unique_ptr<MarketBatch> batch;
  {
    const std::lock_guard lock(spares_->mutex);
    if (!spares_->batches.empty()) {
      batch = std::move(spares_->batches.back());
      spares_->batches.pop_back();
    }
  }
  if (batch == nullptr) batch = std::make_unique<MarketBatch>();
  return {batch.release(), [spares = spares_](MarketBatch* used) {
            std::unique_ptr<MarketBatch> back(used);
            const std::lock_guard lock(spares->mutex);
            if (spares->batches.size() < most_ahead) spares->batches.push_back(std::move(back));
          }};
}

void BatchReader::read() {
  for (;;) {
    stop_if_asked();
    auto batch = empty_batch();
    if (!rows_.next(batch->chunk)) return;
    if (batch->chunk.rows() == 0) continue;
    complete_(*batch);
    if (!ready_.push(std::move(batch))) return;
  }
}

std::shared_ptr<const MarketBatch> BatchReader::next() {
  auto ready = ready_.pop();
  if (ready) return std::move(*ready);
  if (problem_) std::rethrow_exception(problem_);
  return nullptr;
}

}  // namespace millrace
