#include "millrace/chunk/ledger.h"

#include <cmath>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace millrace {
namespace {

Place at(std::uint16_t source, std::uint64_t row) {
  Place place;
  place.source = source;
  place.row = row & 0xffff'ffff'ffffU;
  return place;
}

TEST(Ledger, CountsAReasonWithItsFirstAndLastPlaceAndASample) {
  Ledger ledger;
  EXPECT_EQ(ledger.add_source("a.csv"), 0);
  EXPECT_EQ(ledger.add_source("b.csv"), 1);
  ledger.add_rows(100);
  ledger.note(Reason::bad_price, at(0, 17), -1.5);
  ledger.note(Reason::bad_price, at(0, 18), 0.0);
  ledger.note(Reason::bad_price, at(1, 2), INFINITY);
  EXPECT_EQ(ledger[Reason::bad_price].count, 3U);
  EXPECT_EQ(ledger.text_of(ledger[Reason::bad_price].first), "a.csv:17");
  EXPECT_EQ(ledger.text_of(ledger[Reason::bad_price].last), "b.csv:2");
  EXPECT_EQ(ledger[Reason::bad_price].sample, "-1.5");
  EXPECT_EQ(ledger.text_of(at(9, 3)), "row 3");
}

TEST(Ledger, FirstAndLastAreThoseOfTheInputHoweverLateTheyAreNoted) {
  Ledger ledger;
  ledger.note(Reason::bad_quote, at(0, 10), -10.0);
  ledger.note(Reason::bad_quote, at(0, 12), -12.0);
  ledger.note(Reason::bad_quote, at(0, 5), -5.0);
  ledger.note(Reason::bad_quote, at(0, 5), -6.0);
  EXPECT_EQ(ledger[Reason::bad_quote].first.row, 5U);
  EXPECT_EQ(ledger[Reason::bad_quote].last.row, 12U);
  EXPECT_EQ(ledger[Reason::bad_quote].sample, "-5");
}

TEST(Ledger, CutsLongSamples) {
  Ledger ledger;
  ledger.note(Reason::unparsable_row, at(0, 1), std::string(1000, 'x'));
  EXPECT_EQ(ledger[Reason::unparsable_row].sample.size(), 120U);
}

TEST(Ledger, AddsUpConsequencesAndTheBadShare) {
  Ledger ledger;
  EXPECT_EQ(ledger.bad_share(), 0.0);
  ledger.note(Reason::unparsable_time, at(0, 1));
  EXPECT_EQ(ledger.bad_share(), 1.0);  // nothing could be read
  ledger.add_rows(10);
  ledger.note(Reason::bad_number, at(0, 2), -1.0);
  ledger.note(Reason::late, at(0, 3));
  ledger.note(Reason::before_from, at(0, 4));
  EXPECT_EQ(ledger.total(Consequence::rejected), 1U);
  EXPECT_EQ(ledger.total(Consequence::repaired), 1U);
  EXPECT_EQ(ledger.total(Consequence::marked), 1U);
  EXPECT_EQ(ledger.total(Consequence::filtered), 1U);
  EXPECT_EQ(ledger.bad_share(), 0.2);
}

TEST(Ledger, PrintsWhatWasNoted) {
  Ledger ledger;
  EXPECT_EQ(ledger.to_json(), R"({"rows_read":0,"reasons":[]})");
  ledger.add_source("a \"b\".csv");
  ledger.add_rows(2);
  ledger.note(Reason::unparsable_row, at(0, 2), "x\ty");
  EXPECT_EQ(ledger.to_json(),
            R"({"rows_read":2,"reasons":[{"reason":"unparsable_row","consequence":"rejected","count":1,)"
            R"("first":"a \"b\".csv:2","last":"a \"b\".csv:2","sample":"x\ty"}]})");
}

TEST(Ledger, KeepsCountingFilesBeyondItsLimit) {
  Ledger ledger;
  for (int i = 0; i < 70'000; ++i) ledger.add_source("f" + std::to_string(i));
  EXPECT_EQ(ledger.add_source("last"), UINT16_MAX - 1);
  EXPECT_EQ(ledger.text_of(at(UINT16_MAX - 1, 1)), "f65534:1");
}

TEST(Ledger, EveryReasonHasItsOwnName) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const ReasonInfo& about = info(static_cast<Reason>(i));
    EXPECT_FALSE(about.name.empty() || about.meaning.empty()) << i;
    names.insert(about.name);
  }
  EXPECT_EQ(names.size(), reason_count);
}

}  // namespace
}  // namespace millrace
