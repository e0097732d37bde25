#include "millrace/kernels/universe.h"

#include <array>
#include <random>

#include <gtest/gtest.h>

#include "millrace/graph/parameters.h"
#include "tests/kernels/harness.h"

namespace millrace::testing {
namespace {

struct UniverseRow {
  MemberId member;
  std::uint32_t group;
  Nanos clock;
  std::array<double, 2> in;
};
using Answers = std::vector<std::array<double, 2>>;

std::unique_ptr<Universe> make_universe(const std::string& text) {
  const auto call = std::get<Expression>(parse_expression(text));
  const UniverseKernel* kernel = find_universe_kernel(call.name);
  std::vector<Complaint> complaints;
  const Parameters parameters = read_parameters(kernel->info, 0, call.arguments, complaints);
  EXPECT_TRUE(complaints.empty()) << text;
  return kernel->make(parameters.data());
}

/// With `is_restored` each row is answered by a universe that has just read what the one before it wrote.
Answers play(const std::string& text, const std::vector<UniverseRow>& rows, bool is_restored) {
  auto universe = make_universe(text);
  Answers answers;
  for (const UniverseRow& row : rows) {
    std::array<double, largest_inputs> in;
    in.fill(no_value);
    std::copy(row.in.begin(), row.in.end(), in.begin());
    std::array<double, largest_outputs> out;
    out.fill(no_value);
    universe->observe(row.member, row.group, row.clock, in.data(), out.data());
    answers.push_back({out[0], out[1]});
    if (!is_restored) continue;
    Bytes bytes;
    ByteWriter writer(bytes);
    universe->save(writer);
    universe = make_universe(text);
    ByteReader reader(bytes);
    EXPECT_TRUE(universe->load(reader) && reader.left() == 0);
  }
  return answers;
}

/// Each member's value twice: the second time all have been seen.
Answers second_round(const std::string& text, const std::vector<double>& values) {
  std::vector<UniverseRow> rows;
  for (int round = 0; round < 2; ++round) {
    for (MemberId member = 0; member < values.size(); ++member)
      rows.push_back({member, 0, 0, {values[member], no_value}});
  }
  Answers all = play(text, rows, false);
  return {all.begin() + static_cast<std::ptrdiff_t>(values.size()), all.end()};
}

void expect_column(const std::vector<double>& expected, const Answers& was, std::size_t output) {
  ASSERT_EQ(expected.size(), was.size());
  for (std::size_t row = 0; row < expected.size(); ++row) {
    if (std::isnan(expected[row])) {
      EXPECT_TRUE(std::isnan(was[row][output])) << "row " << row;
    } else {
      EXPECT_NEAR(expected[row], was[row][output], 1e-12) << "row " << row;
    }
  }
}

// CA-6, CR-9 and CR-10 of the spec.
TEST(Universe, GoldensHold) {
  expect_column({0.5, 0.0, 1.0, 0.5, no_value}, second_round("cs_rank(x)", {0.1, -0.2, 0.3, 0.1, no_value}), 0);
  expect_column({0.5, 0.3, 0.2}, second_round("dominance_index(v)", {50, 30, 20}), 0);
  expect_column({0.38, 0.38, 0.38}, second_round("dominance_index(v)", {50, 30, 20}), 1);
  expect_column({1.0, -1.0}, second_round("venue_score(spread, w_spread=1)", {1, 3}), 0);
}

TEST(Universe, ARankForgetsWhatIsTooOld) {
  const std::vector<UniverseRow> rows{{0, 0, 0, {1, 0}},
                                      {1, 0, 1 * one_second, {2, 0}},
                                      {1, 0, 60 * one_second, {2, 0}},
                                      {1, 0, 61 * one_second, {2, 0}}};
  expect_column({no_value, 1.0, 1.0, no_value}, play("cs_rank(x, max_age=60s)", rows, false), 0);
}

TEST(Universe, AShareIsOfTheGroupAndWaitsForEachMember) {
  const std::vector<UniverseRow> rows{{0, 0, 0, {30, 0}}, {1, 0, 0, {no_value, 0}}, {0, 0, 0, {30, 0}},
                                      {2, 1, 0, {5, 0}},  {1, 0, 0, {10, 0}},       {0, 0, 0, {no_value, 0}},
                                      {0, 0, 0, {30, 0}}};
  expect_column({1.0, no_value, no_value, 1.0, 0.25, no_value, 0.75}, play("dominance_index(v)", rows, false), 0);
}

TEST(Universe, AScoreLeavesOutVenuesThatLackAnAttribute) {
  const std::string call = "venue_score(spread, depth, w_spread=0.5, w_depth=0.5)";
  const std::vector<UniverseRow> rows{
      {0, 0, 0, {1, 10}}, {1, 0, 0, {3, 30}}, {2, 0, 0, {2, no_value}}, {0, 0, 0, {1, 10}}};
  // The narrower spread counts for the first, the greater depth for the second.
  expect_column({no_value, 0.0, no_value, 0.0}, play(call, rows, false), 0);
}

TEST(Universe, RestoredAfterEveryRowItAnswersTheSameBits) {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform;
  std::vector<UniverseRow> rows;
  Nanos clock = 0;
  for (int i = 0; i < 800; ++i) {
    clock += static_cast<Nanos>(uniform(random) * (uniform(random) < 0.1 ? 40e9 : 2e9));
    const auto member = static_cast<MemberId>(uniform(random) * 6.0);
    const auto value = [&] { return uniform(random) < 0.1 ? no_value : std::floor(uniform(random) * 9.0); };
    rows.push_back({member, member / 4, clock, {value(), value()}});
  }
  for (const char* call : {"cs_rank(x, max_age=10s)", "dominance_index(v)",
                           "venue_score(spread, depth, w_spread=0.5, w_depth=0.5, half_life=10s)"}) {
    const Answers expected = play(call, rows, false), was = play(call, rows, true);
    EXPECT_EQ(std::memcmp(expected.data(), was.data(), expected.size() * sizeof expected[0]), 0) << call;
  }
}

TEST(Universe, AStateOfAnotherKindIsRefused) {
  for (const UniverseKernel& kernel : universe_kernels()) {
    Parameters parameters;
    kernel.info.default_params(parameters.bytes.data());
    const Bytes bytes(5, std::byte{0xFF});
    ByteReader reader(bytes);
    EXPECT_FALSE(kernel.make(parameters.data())->load(reader)) << kernel.info.doc.name;
  }
}

TEST(Universes, StatesWithImpossibleTimesAreRefused) {
  const auto loads = [](const std::string& text, Nanos time) {
    auto universe = make_universe(text);
    Bytes bytes;
    ByteWriter writer(bytes);
    const std::array in{1.0, no_value, no_value, no_value, no_value};
    std::array out{0.0, 0.0};
    universe->observe(0, 0, time, in.data(), out.data());
    universe->save(writer);
    ByteReader reader(bytes);
    return make_universe(text)->load(reader);
  };
  for (const std::string text : {"cs_rank(x)", "venue_score(spread, w_spread=1)"}) {
    EXPECT_TRUE(loads(text, one_second)) << text;
    EXPECT_FALSE(loads(text, -one_second)) << text;
  }
}

}  // namespace
}  // namespace millrace::testing
