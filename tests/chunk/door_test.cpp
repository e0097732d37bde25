#include "millrace/chunk/door.h"

#include <cmath>
#include <cstring>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/checksum.h"

namespace millrace {
namespace {

constexpr double nan = no_value;
constexpr double inf = std::numeric_limits<double>::infinity();

/// What a source says about one row; the rest is "no value".
struct Row {
  Nanos ts = 1000;
  Kind kind = Kind::quote;
  double price = nan, size = nan, bid = nan, bid_size = nan, ask = nan, ask_size = nan, vol_24h = nan;
  std::int8_t side = 0;
  std::uint64_t seq = no_u64, trade_id = no_u64;
  std::int64_t n_trades_24h = no_i64;
  Nanos next_funding_ns = no_time;
  std::uint32_t flags = 0;
  InstrumentId instrument = 0;
};

Chunk chunk_of(const std::vector<Row>& rows, std::uint64_t first_place = 1) {
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  chunk.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    chunk.clear_row(i);
    chunk.instrument[i] = row.instrument;
    chunk.place[i] = {};
    chunk.place[i].row = (first_place + i) & 0xffff'ffffU;
    chunk.ts_event[i] = row.ts;
    chunk.kind[i] = static_cast<std::uint8_t>(row.kind);
    chunk.f64(Column::price)[i] = row.price;
    chunk.f64(Column::size)[i] = row.size;
    chunk.f64(Column::bid)[i] = row.bid;
    chunk.f64(Column::bid_size)[i] = row.bid_size;
    chunk.f64(Column::ask)[i] = row.ask;
    chunk.f64(Column::ask_size)[i] = row.ask_size;
    chunk.f64(Column::vol_24h)[i] = row.vol_24h;
    chunk.side[i] = row.side;
    chunk.seq[i] = row.seq;
    chunk.trade_id[i] = row.trade_id;
    chunk.n_trades_24h[i] = row.n_trades_24h;
    chunk.next_funding_ns[i] = row.next_funding_ns;
    chunk.flags[i] = row.flags;
  }
  return chunk;
}

/// A door with its ledger, and what came through.
struct Passage {
  Ledger ledger;
  Door door{ledger};
  Chunk chunk;

  void admit(const std::vector<Row>& rows) {
    chunk = chunk_of(rows);
    door.admit(chunk);
  }
  std::uint64_t count(Reason reason) const { return ledger[reason].count; }
  std::uint64_t noted() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < reason_count; ++i) sum += ledger[static_cast<Reason>(i)].count;
    return sum;
  }
  std::vector<double> column(Column column) const {
    const double* values = chunk.f64(column);
    return {values, values + chunk.rows()};
  }
};

/// Matches doubles, where NaN equals NaN.
auto are(std::vector<double> values) {
  std::vector<testing::Matcher<double>> matchers;
  for (const double value : values) matchers.push_back(testing::NanSensitiveDoubleEq(value));
  return testing::ElementsAreArray(matchers);
}

const Row quote{.bid = 99.0, .bid_size = 1.0, .ask = 101.0, .ask_size = 2.0};
const Row trade{.kind = Kind::trade, .price = 100.0, .size = 0.5, .side = 1, .trade_id = 7};

Row at(Row row, Nanos ts) {
  row.ts = ts;
  return row;
}

// ---- Rows that are not used ---------------------------------------------------------------------------------------

TEST(Door, RejectsARowWithoutTimeOrBefore1970) {
  Passage passage;
  passage.admit({at(quote, no_time), at(quote, -1), at(quote, 0), at(quote, 1)});
  EXPECT_EQ(passage.chunk.rows(), 2U);
  EXPECT_EQ(passage.count(Reason::unparsable_time), 2U);
  EXPECT_EQ(passage.noted(), 2U);
  EXPECT_EQ(passage.ledger.rows_read(), 4U);
}

TEST(Door, RejectsAnUnknownKindAndAMissingSymbol) {
  Passage passage;
  Row strange = quote, nameless = quote;
  strange.kind = static_cast<Kind>(6);
  nameless.instrument = no_instrument;
  passage.admit({strange, nameless});
  EXPECT_EQ(passage.chunk.rows(), 0U);
  EXPECT_EQ(passage.count(Reason::unknown_kind), 1U);
  EXPECT_EQ(passage.ledger[Reason::unknown_kind].sample, "6");
  EXPECT_EQ(passage.count(Reason::missing_symbol), 1U);
}

