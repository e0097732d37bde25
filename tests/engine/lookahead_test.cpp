#include "millrace/engine/lookahead.h"

#include <algorithm>
#include <memory>

#include <gtest/gtest.h>

#include "millrace/engine/altered_source.h"
#include "millrace/engine/run_settings.h"
#include "millrace/engine/simulate.h"

namespace millrace {
namespace {

constexpr std::uint64_t market_rows = 200'000;

std::unique_ptr<Source> market(Instruments& instruments, Ledger&) {
  return std::make_unique<SimulatedMarket>(SimulatedMarket::Options{.rows = market_rows, .symbols = 3, .seed = 5},
                                           instruments);
}

/// Says on each hundredth row whether the price `distance` rows on is higher; 0: than on the row itself.
class Peeker : public Strategy {
 public:
  explicit Peeker(std::size_t distance) : distance_(distance) {}

  void prepare(const MarketBatch& batch, std::span<std::uint8_t> attention) override {
    for (std::size_t row = 0; row < batch.chunk.rows(); row += 100) attention[row] = must_see;
  }
  void on_row(const Observation& row, Desk& desk) override {
    const double* price = row.batch->chunk.f64(Column::price);
    const double later = price[std::min(row.row + distance_, row.batch->chunk.rows() - 1)];
    desk.signal(row, "peek", later > price[row.row] ? "up" : "down", later);
  }
  void on_event(const ExchangeEvent&, Desk&) override {}

 private:
  std::size_t distance_;
};

LookaheadResult check(std::size_t distance, std::size_t cuts) {
  RunSettings settings{.inputs = {"simulated"}, .strategy = "mean_reversion", .fees = "shipped"};
  BacktestOptions options = make_options(settings);
  options.maker = [distance](const StrategySpec&, const RuleSet&, const Plan&) {
    return std::make_unique<Peeker>(distance);
  };
  return check_lookahead(options, market, cuts);
}

TEST(CheckLookahead, AStrategyThatReadsLaterRowsIsFound) {
  const LookaheadResult result = check(5000, 3);
  EXPECT_EQ(result.runs, 7U);
  EXPECT_EQ(result.rows, market_rows);
  EXPECT_EQ(result.decisions, 3U * 656U + 34U);  // each batch of 64 Ki rows begins anew
  ASSERT_EQ(result.faults.size(), 6U);
  for (const LookaheadFault& one : result.faults) {
    EXPECT_NE(one.expected, one.found);
    EXPECT_NE(one.expected.find("signal peek of instrument"), std::string::npos) << one.expected;
    // The decision was made before the rows that were altered.
    EXPECT_LT(one.expected.substr(0, 30), format_time(one.cut).substr(0, 30));
  }
}

TEST(CheckLookahead, OneThatReadsItsOwnRowIsNot) {
  const LookaheadResult result = check(0, 3);
  EXPECT_EQ(result.runs, 7U);
  EXPECT_TRUE(result.faults.empty());
}

std::vector<Chunk> rows_of(Source& source) {
  std::vector<Chunk> chunks;
  for (;;) {
    Chunk chunk;
    chunk.reset(ColumnSet::all());
    if (!source.next(chunk)) return chunks;
    chunks.push_back(std::move(chunk));
  }
}

class AlteredSources : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  std::vector<Chunk> altered(AlteredSource::Future future) {
    Instruments instruments;
    AlteredSource source(market(instruments, ledger_), GetParam(), future);
    return rows_of(source);
  }
  std::vector<Chunk> whole() {
    Instruments instruments;
    return rows_of(*market(instruments, ledger_));
  }

 private:
  Ledger ledger_;
};

TEST_P(AlteredSources, LeftOutIsTheBeginning) {
  const auto all = whole(), left = altered(AlteredSource::Future::left_out);
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    ASSERT_LE(left[i].rows(), all[i].rows());
    EXPECT_TRUE(std::equal(left[i].ts_event.begin(), left[i].ts_event.end(), all[i].ts_event.begin()));
    rows += left[i].rows();
  }
  EXPECT_EQ(rows, std::min(GetParam(), market_rows));
}

TEST_P(AlteredSources, ShuffledIsTheSameUpToThePlaceAndTheSameValuesBehindIt) {
  const auto all = whole(), shuffled = altered(AlteredSource::Future::shuffled);
  ASSERT_EQ(all.size(), shuffled.size());
  std::uint64_t row = 0, moved = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_TRUE(std::equal(all[i].ts_event.begin(), all[i].ts_event.end(), shuffled[i].ts_event.begin()));
    EXPECT_TRUE(std::equal(all[i].kind.begin(), all[i].kind.end(), shuffled[i].kind.begin()));
    const double *a = all[i].f64(Column::bid), *b = shuffled[i].f64(Column::bid);
    for (std::size_t k = 0; k < all[i].rows(); ++k, ++row) {
      const bool is_equal = a[k] == b[k] || (a[k] != a[k] && b[k] != b[k]);
      EXPECT_TRUE(is_equal || row >= GetParam()) << row;
      moved += is_equal ? 0 : 1;
    }
    std::vector<double> left, right;
    std::copy_if(a, a + all[i].rows(), std::back_inserter(left), has_value);
    std::copy_if(b, b + all[i].rows(), std::back_inserter(right), has_value);
    std::sort(left.begin(), left.end());
    std::sort(right.begin(), right.end());
    EXPECT_EQ(left, right);
  }
  EXPECT_EQ(moved > 1000, GetParam() < market_rows) << moved;
}

INSTANTIATE_TEST_SUITE_P(Places, AlteredSources, ::testing::Values(0, 1, 65'535, 65'536, 70'001, market_rows));

}  // namespace
}  // namespace millrace
