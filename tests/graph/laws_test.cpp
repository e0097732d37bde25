#include <gtest/gtest.h>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"
#include "tests/graph/every_kernel.h"
#include "tests/graph/random_rows.h"

namespace millrace::testing {
namespace {

/// Says which feature differs first, not only that something does.
void expect_equal(const Plan& plan, const Bits& expected, const Bits& was, std::size_t first = 0) {
  ASSERT_EQ(expected.size(), was.size());
  for (std::size_t row = first; row < expected.size(); ++row) {
    ASSERT_EQ(expected[row].size(), was[row].size()) << "row " << row;
    for (std::size_t f = 0; f < expected[row].size(); ++f) {
      ASSERT_EQ(expected[row][f], was[row][f])
          << plan.features[f].name << " = " << plan.features[f].expression << ", row " << row;
    }
  }
}

class Laws : public ::testing::TestWithParam<const char*> {
 protected:
  std::shared_ptr<const Plan> plan() const {
    const std::string name = GetParam();
    return name == "every" ? plan_of_every_kernel()
                           : plan_of_profile(name == "listed"    ? "listed-36"
                                             : name == "default" ? "default-100"
                                                                 : "compat-27");
  }
};

TEST_P(Laws, ChunksAndThreadsDoNotShowInTheBitsParallel) {
  const auto plan = this->plan();
  const Chunk rows = random_rows(9000, 5, 1);
  const Bits whole = answers(plan, rows, rows.rows());
  for (const std::size_t chunk_rows : {1UL, 2UL, 7UL, 100UL, 4096UL}) {
    SCOPED_TRACE(chunk_rows);
    expect_equal(*plan, whole, answers(plan, rows, chunk_rows));
  }
  for (const std::size_t threads : {2UL, 3UL, 7UL}) {
    SCOPED_TRACE(threads);
    expect_equal(*plan, whole, answers(plan, rows, 1000, threads));
  }
}

TEST_P(Laws, AnInstrumentAloneGivesTheBitsItGivesAmongOthers) {
  const auto plan = this->plan();
  const Chunk rows = random_rows(4000, 4, 2);
  const Bits together = answers(plan, rows, 512);
  for (InstrumentId id = 0; id < 4; ++id) {
    std::vector<std::uint8_t> keep;
    for (const InstrumentId one : rows.instrument) keep.push_back(one == id ? 1 : 0);
    Chunk alone = rows_of(rows, 0, rows.rows());
    alone.compact(keep);
    Bits expected;
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      if (keep[row] != 0) expected.push_back(together[row]);
    }
    expect_equal(*plan, expected, answers(plan, alone, 512));
  }
}

TEST_P(Laws, ARestoredSnapshotGoesOnWithTheSameBitsAfterEveryRow) {
  const auto plan = this->plan();
  const Chunk rows = random_rows(700, 2, 3);
  const Bits whole = answers(plan, rows, rows.rows());
  Bits bits(rows.rows());
  auto graph = std::make_unique<Graph>(plan);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    feed(*graph, rows, row, row + 1, 1, bits);
    auto next = std::make_unique<Graph>(plan);
    for (InstrumentId id = 0; id < graph->instruments(); ++id) {
      Bytes bytes;
      graph->snapshot(id, "v:s", row + 1, bytes);
      EXPECT_EQ(next->restore(id, "v:s", bytes), row + 1);
    }
    graph = std::move(next);
  }
  expect_equal(*plan, whole, bits);
}

TEST_P(Laws, AnotherFutureLeavesThePastAsItWas) {
  const auto plan = this->plan();
  const Chunk rows = random_rows(3000, 3, 4);
  const Chunk other = random_rows(3000, 3, 5);
  const Bits whole = answers(plan, rows, 128);
  for (const std::size_t cut : {1UL, 100UL, 1501UL, 2999UL}) {
    Chunk mixed = rows_of(rows, 0, cut);
    mixed.append(other, cut, 3000 - cut);
    Bits was = answers(plan, mixed, 3000);
    Bits expected = whole;
    was.resize(cut);
    expected.resize(cut);
    expect_equal(*plan, expected, was);
  }
}

TEST_P(Laws, EqualStatesHaveEqualSnapshotsHoweverTheyCameAbout) {
  const auto plan = this->plan();
  const Chunk rows = random_rows(3000, 1, 6);
  std::vector<Bytes> snapshots;
  for (const std::size_t chunk_rows : {1UL, 13UL, 3000UL}) {
    Graph graph(plan);
    Bits bits(rows.rows());
    feed(graph, rows, 0, rows.rows(), chunk_rows, bits);
    graph.snapshot(0, "v:s", 3000, snapshots.emplace_back());
  }
  EXPECT_EQ(snapshots[0], snapshots[1]);
  EXPECT_EQ(snapshots[0], snapshots[2]);
}

INSTANTIATE_TEST_SUITE_P(Graph, Laws, ::testing::Values("every", "listed", "compat", "default"),
                         [](const auto& parameter) { return std::string(parameter.param); });

/// A snapshot after 500 rows, and the graph it came from.
struct Saved {
  std::shared_ptr<const Plan> plan = plan_of_profile("listed-36");
  Graph graph{plan};
  Bytes bytes;
  Saved() {
    const Chunk rows = random_rows(500, 1, 7);
    Bits bits(rows.rows());
    feed(graph, rows, 0, rows.rows(), 100, bits);
    graph.snapshot(0, "coinbase:BTC-USD", 500, bytes);
  }
};

std::string refusal(Graph& graph, std::string_view key, std::span<const std::byte> bytes) {
  try {
    graph.restore(0, key, bytes);
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::state);
    return error.what();
  }
  return "accepted";
}

TEST(Snapshot, RefusesEveryDamagedByteAndEveryCut) {
  Saved saved;
  for (std::size_t at = 0; at < saved.bytes.size(); at += 7) {
    Bytes damaged = saved.bytes;
    damaged[at] ^= std::byte{0x10};
    EXPECT_NE(refusal(saved.graph, "coinbase:BTC-USD", damaged), "accepted") << "byte " << at;
    EXPECT_NE(refusal(saved.graph, "coinbase:BTC-USD", std::span(saved.bytes).first(at)), "accepted")
        << "cut at " << at;
  }
}

TEST(Snapshot, SaysWhyItRefuses) {
  Saved saved;
  Graph other(plan_of_profile("compat-27"));
  EXPECT_NE(refusal(other, "coinbase:BTC-USD", saved.bytes).find("another feature set"), std::string::npos);
  EXPECT_NE(refusal(saved.graph, "kraken:BTC-USD", saved.bytes).find("belongs to coinbase:BTC-USD"), std::string::npos);
  EXPECT_NE(refusal(saved.graph, "coinbase:BTC-USD", {}).find("cut short"), std::string::npos);
}

TEST(Snapshot, ARefusedOneLeavesTheStateAlone) {
  Saved saved;
  Bytes damaged = saved.bytes, after;
  damaged[200] ^= std::byte{1};
  refusal(saved.graph, "coinbase:BTC-USD", damaged);
  saved.graph.snapshot(0, "coinbase:BTC-USD", 500, after);
  EXPECT_EQ(after, saved.bytes);
}

TEST(State, StaysWithinTheBudgetOfTheProfiles) {
  EXPECT_LE(Graph(plan_of_profile("compat-27")).state_bytes(), 8U * 1024U);
  EXPECT_LE(Graph(plan_of_profile("listed-36")).state_bytes(), 8U * 1024U);
  EXPECT_LE(Graph(plan_of_profile("default-100")).state_bytes(), 48U * 1024U);
}

}  // namespace
}  // namespace millrace::testing
