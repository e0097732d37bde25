#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/engine/config.h"
#include "millrace/graph/plan.h"
#include "millrace/kernels/registry.h"

/// Holds the shipped feature sets against their table, `tests/features/default-100.txt`.
namespace millrace {
namespace {

/// One column of the table.
struct Row {
  std::size_t number = 0;
  std::string name, profile, type, unit, warmup, expression;
};

/// One requirement, and the numbers of the columns that answer it.
struct Asked {
  std::string group, what;
  std::vector<std::size_t> columns;
};

struct Table {
  std::vector<Row> rows;
  std::vector<Definition> lets;
  std::vector<std::size_t> compat;  // compat-27 in its own order
  std::vector<Asked> asked;
};

/// Splits at two or more blanks.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find("  ", at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = std::min(line.find_first_not_of(' ', end), line.size());
  }
  return fields;
}

std::vector<std::size_t> numbers_of(const std::string& text) {
  std::vector<std::size_t> numbers;
  std::istringstream words(text);
  for (std::size_t number = 0; words >> number;) numbers.push_back(number);
  return numbers;
}

Table read_table() {
  const std::string path = std::string(MILLRACE_SOURCE_DIR) + "/tests/features/default-100.txt";
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  Table table;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::vector<std::string> f = fields_of(line);
    if (f[0] == "let") {
      table.lets.push_back({.name = f.at(1), .expression = f.at(2)});
    } else if (f[0] == "compat") {
      table.compat = numbers_of(f.at(1));
    } else if (f[0] == "asked") {
      table.asked.push_back({f.at(1), f.at(2), numbers_of(f.at(3))});
    } else {
      table.rows.push_back({std::stoul(f.at(0)), f.at(1), f.at(2), f.at(3), f.at(4), f.at(5), f.at(6)});
    }
  }
  return table;
}

const Table& table() {
  static const Table table = read_table();
  return table;
}

/// Rows of the profiles named by `letters`, in the table's order.
std::vector<Row> rows_of(const std::string& letters) {
  std::vector<Row> rows;
  for (const Row& row : table().rows) {
    if (letters.find(row.profile) != std::string::npos) rows.push_back(row);
  }
  return rows;
}

void expect_profile(const std::string& name, const std::vector<Row>& rows) {
  const FeatureSet set = load_profile(name);
  EXPECT_EQ(set.name, name);
  ASSERT_EQ(set.features.size(), rows.size());
  const auto plan = make_plan(set);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Definition& feature = set.features[i];
    EXPECT_EQ(feature.name, rows[i].name);
    EXPECT_EQ(feature.expression, rows[i].expression) << feature.name;
    EXPECT_EQ(feature.unit, rows[i].unit) << feature.name;
    EXPECT_EQ(feature.warmup, rows[i].warmup) << feature.name;
    EXPECT_EQ(plan->features[i].type, rows[i].type == "int8" ? ValueType::flag : ValueType::number) << feature.name;
  }
}

TEST(ProfileTable, HasTheCountsOfTheThreeProfiles) {
  EXPECT_EQ(rows_of("C").size(), 27U);
  EXPECT_EQ(rows_of("CL").size(), 36U);
  EXPECT_EQ(rows_of("CLD").size(), 100U);
  for (std::size_t i = 0; i < table().rows.size(); ++i) EXPECT_EQ(table().rows[i].number, i + 1);
}

TEST(ProfileTable, IsDefault100) {
  expect_profile("default-100", rows_of("CLD"));
  const FeatureSet set = load_profile("default-100");
  ASSERT_EQ(set.lets.size(), table().lets.size());
  for (std::size_t i = 0; i < set.lets.size(); ++i) {
    EXPECT_EQ(set.lets[i].name, table().lets[i].name);
    EXPECT_EQ(set.lets[i].expression, table().lets[i].expression);
  }
}

TEST(ProfileTable, IsListed36WhereItSaysCOrL) { expect_profile("listed-36", rows_of("CL")); }

TEST(ProfileTable, IsCompat27InThePredecessorsOrder) {
  std::vector<Row> rows;
  std::set<std::size_t> numbers;
  for (const std::size_t number : table().compat) {
    rows.push_back(table().rows.at(number - 1));
    EXPECT_EQ(rows.back().profile, "C") << rows.back().name;
    numbers.insert(number);
  }
  EXPECT_EQ(numbers.size(), 27U);
  expect_profile("compat-27", rows);
}

TEST(ProfileTable, FlagsAreTheFiveOfTheSpecification) {
  std::set<std::string> flags;
  for (const Row& row : table().rows) {
    if (row.type == "int8") flags.insert(row.name);
  }
  EXPECT_THAT(flags, testing::ElementsAre("book_state", "cusum_alarm", "is_stale", "outlier_flag", "trade_sign"));
}

TEST(ProfileTable, ResolvesToThePlanOfTheProfile) {
  FeatureSet set{.name = "default-100", .file = "default-100.txt", .lets = table().lets};
  for (const Row& row : table().rows) set.features.push_back({.name = row.name, .expression = row.expression});
  const auto plan = make_plan(set);
  EXPECT_EQ(plan->fingerprint, make_plan(load_profile("default-100"))->fingerprint);
  for (const Node& node : plan->nodes) {
    if (node.type != Node::Type::kernel) continue;
    EXPECT_EQ(node.kernel, find_kernel(node.kernel->doc.name));
  }
}

TEST(ProfileTable, AnswersEveryRequirementByAColumnOfListed36) {
  EXPECT_EQ(table().asked.size(), 31U);
  std::vector<std::pair<std::string, int>> groups;
  for (const Asked& one : table().asked) {
    if (groups.empty() || groups.back().first != one.group) groups.emplace_back(one.group, 0);
    ++groups.back().second;
    ASSERT_FALSE(one.columns.empty()) << one.what;
    for (const std::size_t number : one.columns) ASSERT_LE(number, 100U) << one.what;
    EXPECT_NE(table().rows[one.columns[0] - 1].profile, "D") << one.what;
  }
  EXPECT_THAT(groups, testing::ElementsAre(testing::Pair("Price", 5), testing::Pair("Microstructure", 7),
                                           testing::Pair("Volatility", 4), testing::Pair("Momentum", 8),
                                           testing::Pair("Statistical", 3), testing::Pair("Risk", 4)));
}

}  // namespace
}  // namespace millrace
