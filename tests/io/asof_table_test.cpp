#include "millrace/io/asof_table.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/io/table_sort.h"
#include "tests/asof/sides.h"
#include "tests/io/files.h"

namespace millrace::tests {
namespace {

using millrace::testing::random_side;
using millrace::testing::Shape;
using millrace::testing::Side;

/// A table of the side with its row numbers and their texts; in chunks of `chunk_rows`, each with a dictionary of its
/// own.
std::shared_ptr<arrow::Table> table_of(const Side& side, std::size_t chunk_rows, bool is_coded) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  auto type = is_coded ? arrow::dictionary(arrow::int32(), arrow::utf8()) : arrow::utf8();
  const auto schema = arrow::schema({arrow::field("t", arrow::int64()), arrow::field("k", type),
                                     arrow::field("n", arrow::int64()), arrow::field("text", type)});
  for (std::size_t from = 0; from < side.size(); from += chunk_rows) {
    arrow::Int64Builder times, numbers;
    arrow::StringDictionary32Builder coded_keys, coded_texts;
    arrow::StringBuilder keys, texts;
    const std::size_t to = std::min(side.size(), from + chunk_rows);
    for (std::size_t i = from; i < to; ++i) {
      const std::string key = fmt::format("key {}", side.keys[i]), text = fmt::format("row {}", i);
      const bool is_null = side.keys[i] == no_key;
      EXPECT_TRUE((side.times[i] == no_time ? times.AppendNull() : times.Append(side.times[i])).ok());
      EXPECT_TRUE(numbers.Append(static_cast<std::int64_t>(i)).ok());
      EXPECT_TRUE((is_null ? keys.AppendNull() : keys.Append(key)).ok());
      EXPECT_TRUE((is_null ? coded_keys.AppendNull() : coded_keys.Append(key)).ok());
      EXPECT_TRUE(texts.Append(text).ok());
      EXPECT_TRUE(coded_texts.Append(text).ok());
    }
    const auto done = [](auto& builder) -> std::shared_ptr<arrow::Array> { return builder.Finish().ValueOrDie(); };
    batches.push_back(arrow::RecordBatch::Make(schema, static_cast<std::int64_t>(to - from),
                                               {done(times), is_coded ? done(coded_keys) : done(keys), done(numbers),
                                                is_coded ? done(coded_texts) : done(texts)}));
  }
  return arrow::Table::FromRecordBatches(schema, batches).ValueOrDie();
}

TEST(AsofTables, ChunksAndDictionariesDoNotShow) {
  std::mt19937_64 random(1);
  const Side left = random_side(random, 300, Shape::gaps, 3, false);
  const Side right = random_side(random, 300, Shape::gaps, 3, false);
  const AsofRule rule{.direction = Direction::nearest, .tolerance_ns = 6};
  const auto rows = millrace::testing::by_definition(left, right, rule);
  Workers workers(2);
  for (const std::size_t chunk : {1UL, 2UL, 7UL, 1000UL}) {
    for (const bool is_coded : {false, true}) {
      const auto joined = asof_join_tables(*table_of(left, chunk, !is_coded), *table_of(right, chunk, is_coded),
                                           {.by = {"k"}, .on = "t"}, rule, workers);
      ASSERT_TRUE(joined->ValidateFull().ok());
      ASSERT_EQ(joined->num_rows(), 300);
      ASSERT_EQ(joined->schema()->GetFieldByName("right_text")->type()->id(),
                is_coded ? arrow::Type::DICTIONARY : arrow::Type::STRING);
      const auto batch = joined->CombineChunksToBatch().ValueOrDie();
      for (std::int64_t i = 0; i < 300; ++i) {
        const auto at = [&](const char* name) { return batch->GetColumnByName(name)->GetScalar(i).ValueOrDie(); };
        const std::int64_t row = rows[static_cast<std::size_t>(i)];
        ASSERT_EQ(at("n")->ToString(), std::to_string(i));
        ASSERT_EQ(at("right_n")->ToString(), row == no_row ? "null" : std::to_string(row));
        if (row == no_row) {
          ASSERT_FALSE(at("right_text")->is_valid || at("right_ts")->is_valid || at("age_ns")->is_valid);
          continue;
        }
        const Nanos time = right.times[static_cast<std::size_t>(row)];
        auto text = at("right_text");
        if (is_coded) text = static_cast<const arrow::DictionaryScalar&>(*text).GetEncodedValue().ValueOrDie();
        ASSERT_EQ(text->ToString(), fmt::format("row {}", row));
        ASSERT_EQ(at("right_ts")->ToString(), std::to_string(time));
        ASSERT_EQ(at("age_ns")->ToString(), std::to_string(left.times[static_cast<std::size_t>(i)] - time));
      }
    }
  }
}

TEST(AsofTables, SidesInOrderAreJoinedBatchByBatch) {
  std::mt19937_64 random(6);
  const Side left = millrace::testing::with_all_times(random_side(random, 40'000, Shape::gaps, 9, false));
  const Side right = millrace::testing::with_all_times(random_side(random, 50'000, Shape::gaps, 9, false));
  for (const Direction direction : {Direction::backward, Direction::forward, Direction::nearest}) {
    const AsofRule rule{.direction = direction, .tolerance_ns = 6};
    std::vector<std::int64_t> rows(left.size());
    AsofIndex::Cursors cursors;
    asof_join_table(left.rows(), AsofTable(right.rows()), rule, cursors, rows);
    Workers workers(1);
    for (const std::size_t chunk : {9'000UL, 50'000UL}) {
      const auto joined = asof_join_tables(*table_of(left, chunk, true), *table_of(right, chunk, true),
                                           {.by = {"k"}, .on = "t"}, rule, workers);
      const auto batch = joined->CombineChunksToBatch().ValueOrDie();
      const auto numbers = std::static_pointer_cast<arrow::Int64Array>(batch->GetColumnByName("right_n"));
      ASSERT_EQ(numbers->length(), 40'000);
      for (std::int64_t i = 0; i < numbers->length(); ++i) {
        ASSERT_EQ(numbers->IsNull(i) ? no_row : numbers->Value(i), rows[static_cast<std::size_t>(i)]) << i;
      }
    }
  }
}

TEST(AsofTables, AnAgeThatDoesNotFitIsAnError) {
  const Side left{{INT64_MAX}, {0}, {}}, right{{-2}, {0}, {}};
  Workers workers(1);
  const AsofRule rule{.tolerance_ns = no_tolerance};
  EXPECT_THROW(
      asof_join_tables(*table_of(left, 1, false), *table_of(right, 1, false), {.by = {"k"}, .on = "t"}, rule, workers),
      Error);
}

TEST(AsofTables, ASortInPartsIsStable) {
  std::mt19937_64 random(2);
  const Side side = millrace::testing::shuffled(random_side(random, 20'000, Shape::dense_ties, 3, false), random);
  const auto table = table_of(side, 500, true);
  std::vector<std::size_t> expected(side.size());
  std::iota(expected.begin(), expected.end(), 0U);
  std::stable_sort(expected.begin(), expected.end(), [&](std::size_t a, std::size_t b) {
    const auto last = [&](std::size_t i) { return side.times[i] == no_time ? INT64_MAX : side.times[i]; };
    return last(a) < last(b);
  });
  const Folder folder;
  for (const std::uint64_t memory : {std::uint64_t{1} << 30U, std::uint64_t{100'000}}) {
    const auto batches = std::make_shared<arrow::TableBatchReader>(table);
    const auto sorted = sort_by_time(
        batches, {.name = "t", .column = "t", .memory_bytes = memory, .beside = folder.path("out.parquet")});
    std::vector<std::size_t> rows;
    std::shared_ptr<arrow::RecordBatch> batch;
    while (sorted->ReadNext(&batch).ok() && batch != nullptr) {
      ASSERT_TRUE(batch->ValidateFull().ok());
      const auto numbers = std::static_pointer_cast<arrow::Int64Array>(batch->GetColumnByName("n"));
      for (std::int64_t i = 0; i < numbers->length(); ++i) rows.push_back(static_cast<std::size_t>(numbers->Value(i)));
    }
    EXPECT_EQ(rows, expected);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  }
}

TEST(AsofTables, TooManyPartsAreAnError) {
  Side side;
  for (Nanos i = 0; i < 600; ++i) side.add(-i, 0);
  const Folder folder;
  const auto batches = std::make_shared<arrow::TableBatchReader>(table_of(side, 1, false));
  EXPECT_THROW(
      sort_by_time(batches, {.name = "t", .column = "t", .memory_bytes = 3, .beside = folder.path("out.parquet")}),
      Error);
}

}  // namespace
}  // namespace millrace::tests
