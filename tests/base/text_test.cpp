#include "millrace/base/text.h"

#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Text, IsSplitAtEverySeparator) {
  EXPECT_THAT(split("a,b,c", ','), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split("a", ','), ElementsAre("a"));
  EXPECT_THAT(split(",", ','), ElementsAre("", ""));
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), IsEmpty());
}

TEST(Text, IsTrimmedAtBothEnds) {
  EXPECT_EQ(trimmed(" \t a b\r\n"), "a b");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
}

TEST(Number, IsReadFromTheWholeText) {
  EXPECT_EQ(parse_number("1e-5"), 1e-5);
  EXPECT_EQ(parse_number("-3.5"), -3.5);
  EXPECT_EQ(parse_number("+7"), 7.0);
  EXPECT_EQ(parse_integer("-42"), -42);
  EXPECT_EQ(parse_integer("+42"), 42);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const std::string text : {"", "+", "-", "+-5", "++5", " 1", "1 ", "1x", "0x10", "1e999"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_integer("1.0"), std::nullopt);
  EXPECT_EQ(parse_integer("9223372036854775808"), std::nullopt);
}

TEST(Number, IsPrintedAsTheShortestThatReadsBack) {
  EXPECT_EQ(format_number(0.1), "0.1");
  EXPECT_EQ(format_number(100.0), "100");
  for (const double value : {1.0 / 3.0, 5e-324, 1.7976931348623157e308, -0.30000000000000004}) {
    EXPECT_EQ(parse_number(format_number(value)), value);
  }
}

TEST(Nearest, IsWithinAThirdOfTheLetters) {
  const std::vector<std::string_view> names{"ewma", "ema", "rolling_zscore", "rsi"};
  EXPECT_EQ(nearest("ewna", names), "ewma");
  EXPECT_EQ(nearest("roling_zscores", names), "rolling_zscore");
  EXPECT_EQ(nearest("rsy", names), "rsi");
  EXPECT_EQ(nearest("midprice", names), "");
  EXPECT_EQ(nearest("x", {}), "");
  EXPECT_EQ(nearest(std::string(100'000, 'e'), names), "");
  EXPECT_EQ(did_you_mean("ewna", names), " (did you mean `ewma`?)");
  EXPECT_EQ(did_you_mean("midprice", names), "");
}

TEST(Nearest, TakesNoTimeForAMonstrousWord) {
  const std::string word(64 * 1024, 'a');
  std::vector<std::string_view> names(1000, "rolling_zscore");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(nearest(word, names), "");
}

TEST(Json, QuotesEveryCharacter) {
  EXPECT_EQ(json_quoted("a\"b\\c\n\r\t\x01é"), R"("a\"b\\c\n\r\t\u0001é")");
  EXPECT_EQ(json_quoted(""), R"("")");
  EXPECT_EQ(json_quoted("€😀"), "\"€😀\"");
  EXPECT_EQ(json_quoted("a\xff\xc3"), R"("a\ufffd\ufffd")");                              // no character
  EXPECT_EQ(json_quoted("\xe2\x82"), R"("\ufffd\ufffd")");                                // cut
  EXPECT_EQ(json_quoted("\xc0\xaf\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd\ufffd\ufffd")");  // overlong, surrogate
}

}  // namespace
}  // namespace millrace
