#include "millrace/engine/batch_reader.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/engine/simulate.h"

namespace millrace::testing {
namespace {

constexpr std::uint64_t rows_in_all = 40'000;

std::unique_ptr<Source> open_market(Instruments& instruments, Ledger&) {
  return std::make_unique<SimulatedMarket>(SimulatedMarket::Options{.rows = rows_in_all, .symbols = 2}, instruments);
}

TickReader::Options parts_of(std::size_t rows) { return {.wanted = market_row_columns, .most_rows = rows}; }

TEST(BatchReaderThreads, GivesCompletedBatchesInOrderAndLeavesThoseThatAreHeld) {
  TickReader rows(parts_of(1'000), open_market);
  std::uint32_t number = 0;
  BatchReader batches(rows, [&](MarketBatch& batch) { batch.at.assign(1, number++); });
  std::vector<std::shared_ptr<const MarketBatch>> held;
  std::uint32_t expected = 0;
  std::size_t all = 0;
  Nanos first = no_time;
  while (auto batch = batches.next()) {
    EXPECT_LE(batch->chunk.rows(), 1'000U);
    EXPECT_EQ(batch->at.front(), expected++);
    all += batch->chunk.rows();
    if (held.empty()) first = batch->chunk.ts_event.front();
    if (held.size() < 5) held.push_back(std::move(batch));
  }
  EXPECT_GT(all, rows_in_all / 2);
  for (std::uint32_t i = 0; i < held.size(); ++i) EXPECT_EQ(held[i]->at.front(), i);
  EXPECT_EQ(held.front()->chunk.ts_event.front(), first);
}

TEST(BatchReaderThreads, TellsWhatCompletingThrew) {
  TickReader rows(parts_of(1'000), open_market);
  int count = 0;
  BatchReader batches(rows, [&](MarketBatch&) {
    if (++count == 3) fail(Fault::input, "the third batch");
  });
  EXPECT_NE(batches.next(), nullptr);
  EXPECT_NE(batches.next(), nullptr);
  EXPECT_THROW(batches.next(), Error);
}

TEST(BatchReaderThreads, EndsWhileBatchesWaitAndBatchesOutliveIt) {
  TickReader rows(parts_of(1'000), open_market);
  std::shared_ptr<const MarketBatch> held;
  {
    BatchReader batches(rows, [](MarketBatch&) {});
    held = batches.next();
  }
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(held->chunk.rows(), 1'000U);
}

}  // namespace
}  // namespace millrace::testing