TEST(Door, FiltersTimesAndSymbolsAndCountsThem) {
  Passage passage;
  passage.door.select({.instruments = {1, 0}, .from = 100, .to = 200});
  Row other = at(quote, 150), unlisted = at(quote, 150);
  other.instrument = 1;
  unlisted.instrument = 2;
  passage.admit({at(quote, 99), at(quote, 100), at(quote, 199), at(quote, 200), other, unlisted});
  EXPECT_THAT(passage.chunk.ts_event, testing::ElementsAre(100, 199, 150));
  EXPECT_EQ(passage.count(Reason::before_from), 1U);
  EXPECT_EQ(passage.count(Reason::after_to), 1U);
  EXPECT_EQ(passage.count(Reason::not_selected), 1U);
  EXPECT_EQ(passage.ledger[Reason::before_from].first.row, 1U);
}

TEST(Door, FilteredRowsLeaveNoTrace) {
  Passage passage;
  passage.door.select({.from = 100});
  passage.admit({at(quote, 50), at(trade, 100)});
  EXPECT_THAT(passage.column(Column::bid), are({nan}));
  EXPECT_EQ(passage.door.states()[0].rows, 1U);
}

TEST(Door, AdmitsAChunkWithoutRows) {
  Passage passage;
  passage.admit({});
  EXPECT_EQ(passage.ledger.rows_read(), 0U);
}

// ---- Numbers ------------------------------------------------------------------------------------------------------

TEST(Door, MakesWhatIsNoObservationNull) {
  for (const double wrong : {-1.0, -inf, inf}) {
    Passage passage;
    Row row = quote;
    row.kind = Kind::trade;
    row.price = row.size = row.bid = row.ask = row.bid_size = row.vol_24h = wrong;
    passage.admit({row});
    for (const Column column :
         {Column::price, Column::size, Column::bid, Column::ask, Column::bid_size, Column::vol_24h}) {
      EXPECT_THAT(passage.column(column), are({nan})) << info(column).name << " " << wrong;
    }
    EXPECT_EQ(passage.count(Reason::bad_price), 1U);
    EXPECT_EQ(passage.count(Reason::bad_size), 1U);
    EXPECT_EQ(passage.count(Reason::bad_quote), 3U);
    EXPECT_EQ(passage.count(Reason::bad_number), 1U);
  }
}

TEST(Door, ZeroIsASizeButNoPrice) {
  Passage passage;
  Row row = trade;
  row.price = row.size = row.bid = row.bid_size = 0.0;
  passage.admit({row});
  EXPECT_THAT(passage.column(Column::price), are({nan}));
  EXPECT_THAT(passage.column(Column::bid), are({nan}));
  EXPECT_THAT(passage.column(Column::size), are({0.0}));
  EXPECT_THAT(passage.column(Column::bid_size), are({0.0}));
  EXPECT_EQ(passage.count(Reason::bad_price), 1U);
  EXPECT_EQ(passage.count(Reason::bad_quote), 1U);
  EXPECT_EQ(passage.count(Reason::bad_size), 0U);
}

TEST(Door, NaNIsNotGivenAndNotCounted) {
  Passage passage;
  passage.admit({Row{.kind = Kind::trade}});
  EXPECT_EQ(passage.noted(), 0U);
}

TEST(Door, AWrongValueDoesNotChangeWhatIsCarried) {
  Passage passage;
  Row wrong = at(quote, 1001);
  wrong.bid = -5.0;
  passage.admit({quote, wrong, at(trade, 1002)});
  EXPECT_THAT(passage.column(Column::bid), are({99.0, nan, 99.0}));
  EXPECT_EQ(passage.count(Reason::bad_quote), 1U);
  EXPECT_EQ(passage.count(Reason::one_sided), 1U);
}

// ---- Carrying forward ---------------------------------------------------------------------------------------------

