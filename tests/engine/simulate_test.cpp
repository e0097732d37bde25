#include "millrace/engine/simulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <set>
#include <span>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"
#include "millrace/chunk/door.h"

namespace millrace {
namespace {

using Kinds = SimulatedMarket::Kinds;
using Options = SimulatedMarket::Options;

/// All rows of a simulated market in one chunk.
Chunk rows_of(const Options& options, ColumnSet columns = ColumnSet::all()) {
  Instruments instruments;
  SimulatedMarket market(options, instruments);
  Chunk all, chunk;
  all.reset(columns);
  chunk.reset(columns);
  while (market.next(chunk)) all.append(chunk, 0, chunk.rows());
  return all;
}

/// Of every byte of every column.
std::uint32_t hash_of(const Chunk& chunk) {
  std::uint32_t hash = crc32c(std::as_bytes(std::span(chunk.instrument)));
  hash = crc32c(std::as_bytes(std::span(chunk.place)), hash);
  for_each_column(chunk,
                  [&](Column, const auto& values, auto) { hash = crc32c(std::as_bytes(std::span(values)), hash); });
  return hash;
}

std::array<std::size_t, kind_count> count_kinds(const Chunk& chunk) {
  std::array<std::size_t, kind_count> counts{};
  for (const std::uint8_t kind : chunk.kind) ++counts[kind];
  return counts;
}

TEST(SimulatedMarket, GivesTheSameBytesInEveryBuild) {
  EXPECT_EQ(hash_of(rows_of({.rows = 100'000, .seed = 42})), 925'094'146U);
  EXPECT_EQ(hash_of(rows_of({.rows = 100'000, .symbols = 1000, .seed = 7, .kinds = Kinds::ticker})), 2'442'638'009U);
}

TEST(SimulatedMarket, AnotherSeedIsAnotherMarket) {
  EXPECT_NE(hash_of(rows_of({.rows = 1000, .seed = 1})), hash_of(rows_of({.rows = 1000, .seed = 2})));
}

TEST(SimulatedMarket, FewerRowsAreTheBeginningOfMore) {
  const Chunk more = rows_of({.rows = 150'000, .symbols = 50});
  for (const std::size_t rows : {0U, 1U, 65'535U, 65'536U, 65'537U, 100'000U}) {
    Chunk beginning;
    beginning.reset(ColumnSet::all());
    beginning.append(more, 0, rows);
    EXPECT_EQ(hash_of(rows_of({.rows = rows, .symbols = 50})), hash_of(beginning)) << rows;
  }
}

TEST(SimulatedMarket, ColumnsLeftOutDoNotChangeTheOthers) {
  const Chunk all = rows_of({.rows = 10'000});
  const Chunk few = rows_of({.rows = 10'000}, {Column::bid});
  EXPECT_TRUE(few.doubles[static_cast<std::size_t>(Column::ask)].empty());
  EXPECT_EQ(std::memcmp(few.f64(Column::bid), all.f64(Column::bid), 10'000 * sizeof(double)), 0);
  EXPECT_TRUE(std::equal(few.ts_recv.begin(), few.ts_recv.end(), all.ts_recv.begin()));
}

TEST(SimulatedMarket, PassesTheDoorUnchanged) {
  for (const Kinds kinds : {Kinds::mixed, Kinds::ticker}) {
    Chunk chunk = rows_of({.rows = 300'000, .kinds = kinds});
    Chunk read = chunk;
    Ledger ledger;
    Door door(ledger);
    door.admit(chunk);
    EXPECT_EQ(ledger.total(Consequence::rejected), 0U) << ledger.to_json();
    EXPECT_EQ(ledger.total(Consequence::repaired), 0U) << ledger.to_json();
    for (const Reason reason : {Reason::crossed, Reason::locked, Reason::one_sided, Reason::duplicate}) {
      EXPECT_EQ(ledger[reason].count, 0U) << ledger.to_json();
    }
    EXPECT_GT(ledger[Reason::late].count, 50U);
    EXPECT_LT(ledger[Reason::late].count, 300U);
    for (std::size_t i = 0; i < read.rows(); ++i) read.flags[i] |= chunk.flags[i] & flag_late;
    EXPECT_EQ(hash_of(chunk), hash_of(read));
  }
}

TEST(SimulatedMarket, IsSoundInEveryRow) {
  const Chunk chunk = rows_of({.rows = 400'000, .symbols = 30});
  const auto at = [&](Column column, std::size_t row) { return chunk.f64(column)[row]; };
  std::map<InstrumentId, std::uint64_t> seq, trade_id;
  std::size_t bad = 0;
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    const bool is_trade = chunk.kind[i] == static_cast<std::uint8_t>(Kind::trade);
    const double bid = at(Column::bid, i), ask = at(Column::ask, i), price = at(Column::price, i);
    bad += !(0.0 < bid && bid < ask && price > 0.0 && at(Column::bid_size, i) > 0.0 && at(Column::ask_size, i) > 0.0);
    bad += is_trade && !(bid <= price && price <= ask);
    bad += is_trade != !std::isnan(at(Column::size, i)) || is_trade != (chunk.side[i] != 0) ||
           is_trade != (chunk.trade_id[i] != no_u64);
    bad += !(at(Column::low_24h, i) <= price && price <= at(Column::high_24h, i));
    bad += !(at(Column::low_24h, i) <= at(Column::open_24h, i) && at(Column::open_24h, i) <= at(Column::high_24h, i));
    bad += !(at(Column::low_24h, i) <= at(Column::vwap_24h, i) && at(Column::vwap_24h, i) <= at(Column::high_24h, i));
    bad += !(std::abs(at(Column::pct_chg_24h, i) - 100.0 * (price / at(Column::open_24h, i) - 1.0)) < 1e-9);
    bad += !(at(Column::vol_24h, i) > 0.0 && at(Column::quote_vol_24h, i) > 0.0 && chunk.n_trades_24h[i] > 0);
    bad += chunk.seq[i] <= seq[chunk.instrument[i]];
    seq[chunk.instrument[i]] = chunk.seq[i];
    if (is_trade) {
      bad += trade_id[chunk.instrument[i]] != 0 && chunk.trade_id[i] != trade_id[chunk.instrument[i]] + 1;
      trade_id[chunk.instrument[i]] = chunk.trade_id[i];
    }
    bad += i > 0 && chunk.ts_recv[i] < chunk.ts_recv[i - 1];
    const Nanos latency = chunk.ts_recv[i] - chunk.ts_event[i];
    bad += latency < 1'000'000 || latency > 70'100'000;
    if (bad > 0) FAIL() << "row " << i;
  }
}

TEST(SimulatedMarket, RowsThatAreNotLateTakeOneToFortyMilliseconds) {
  const Chunk chunk = rows_of({.rows = 200'000});
  std::size_t longer = 0;
  Nanos greatest = 0;
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    const bool is_late = chunk.ts_event[i] < greatest;
    greatest = std::max(greatest, chunk.ts_event[i]);
    longer += !is_late && chunk.ts_recv[i] - chunk.ts_event[i] > 40'000'000;
  }
  EXPECT_EQ(longer, 0U);
}

TEST(SimulatedMarket, MixesKindsInTheirShares) {
  const auto counts = count_kinds(rows_of({.rows = 500'000}));
  EXPECT_NEAR(static_cast<double>(counts[0]), 350'000.0, 2'000.0);
  EXPECT_NEAR(static_cast<double>(counts[1]), 140'000.0, 2'000.0);
  EXPECT_NEAR(static_cast<double>(counts[2]), 10'000.0, 500.0);
  EXPECT_GT(counts[5], 0U);
  EXPECT_LT(counts[5], 20U);
}

TEST(SimulatedMarket, OfTickersHasNothingElse) {
  const auto counts = count_kinds(rows_of({.rows = 200'000, .kinds = Kinds::ticker}));
  EXPECT_EQ(counts[2], 200'000U);
}

TEST(SimulatedMarket, ActivityFallsAsOneOverRank) {
  const Chunk chunk = rows_of({.rows = 1'000'000});
  std::array<double, 14> counts{};
  for (const InstrumentId id : chunk.instrument) counts[id] += 1.0;
  double sum = 0.0;
  for (int rank = 1; rank <= 14; ++rank) sum += 1.0 / rank;
  for (std::size_t id = 0; id < 14; ++id) {
    const double expected = 1e6 / static_cast<double>(id + 1) / sum;
    EXPECT_NEAR(counts[id], expected, 0.03 * expected) << id;  // gaps take some
  }
}

TEST(SimulatedMarket, FourteenSymbolsGiveAbout2000RowsPerSecond) {
  const Chunk chunk = rows_of({.rows = 4'000'000}, {});
  const double seconds = static_cast<double>(chunk.ts_recv.back() - chunk.ts_recv.front()) * 1e-9;
  EXPECT_NEAR(4e6 / seconds, 2'000.0, 400.0);
}

TEST(SimulatedMarket, AfterAGapAnInstrumentIsSilentAndItsSequenceJumps) {
  const Chunk chunk = rows_of({.rows = 2'000'000});
  std::map<InstrumentId, std::size_t> gaps;
  std::size_t seen = 0;
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    if (const auto gap = gaps.find(chunk.instrument[i]); gap != gaps.end()) {
      EXPECT_GE(chunk.ts_event[i] - chunk.ts_event[gap->second], one_second - 30'000'000);
      EXPECT_GT(chunk.seq[i], chunk.seq[gap->second] + 1);
      EXPECT_NE(chunk.flags[i] & flag_gap_before, 0U);
      gaps.erase(gap);
      ++seen;
    }
    if (chunk.kind[i] == static_cast<std::uint8_t>(Kind::gap)) gaps[chunk.instrument[i]] = i;
  }
  EXPECT_GT(seen, 3U);
}

TEST(SimulatedMarket, TakersLeanTowardsTheMove) {
  const Chunk chunk = rows_of({.rows = 300'000, .symbols = 1});
  double agree = 0.0, disagree = 0.0, last_mid = 0.0, move = 0.0;
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    const double mid = 0.5 * (chunk.f64(Column::bid)[i] + chunk.f64(Column::ask)[i]);
    if (mid != last_mid) move = mid - last_mid;
    last_mid = mid;
    if (chunk.side[i] != 0) (move * chunk.side[i] > 0.0 ? agree : disagree) += 1.0;
  }
  EXPECT_GT(agree, 1.1 * disagree);
}

TEST(SimulatedMarket, VolatilityMovesAndThePriceStaysNearHome) {
  const Chunk chunk = rows_of({.rows = 3'000'000, .symbols = 1}, {});
  std::array<double, 60> variance{};
  const std::size_t part = chunk.rows() / variance.size();
  const double* price = chunk.f64(Column::price);
  for (std::size_t i = 1; i < part * variance.size(); ++i) {
    const double move = std::log(price[i] / price[i - 1]);
    variance[i / part] += move * move;
  }
  const auto [least, most] = std::minmax_element(variance.begin(), variance.end());
  EXPECT_GT(*most, 3.0 * *least);
  const auto [low, high] = std::minmax_element(price, price + chunk.rows());
  EXPECT_GT(*low, 40'000.0);
  EXPECT_LT(*high, 90'000.0);
}

TEST(SimulatedMarket, PrintsPricesInTicks) {
  const Chunk chunk = rows_of({.rows = 100'000});
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    if (chunk.instrument[i] != 0) continue;
    const double cents = chunk.f64(Column::bid)[i] * 100.0;
    ASSERT_NEAR(cents, std::round(cents), 1e-6);
  }
}

TEST(SimulatedMarket, NamesItsSymbols) {
  Instruments instruments;
  SimulatedMarket market({.symbols = 100'000}, instruments);
  EXPECT_EQ(instruments.size(), 100'000U);
  EXPECT_EQ(instruments[0].symbol, "BTC-USD");
  EXPECT_EQ(instruments[13].symbol, "POL-USD");
  EXPECT_EQ(instruments[14].symbol, "SYM0015-USD");
  EXPECT_EQ(instruments[99'999].symbol, "SYM100000-USD");
  EXPECT_EQ(instruments[99'999].venue, "simulated");
}

TEST(SimulatedMarket, RefusesNoneAndTooManySymbols) {
  Instruments instruments;
  EXPECT_THROW(SimulatedMarket({.symbols = 0}, instruments), Error);
  EXPECT_THROW(SimulatedMarket({.symbols = 100'001}, instruments), Error);
}

TEST(SimulatedMarket, TellsItsProgress) {
  Instruments instruments;
  SimulatedMarket market({.rows = 100'000}, instruments);
  Chunk chunk;
  chunk.reset({});
  EXPECT_EQ(market.progress(), 0.0);
  EXPECT_TRUE(market.next(chunk));
  EXPECT_EQ(chunk.rows(), default_chunk_rows);
  EXPECT_NEAR(market.progress(), 0.65536, 1e-12);
  EXPECT_TRUE(market.next(chunk));
  EXPECT_FALSE(market.next(chunk));
  EXPECT_EQ(chunk.rows(), 0U);
  EXPECT_EQ(market.progress(), 1.0);
  EXPECT_EQ(market.files().front().rows, 100'000U);
}

}  // namespace
}  // namespace millrace
