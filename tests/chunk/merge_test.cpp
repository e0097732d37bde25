#include "millrace/chunk/merge.h"

#include <algorithm>
#include <random>

#include <gmock/gmock.h>

#include "millrace/base/error.h"

namespace millrace {
namespace {

/// Gives rows with the times it was made with, in chunks of a few rows.
class ListSource final : public Source {
 public:
  ListSource(std::vector<Nanos> times, std::uint16_t number, std::size_t chunk_rows)
      : times_(std::move(times)), number_(number), chunk_rows_(chunk_rows) {}

  bool next(Chunk& chunk) override {
    chunk.reset(chunk.columns);
    const std::size_t count = std::min(chunk_rows_, times_.size() - at_);
    chunk.resize(count);
    for (std::size_t i = 0; i < count; ++i, ++at_) {
      chunk.clear_row(i);
      chunk.instrument[i] = number_;
      chunk.ts_event[i] = times_[at_];
      chunk.place[i].source = number_;
      chunk.place[i].row = (at_ + 1) & 0xffffff;
    }
    return count > 0;
  }
  ColumnSet columns() const override { return {Column::ts_event}; }
  std::vector<SourceFile> files() const override { return {{.path = std::to_string(number_), .bytes = times_.size()}}; }
  double progress() const override { return static_cast<double>(at_) / static_cast<double>(times_.size()); }

 private:
  std::vector<Nanos> times_;
  std::uint16_t number_;
  std::size_t chunk_rows_, at_ = 0;
};

/// Source and row of everything, in order.
using Order = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
Order read_order(Source& source) {
  Order order;
  Chunk chunk;
  chunk.reset({});
  while (source.next(chunk)) {
    EXPECT_LE(chunk.rows(), default_chunk_rows);
    for (const Place place : chunk.place) order.emplace_back(place.source, place.row);
  }
  return order;
}

/// Sources of these times; `starts_at` is told for every second one.
std::vector<LateSource> sources_of(const std::vector<std::vector<Nanos>>& lists, std::size_t chunk_rows,
                                   int* opened = nullptr) {
  std::vector<LateSource> sources;
  for (const auto& times : lists) {
    const auto number = static_cast<std::uint16_t>(sources.size());
    const auto open = [=]() -> std::unique_ptr<Source> {
      if (opened != nullptr) ++*opened;
      return std::make_unique<ListSource>(times, number, chunk_rows);
    };
    const Nanos starts_at = times.empty() || number % 2 == 0 ? no_time : *std::min_element(times.begin(), times.end());
    sources.push_back({.open = open,
                       .columns = {Column::ts_event},
                       .file = {.path = std::to_string(number), .bytes = times.size()},
                       .number = number,
                       .starts_at = starts_at});
  }
  return sources;
}

Order merged_order(const std::vector<std::vector<Nanos>>& lists, std::size_t chunk_rows) {
  return read_order(*merge_sources(sources_of(lists, chunk_rows), lists.size()));
}

/// The same by sorting rows by the running maximum of their source.
Order sorted_order(const std::vector<std::vector<Nanos>>& lists) {
  std::vector<std::tuple<Nanos, std::uint64_t, std::uint64_t>> rows;
  for (std::size_t i = 0; i < lists.size(); ++i) {
    Nanos latest = no_time;
    for (std::size_t row = 0; row < lists[i].size(); ++row) {
      latest = std::max(latest, lists[i][row]);
      rows.emplace_back(latest, i, row + 1);
    }
  }
  std::sort(rows.begin(), rows.end());
  Order order;
  for (const auto& [time, source, row] : rows) order.emplace_back(source, row);
  return order;
}

TEST(Merge, gives_the_order_of_a_sort_by_running_maximum) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<Nanos>> lists(1 + random() % 6);
    for (auto& times : lists) {
      Nanos time = 0;
      times.resize(random() % 60);
      for (Nanos& at : times) {
        time += static_cast<Nanos>(random() % 4);
        at = random() % 8 == 0 ? time - 3 : time;  // steps back, and many equal times
      }
    }
    EXPECT_EQ(merged_order(lists, 1 + random() % 20), sorted_order(lists)) << "round " << round;
  }
}

TEST(Merge, rows_of_one_source_keep_their_order) {
  EXPECT_THAT(merged_order({{10, 5, 20}, {7, 15}}, 2),
              testing::ElementsAre(testing::Pair(1, 1), testing::Pair(0, 1), testing::Pair(0, 2), testing::Pair(1, 2),
                                   testing::Pair(0, 3)));
}

TEST(Merge, rows_without_a_time_come_where_they_stand) {
  EXPECT_THAT(merged_order({{10, no_time, 20}, {15}}, 9),
              testing::ElementsAre(testing::Pair(0, 1), testing::Pair(0, 2), testing::Pair(1, 1), testing::Pair(0, 3)));
}

TEST(Merge, chunks_stay_within_their_limit) {
  std::vector<Nanos> times(150'000);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = static_cast<Nanos>(i);
  EXPECT_EQ(merged_order({times, times}, default_chunk_rows).size(), 2 * times.size());
}

TEST(Merge, progress_reaches_the_end) {
  const auto merged = merge_sources(sources_of({{1, 2}, {1, 2}}, 1), 2);
  EXPECT_EQ(merged->progress(), 0.0);
  read_order(*merged);
  EXPECT_EQ(merged->progress(), 1.0);
  EXPECT_EQ(merged->files().size(), 2U);
}

TEST(Merge, a_source_is_opened_when_its_time_comes) {
  int opened = 0;
  const auto merged = merge_sources(sources_of({{0, 1}, {10, 11}, {}, {20, 21}}, 1, &opened), 2);
  EXPECT_EQ(opened, 0);
  EXPECT_EQ(read_order(*merged).size(), 6U);
  EXPECT_EQ(opened, 4);
}

TEST(Merge, more_open_sources_than_the_limit_are_refused) {
  const auto merged = merge_sources(sources_of({{0, 30}, {10, 11}, {0, 30}, {20, 21}}, 9), 2);
  try {
    read_order(*merged);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "1: starts while 2 files before it have not ended; at most 2 are read at the same time");
  }
}

}  // namespace
}  // namespace millrace
