#include "millrace/graph/table_file.h"

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "millrace/graph/plan.h"
#include "tests/io/files.h"

namespace millrace {
namespace {

using testing::HasSubstr;

std::string problem_of(std::string_view text) {
  const auto read = parse_table(text, "t.csv");
  const auto* problem = std::get_if<std::string>(&read);
  return problem == nullptr ? "" : *problem;
}

TEST(TableFile, ReadsCellsInAnyOrder) {
  const auto read = parse_table("# fitted\r\ni,s,g\r\n 1, 2, -0.5\r\n\r\n0,1,1e-3\n", "t.csv");
  ASSERT_TRUE(std::holds_alternative<Table>(read));
  const Table& table = std::get<Table>(read);
  EXPECT_EQ(table.rows, 2);
  EXPECT_EQ(table.columns, 2);
  EXPECT_EQ(table.at(1, 2), -0.5);
  EXPECT_EQ(table.at(0, 1), 1e-3);
  EXPECT_FALSE(has_value(table.at(0, 2)));
  EXPECT_EQ(text_of(table), "i,s,g\n0,1,0.001\n1,2,-0.5\n");
}

TEST(TableFile, SaysFileAndLine) {
  EXPECT_EQ(problem_of(""), "t.csv:0: expected `i,s,g` and its cells, was the end");
  EXPECT_EQ(problem_of("i,s,g\n"), "t.csv:2: expected `i,s,g` and its cells, was the end");
  EXPECT_EQ(problem_of("\n0,1,2\n"), "t.csv:2: expected the header `i,s,g`, was `0,1,2`");
  EXPECT_EQ(problem_of("i,s,g\n0,1,0\n0,1,0\n"), "t.csv:3: expected each cell once, was i=0, s=1 again");
  for (const std::string_view line : {"0,0,1", "-1,1,1", "0,1000,1", "0,1", "0,1,2,3", "0,1,x", "0,1,inf", "0.5,1,1"}) {
    EXPECT_EQ(problem_of("i,s,g\n" + std::string(line)),
              "t.csv:2: expected i from 0 to 999, s from 1 to 999 and a number g, was `" + std::string(line) + "`");
  }
}

class TableInAPlan : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) const { return folder.write(name, text); }
  static std::shared_ptr<const Plan> plan_of(const std::string& path) {
    return make_plan({.name = "test",
                      .features = {{"x", "microprice(bid, ask, bid_size, ask_size, method=stoikov, tick=0.01, table='" +
                                             path + "')"}}});
  }
  static std::string error_of(const std::string& path) {
    try {
      plan_of(path);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::config);
      return error.what();
    }
    return "no error";
  }
  tests::Folder folder;  // of this test alone: others run beside it
};

TEST_F(TableInAPlan, CountsByItsContent) {
  const std::string one = write("one.csv", "i,s,g\n0,1,0.5\n"), same = write("same.csv", "i,s,g\n0,1,0.5\n");
  const std::uint64_t before = plan_of(one)->fingerprint;
  EXPECT_EQ(plan_of(same)->fingerprint, before);
  write("one.csv", "i,s,g\n0,1,0.25\n");
  EXPECT_NE(plan_of(one)->fingerprint, before);
}

TEST_F(TableInAPlan, SaysWhereAFileIsWrong) {
  EXPECT_THAT(error_of(write("bad.csv", "i,s,g\n0,1,0\n0,2,\n")), HasSubstr("bad.csv:3: expected i from 0"));
  EXPECT_THAT(error_of(folder.path("absent.csv")), HasSubstr("absent.csv: expected a file, was No such file"));
  EXPECT_THAT(error_of(folder.path()), HasSubstr("expected a file, was something else"));
  EXPECT_THAT(error_of(write("long.csv", std::string(longest_table_file + 1, '#'))),
              HasSubstr("at most 1048576 bytes"));
}

}  // namespace
}  // namespace millrace