TEST(Door, CarriesWhatADeltaRowLeavesOut) {
  Passage passage;
  Row stats = quote, bid_only{.ts = 1002, .bid = 99.5};
  stats.vol_24h = 10.0;
  stats.n_trades_24h = 3;
  stats.next_funding_ns = 5;
  passage.admit({stats, at(trade, 1001), bid_only, at(Row{.kind = Kind::gap}, 1003)});
  EXPECT_THAT(passage.column(Column::price), are({nan, 100.0, 100.0, 100.0}));
  EXPECT_THAT(passage.column(Column::size), are({nan, 0.5, nan, nan}));
  EXPECT_THAT(passage.column(Column::bid), are({99.0, 99.0, 99.5, 99.5}));
  EXPECT_THAT(passage.column(Column::ask), are({101.0, 101.0, 101.0, 101.0}));
  EXPECT_THAT(passage.column(Column::ask_size), are({2.0, 2.0, 2.0, 2.0}));
  EXPECT_THAT(passage.column(Column::vol_24h), are({10.0, 10.0, 10.0, 10.0}));
  EXPECT_THAT(passage.chunk.n_trades_24h, testing::Each(3));
  EXPECT_THAT(passage.chunk.next_funding_ns, testing::Each(5));
  EXPECT_THAT(passage.chunk.side, testing::ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(passage.chunk.trade_id, testing::ElementsAre(no_u64, 7, no_u64, no_u64));
  EXPECT_EQ(passage.count(Reason::gap), 1U);
}

TEST(Door, CarriesAColumnFromItsFirstValueOnHoweverLateItComes) {
  Passage passage;
  const Row mute = {.kind = Kind::gap};
  for (const Nanos ts : {1000, 1001}) passage.admit({at(mute, ts), at(quote, ts)});
  EXPECT_THAT(passage.column(Column::vol_24h), are({nan, nan}));
  std::vector<Row> many(1'000, at(mute, 1002));
  many.back().vol_24h = 7.0;
  many.push_back(at(mute, 1002));
  passage.admit(many);
  const std::vector<double> volumes = passage.column(Column::vol_24h);
  EXPECT_TRUE(std::isnan(volumes[998]));
  EXPECT_EQ(volumes[999], 7.0);
  EXPECT_EQ(volumes[1000], 7.0);
  passage.admit({at(mute, 1003)});
  EXPECT_THAT(passage.column(Column::vol_24h), are({7.0}));
  Row wrong = at(mute, 1004);
  wrong.vol_24h = -1.0;
  Passage fresh;
  fresh.admit({wrong, at(mute, 1005)});
  EXPECT_THAT(fresh.column(Column::vol_24h), are({nan, nan}));
  EXPECT_EQ(fresh.count(Reason::bad_number), 1U);
}

TEST(Door, LeavesFullRowsAsTheyAre) {
  std::vector<Row> rows;
  for (int i = 0; i < 20; ++i) {
    Row row = i % 3 == 0 ? at(trade, 1000 + i) : at(quote, 1000 + i);
    row.price = 100.0 + i;
    row.bid = 90.0 + i;
    row.ask = 110.0 + i;
    row.bid_size = row.ask_size = row.vol_24h = 1.0 + i;
    row.n_trades_24h = i;
    row.next_funding_ns = i;
    rows.push_back(row);
  }
  Passage passage;
  passage.admit(rows);
  const Chunk read = chunk_of(rows);
  for_each_column(read, [&](Column column, const auto& values, auto) {
    for_each_column(passage.chunk, [&](Column same, const auto& passed, auto) {
      if (column != same) return;
      EXPECT_EQ(std::memcmp(values.data(), passed.data(), values.size() * sizeof values[0]), 0) << info(column).name;
    });
  });
  EXPECT_EQ(passage.noted(), 0U);
}

TEST(Door, SizeSideAndTradeIdBelongToTradesAlone) {
  Passage passage;
  Row ticker = trade;
  ticker.kind = Kind::ticker;
  passage.admit({ticker});
  EXPECT_THAT(passage.column(Column::price), are({100.0}));
  EXPECT_THAT(passage.column(Column::size), are({nan}));
  EXPECT_EQ(passage.chunk.side[0], 0);
  EXPECT_EQ(passage.chunk.trade_id[0], no_u64);
}

TEST(Door, NeverCarriesAPriceOntoATrade) {
  Passage passage;
  Row priceless = at(trade, 1001);
  priceless.price = nan;
  Row ticker = at(priceless, 1002);
  ticker.kind = Kind::ticker;
  passage.admit({trade, priceless, ticker, at(quote, 1003)});
  EXPECT_THAT(passage.column(Column::price), are({100.0, nan, nan, 100.0}));
}

TEST(Door, InstrumentsDoNotShareWhatIsCarried) {
  Passage passage;
  Row other = at(trade, 1001);
  other.instrument = 1;
  passage.admit({quote, other, at(trade, 1002)});
  EXPECT_THAT(passage.column(Column::bid), are({99.0, nan, 99.0}));
}

TEST(Door, GoesOnFromARestoredState) {
  Passage before;
  before.admit({quote, at(trade, 1001)});
  Passage after;
  after.door.restore(3, before.door.states()[0]);
  Row row = at(Row{.kind = Kind::funding}, 900);
  row.instrument = 3;
  after.admit({row});
  EXPECT_THAT(after.column(Column::price), are({100.0}));
  EXPECT_THAT(after.column(Column::ask), are({101.0}));
  EXPECT_EQ(after.count(Reason::late), 1U);
  EXPECT_EQ(after.door.states()[3].rows, 3U);
}

// ---- Books --------------------------------------------------------------------------------------------------------

TEST(Door, MarksLockedCrossedAndOneSidedBooks) {
  Passage passage;
  Row locked = at(quote, 1001), crossed = at(quote, 1002), sound = at(quote, 1003);
  locked.bid = 101.0;
  crossed.bid = 102.0;
  passage.admit({Row{.bid = 99.0, .bid_size = 1.0}, locked, crossed, sound});
  EXPECT_THAT(passage.chunk.flags, testing::ElementsAre(flag_one_sided, flag_locked, flag_crossed, 0));
  EXPECT_EQ(passage.count(Reason::one_sided), 1U);
  EXPECT_EQ(passage.count(Reason::locked), 1U);
  EXPECT_EQ(passage.count(Reason::crossed), 1U);
  EXPECT_EQ(passage.ledger[Reason::crossed].sample, "102");
}

TEST(Door, ASideSaidToBeEmptyStaysEmptyUntilAQuoteFillsIt) {
  Passage passage;
  const Row emptied{.ts = 1001, .bid = 99.0, .bid_size = 1.0, .flags = flag_one_sided};
  passage.admit({quote, emptied, at(trade, 1002), at(Row{.bid = 98.0}, 1003), at(quote, 1004)});
  EXPECT_THAT(passage.column(Column::ask), are({101.0, nan, nan, nan, 101.0}));
  EXPECT_THAT(passage.column(Column::ask_size), are({2.0, nan, nan, nan, 2.0}));
  EXPECT_THAT(passage.column(Column::bid), are({99.0, 99.0, 99.0, 98.0, 99.0}));
  EXPECT_EQ(passage.count(Reason::one_sided), 2U);
}

TEST(Door, ATradeIsNotBlamedForTheBook) {
  Passage passage;
  passage.admit({trade});
  EXPECT_EQ(passage.noted(), 0U);
}

// ---- Order --------------------------------------------------------------------------------------------------------

TEST(Door, MarksLateRowsAgainstTheGreatestTimeOfTheirInstrument) {
  Passage passage;
  Row other = at(quote, 900);
  other.instrument = 1;
  passage.admit({at(quote, 1000), other, at(quote, 999), at(trade, 999), at(quote, 1000)});
  EXPECT_THAT(passage.chunk.flags, testing::ElementsAre(0, 0, flag_late, flag_late, 0));
  EXPECT_EQ(passage.count(Reason::late), 2U);
  EXPECT_EQ(passage.ledger[Reason::late].first.row, 3U);
}

TEST(Door, MarksTheSameEventTwiceAsADuplicate) {
  Passage passage;
  Row numbered = at(quote, 1002), changed = numbered;
  numbered.seq = changed.seq = 5;
  changed.bid = 98.0;
  Row other_seq = changed;
  other_seq.seq = 6;
  Row other_value = quote;
  other_value.bid = 98.0;
  passage.admit({quote, quote, other_value, numbered, changed, other_seq, at(trade, 1002), at(trade, 1002)});
  EXPECT_THAT(passage.chunk.flags, testing::ElementsAre(0, flag_duplicate, 0, 0, flag_duplicate, 0, 0, flag_duplicate));
  EXPECT_EQ(passage.count(Reason::duplicate), 3U);
}

TEST(Door, CountsSnapshots) {
  Passage passage;
  Row row = quote;
  row.flags = flag_snapshot;
  passage.admit({row});
  EXPECT_EQ(passage.count(Reason::snapshot), 1U);
  EXPECT_EQ(passage.chunk.flags[0], flag_snapshot);
}

// ---- Law 1 --------------------------------------------------------------------------------------------------------

/// Rows with every fault there is.
std::vector<Row> random_rows(std::size_t count, std::mt19937_64& random) {
  const auto below = [&](std::uint64_t n) { return random() % n; };
  const auto number = [&](double typical) {
    constexpr double wrong[] = {-1.0, 0.0, inf, -inf};
    const auto drawn = below(12);
    return drawn < 4 ? wrong[drawn] : drawn < 7 ? nan : typical + static_cast<double>(below(4));
  };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0 && below(10) == 0) {
      rows.push_back(rows.back());
      continue;
    }
    Row row{.ts = static_cast<Nanos>(100 * i + below(300)), .kind = static_cast<Kind>(below(7))};
    row.price = number(100.0);
    row.size = number(1.0);
    row.bid = number(99.0);
    row.ask = number(100.0);
    row.bid_size = number(2.0);
    row.ask_size = number(3.0);
    row.vol_24h = number(1000.0);
    row.side = static_cast<std::int8_t>(static_cast<int>(below(3)) - 1);
    row.seq = below(2) == 0 ? no_u64 : i / 2;
    row.trade_id = below(2) == 0 ? no_u64 : i / 2;
    row.n_trades_24h = below(2) == 0 ? no_i64 : static_cast<std::int64_t>(i);
    row.next_funding_ns = below(2) == 0 ? no_time : static_cast<Nanos>(i);
    row.flags = static_cast<std::uint32_t>(below(64));
    row.instrument = below(20) == 0 ? no_instrument : static_cast<InstrumentId>(below(4));
    if (below(30) == 0) row.ts = below(2) == 0 ? no_time : -5;
    rows.push_back(row);
  }
  return rows;
}

