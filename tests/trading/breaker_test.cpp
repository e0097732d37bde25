#include <gtest/gtest.h>

#include "millrace/engine/feature_stream.h"
#include "millrace/trading/guards.h"
#include "tests/graph/random_rows.h"

namespace millrace::testing {
namespace {

/// A row a second at 100, but at 107 in second 400.
Chunk rows_with_jump(std::size_t count) {
  Chunk rows;
  rows.reset(ColumnSet::all());
  rows.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    rows.clear_row(i);
    rows.instrument[i] = 0;
    rows.kind[i] = static_cast<std::uint8_t>(Kind::ticker);
    rows.ts_event[i] = rows.ts_recv[i] = 1'700'006'400 * one_second + static_cast<Nanos>(i) * one_second;
    rows.f64(Column::price)[i] = i == 400 ? 107.0 : 100.0;
    rows.f64(Column::bid)[i] = rows.f64(Column::price)[i] - 0.01;
    rows.f64(Column::ask)[i] = rows.f64(Column::price)[i] + 0.01;
  }
  return rows;
}

std::unique_ptr<FeatureStream> started() {
  FeatureSet set;
  set.features = guard_definitions({});
  auto stream = std::make_unique<FeatureStream>(set);
  stream->instruments().intern("v", "A-USD");
  return stream;
}

void feed(FeatureStream& stream, const Chunk& all, std::size_t first, std::size_t last, std::size_t step,
          std::vector<double>& breaker) {
  FeatureBlock features;
  for (std::size_t row = first; row < last; row += step) {
    Chunk part = rows_of(all, row, std::min(step, last - row));
    stream.run(part, features);
    for (std::size_t i = 0; i < features.order.size(); ++i) {
      breaker[row + features.order[i]] = features.columns[static_cast<std::size_t>(GuardColumn::breaker)].number(i);
    }
  }
}

void expect_halt(const std::vector<double>& breaker) {
  EXPECT_TRUE(std::isnan(breaker[100])) << "there is no reference before five minutes";
  for (std::size_t i = 301; i < breaker.size(); ++i) {
    ASSERT_EQ(breaker[i], i >= 400 && i < 700 ? 1.0 : 0.0) << i;
  }
}

TEST(CircuitBreakerGuard, StaysClosedForItsCooldownAcrossChunks) {
  const Chunk rows = rows_with_jump(800);
  for (const std::size_t step : {1UL, 7UL, 100UL, 800UL}) {
    std::vector<double> breaker(rows.rows(), no_value);
    feed(*started(), rows, 0, rows.rows(), step, breaker);
    expect_halt(breaker);
  }
}

TEST(CircuitBreakerGuard, StaysClosedAcrossARestart) {
  const Chunk rows = rows_with_jump(800);
  for (const std::size_t at : {401UL, 555UL, 699UL}) {
    std::vector<double> breaker(rows.rows(), no_value);
    const auto first = started();
    feed(*first, rows, 0, at, 100, breaker);
    const auto second = FeatureStream::restore(first->snapshot());
    feed(*second, rows, at, rows.rows(), 3, breaker);
    expect_halt(breaker);
  }
}

}  // namespace
}  // namespace millrace::testing
