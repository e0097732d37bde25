#include "millrace/sim/latency.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>

#include "millrace/base/error.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;
using Kind = LatencyStream::Kind;
using Shape = LatencyModel::Shape;

constexpr Nanos one_ms = 1'000'000;

std::string complaint_about(std::string_view text) {
  try {
    parse_latency(text, "--latency");
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    return error.what();
  }
  return "none";
}

TEST(Latency, IsReadFromText) {
  EXPECT_EQ(parse_latency("50ms", "x").least, 50 * one_ms);
  EXPECT_EQ(parse_latency("0", "x").least, 0);
  EXPECT_EQ(parse_latency(" uniform( 20ms , 80ms ) ", "x").most, 80 * one_ms);
  EXPECT_EQ(parse_latency("lognormal(50ms,0.5)", "x").sigma, 0.5);
  EXPECT_EQ(parse_latency("recorded", "x").shape, Shape::recorded);
  for (const char* text : {"50ms", "0ms", "uniform(20ms,80ms)", "lognormal(50ms,0.5)", "recorded"}) {
    EXPECT_EQ(format_latency(parse_latency(text, "x")), text);
  }
}

TEST(Latency, ThatCannotBeReadIsNamed) {
  EXPECT_THAT(complaint_about("fast"), HasSubstr("--latency: expected a latency such as 50ms"));
  EXPECT_THAT(complaint_about("unifrom(1ms,2ms)"), HasSubstr("did you mean `uniform`"));
  EXPECT_THAT(complaint_about("uniform(80ms,20ms)"), HasSubstr("the shorter latency first"));
  EXPECT_THAT(complaint_about("uniform(80ms)"), HasSubstr("two numbers"));
  EXPECT_THAT(complaint_about("uniform(20ms,80ms"), HasSubstr("closing bracket"));
  EXPECT_THAT(complaint_about("lognormal(50ms,-1)"), HasSubstr("from 0 to 3"));
  EXPECT_THAT(complaint_about("2h"), HasSubstr("at most 1h"));
  EXPECT_THAT(complaint_about(""), HasSubstr("expected a latency"));
}

std::vector<Nanos> drawn(const char* text, Kind kind, std::uint64_t seed, std::size_t count = 20'000) {
  LatencyStream stream(parse_latency(text, "x"), seed, kind);
  std::vector<Nanos> all(count);
  for (Nanos& one : all) one = stream.next(nullptr);
  return all;
}

TEST(Latency, UniformFillsItsRange) {
  const auto all = drawn("uniform(20ms,80ms)", Kind::order, 1);
  double sum = 0.0;
  for (const Nanos one : all) {
    ASSERT_GE(one, 20 * one_ms);
    ASSERT_LE(one, 80 * one_ms);
    sum += static_cast<double>(one);
  }
  EXPECT_NEAR(sum / static_cast<double>(all.size()), 50e6, 0.5e6);
}

TEST(Latency, LognormalHasItsMedianAndSpread) {
  auto all = drawn("lognormal(50ms,0.5)", Kind::order, 1);
  double squares = 0.0;
  for (const Nanos one : all) {
    const double log = std::log(static_cast<double>(one) / 50e6);
    squares += log * log;
  }
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(all.size())), 0.5, 0.01);
  std::nth_element(all.begin(), all.begin() + 10'000, all.end());
  EXPECT_NEAR(static_cast<double>(all[10'000]), 50e6, 0.75e6);
}

TEST(Latency, HasACap) {
  for (const Nanos one : drawn("lognormal(5s,3)", Kind::order, 1)) ASSERT_LE(one, 10 * one_second);
  EXPECT_EQ(drawn("30s", Kind::order, 1, 1).front(), 30 * one_second);  // but not below what was asked for
}

TEST(Latency, StreamsKnowNothingOfEachOther) {
  const auto feed = drawn("uniform(20ms,80ms)", Kind::feed, 7);
  EXPECT_EQ(feed, drawn("uniform(20ms,80ms)", Kind::feed, 7));
  EXPECT_NE(feed, drawn("uniform(20ms,80ms)", Kind::order, 7));
  EXPECT_NE(feed, drawn("uniform(20ms,80ms)", Kind::ack, 7));
  EXPECT_NE(feed, drawn("uniform(20ms,80ms)", Kind::feed, 8));
}

TEST(Latency, RecordedIsThatOfTheNewestRow) {
  LatencyStream stream(parse_latency("recorded", "x"), 1, Kind::order);
  MarketRow row{.ts_event = 1000, .ts_recv = 1700};
  EXPECT_EQ(stream.next(&row), 700);
  row.ts_recv = 900;  // clocks differ: nothing arrives before it is sent
  EXPECT_EQ(stream.next(&row), 0);
  row.ts_recv = one_day;
  EXPECT_EQ(stream.next(&row), 10 * one_second);
  EXPECT_EQ(stream.next(nullptr), 10 * one_second);
}

}  // namespace
}  // namespace millrace
