#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "millrace/engine/channel.h"
#include "millrace/engine/tick_reader.h"
#include "millrace/trading/market_batch.h"

namespace millrace {

/// Rows with their features, computed on a thread of its own a few batches ahead of who plays them.
class BatchReader {
 public:
  /// What makes of a batch's chunk the rest of it. Called on the thread, for one batch after the other.
  using Complete = std::function<void(MarketBatch&)>;
  static constexpr std::size_t most_ahead = 2;

  /// `rows` lives longer and is read by nobody else.
  BatchReader(TickReader& rows, Complete complete);
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// The next rows; null at the end. A batch's memory is used again once nobody holds it. Throws what reading or
  /// completing threw.
  std::shared_ptr<const MarketBatch> next();

 private:
  struct Spares {
    std::mutex mutex;
    std::vector<std::unique_ptr<MarketBatch>> batches;
  };
  void read();
  std::shared_ptr<MarketBatch> empty_batch();

  TickReader& rows_;
  Complete complete_;
  std::shared_ptr<Spares> spares_ = std::make_shared<Spares>();  // of batches that may outlive the reader
  Channel<std::shared_ptr<const MarketBatch>> ready_{most_ahead};
  std::exception_ptr problem_;  // told before `ready_` is closed
  std::thread thread_;
};

}  // namespace millrace