struct Outcome {
  std::uint32_t rows, states;
  std::string ledger;
  bool operator==(const Outcome&) const = default;
};

Outcome pass(const std::vector<Row>& rows, const std::vector<std::size_t>& cuts) {
  Ledger ledger;
  Door door(ledger);
  door.select({.instruments = {1, 1, 0, 1}, .from = 2'000, .to = 18'000});
  Chunk all;
  all.reset(ColumnSet::all());
  std::size_t first = 0;
  for (const std::size_t end : cuts) {
    const auto at = [&](std::size_t i) { return rows.begin() + static_cast<std::ptrdiff_t>(i); };
    Chunk chunk = chunk_of({at(first), at(end)}, first + 1);
    door.admit(chunk);
    all.append(chunk, 0, chunk.rows());
    first = end;
  }
  std::uint32_t hash = crc32c(std::as_bytes(std::span(all.instrument)));
  hash = crc32c(std::as_bytes(std::span(all.place)), hash);
  for_each_column(all,
                  [&](Column, const auto& values, auto) { hash = crc32c(std::as_bytes(std::span(values)), hash); });
  return {hash, crc32c(std::as_bytes(door.states().first(4))), ledger.to_json()};
}

TEST(Door, GivesTheSameHoweverTheRowsAreCut) {
  constexpr std::size_t count = 200;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    const auto rows = random_rows(count, random);
    const Outcome whole = pass(rows, {count});
    for (std::size_t size = 1; size <= count; size += size < 20 ? 1 : 37) {
      std::vector<std::size_t> cuts;
      for (std::size_t end = size; end < count; end += size) cuts.push_back(end);
      cuts.push_back(count);
      ASSERT_EQ(pass(rows, cuts), whole) << "seed " << seed << ", chunks of " << size;
    }
    for (int i = 0; i < 20; ++i) {
      std::vector<std::size_t> cuts;
      for (std::size_t end = random() % 10; end < count; end += random() % 40) cuts.push_back(end);
      cuts.push_back(count);
      ASSERT_EQ(pass(rows, cuts), whole) << "seed " << seed;
    }
  }
}

TEST(Door, ReachesEveryReasonOfItsOwn) {
  std::mt19937_64 random(1);
  const Outcome outcome = pass(random_rows(2'000, random), {2'000});
  for (const Reason reason :
       {Reason::unparsable_time, Reason::missing_symbol, Reason::unknown_kind, Reason::before_from, Reason::after_to,
        Reason::not_selected, Reason::bad_price, Reason::bad_size, Reason::bad_quote, Reason::bad_number, Reason::late,
        Reason::duplicate, Reason::locked, Reason::crossed, Reason::one_sided, Reason::gap, Reason::snapshot}) {
    EXPECT_THAT(outcome.ledger, testing::HasSubstr('"' + std::string(info(reason).name) + '"'));
  }
}

}  // namespace
}  // namespace millrace
