#include "millrace/base/time.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace millrace {
namespace {

struct Written {
  std::string text;
  Nanos time;
};

TEST(Time, IsReadAsRfc3339) {
  const std::vector<Written> cases{
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01", 0},
      {"1969-12-31T23:59:59.999999999Z", -1},
      {"2026-11-22T10:00:00Z", 1'795'341'600 * one_second},
      {"2026-11-22 10:00:00z", 1'795'341'600 * one_second},
      {"2026-11-22t12:30:00+02:30", 1'795'341'600 * one_second},
      {"2026-11-22T05:00:00-0500", 1'795'341'600 * one_second},
      {"2026-11-22T10:00:00.5Z", 1'795'341'600 * one_second + 500'000'000},
      {"2026-11-22T10:00:00.000000001Z", 1'795'341'600 * one_second + 1},
      {"2024-02-29", 1'709'164'800 * one_second},
      {"2016-12-31T23:59:60Z", 1'483'228'800 * one_second},  // a leap second is the next day's first
  };
  for (const auto& [text, time] : cases) EXPECT_EQ(parse_time(text), time) << text;
}

TEST(Time, ThatDoesNotExistOrIsCutIsRefused) {
  const std::vector<std::string> cases{
      "",
      "2026",
      "2026-11",
      "2026-13-01",
      "2026-00-01",
      "2025-02-29",
      "2026-11-22T",
      "2026-11-22T10:00",
      "2026-11-22T10:00:00",
      "2026-11-22T24:00:00Z",
      "2026-11-22T10:60:00Z",
      "2026-11-22T10:00:61Z",
      "2026-11-22T10:00:00.Z",
      "2026-11-22T10:00:00.1234567890Z",
      "2026-11-22T10:00:00+2400",
      "2026-11-22T10:00:00Zx",
      "2026-11-22T10:00:00+",
      " 2026-11-22",
      "1677-12-31",
      "2262-01-01",
      "20261122",
      "+026-11-22",
  };
  for (const std::string& text : cases) EXPECT_EQ(parse_time(text), std::nullopt) << text;
}

TEST(Time, IsPrintedAsItIsRead) {
  EXPECT_EQ(format_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(-1), "1969-12-31T23:59:59.999999999Z");
  EXPECT_EQ(format_time(no_time), "null");
  for (const Nanos time :
       {Nanos{1'795'341'600'123'456'789}, -86'400 * one_second, Nanos{1}, 9'000'000'000 * one_second}) {
    EXPECT_EQ(parse_time(format_time(time)), time);
  }
}

TEST(Time, AtBothEndsIsPrinted) {
  EXPECT_EQ(format_time(INT64_MAX), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(format_time(INT64_MIN + 1), "1677-09-21T00:12:43.145224193Z");
}

TEST(Duration, IsReadWithItsUnit) {
  const std::vector<Written> cases{{"1ns", 1},
                                   {"500us", 500'000},
                                   {"500ms", 500'000'000},
                                   {"10s", 10 * one_second},
                                   {"1.5s", 1'500'000'000},
                                   {"0.1s", 100'000'000},
                                   {"5m", 300 * one_second},
                                   {"1h", 3600 * one_second},
                                   {"1d", one_day},
                                   {"1e3s", 1000 * one_second}};
  for (const auto& [text, length] : cases) EXPECT_EQ(parse_duration(text), length) << text;
  for (const std::string text : {"", "s", "10", "0s", "-1s", "1x", "1 s", "1s ", "1.5ns", "infs", "nans", "1e30d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, IsPrintedShortAndExact) {
  EXPECT_EQ(format_duration(90 * one_second), "90s");
  EXPECT_EQ(format_duration(3600 * one_second), "1h");
  EXPECT_EQ(format_duration(2 * one_day), "2d");
  EXPECT_EQ(format_duration(1'500'000'000), "1500ms");
  EXPECT_EQ(format_duration(1), "1ns");
  for (const Nanos length : {Nanos{1}, Nanos{1'001}, 61 * one_second, 25 * 3600 * one_second}) {
    EXPECT_EQ(parse_duration(format_duration(length)), length);
  }
}

}  // namespace
}  // namespace millrace
