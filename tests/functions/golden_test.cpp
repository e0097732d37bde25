#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include <gmock/gmock.h>

#include "millrace/base/error.h"
#include "tests/functions/function_call.h"

namespace millrace::testing {
namespace {

/// A row of a golden file: inputs and expected outputs by name, as words.
struct Golden {
  std::string id, call;
  std::vector<std::pair<std::string, std::string>> inputs, expected;
};

std::vector<std::pair<std::string, std::string>> named(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> list;
  for (const std::string_view part : split(text, ';')) {
    const std::size_t equals = part.find('=');
    list.emplace_back(trimmed(part.substr(0, equals)), trimmed(part.substr(equals + 1)));
  }
  return list;
}

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  for (const auto& file : std::filesystem::directory_iterator(MILLRACE_SOURCE_DIR "/tests/golden/functions")) {
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] == '#') continue;
      const auto fields = split(line, '|');
      EXPECT_EQ(fields.size(), 5U) << line;
      all.push_back({std::string(trimmed(fields.at(0))), std::string(trimmed(fields.at(1))), named(fields.at(2)),
                     named(fields.at(3))});
    }
  }
  return all;
}

void expect_near(double expected, double actual, const std::string& where) {
  if (std::isnan(expected) || std::isnan(actual)) {
    EXPECT_EQ(std::isnan(expected), std::isnan(actual)) << where << ": expected " << expected << ", was " << actual;
  } else {
    EXPECT_LE(std::abs(actual - expected), expected == 0.0 ? 1e-15 : 1e-11 * std::abs(expected))
        << where << ": expected " << expected << ", was " << actual;
  }
}

/// All elements, or, of a vector by events, the last one.
void expect_output(const ResultInfo& info, const std::string& words, const ResultValue& value) {
  if (info.type == ElementType::text) {
    EXPECT_EQ(value.text, words == "null" ? "" : words);
    return;
  }
  std::vector<std::string> expected;
  for (const std::string_view row : split(words, '/')) {
    for (const std::string_view word : split(trimmed(row), ' ')) expected.emplace_back(word);
  }
  const std::size_t size = value.rows * value.columns;
  const std::size_t from = info.rank == Rank::vector && expected.size() == 1 ? size - 1 : 0;
  ASSERT_EQ(expected.size(), size - from) << info.name;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::string where = std::string(info.name) + " at " + std::to_string(i);
    if (info.type == ElementType::number) {
      expect_near(expected[i] == "null" ? no_value : std::stod(expected[i]), value.numbers[from + i], where);
    } else if (info.type == ElementType::time) {
      EXPECT_EQ(format_time(value.integers[from + i]), expected[i]) << where;
    } else {
      EXPECT_EQ(value.integers[from + i], std::stoll(expected[i])) << where;
    }
  }
}

TEST(FunctionGolden, EveryRowHolds) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.id + " " + golden.call);
    FunctionCall call(golden.call);
    ASSERT_EQ(call.wrong(), "");
    for (const auto& [name, words] : golden.inputs) call.give_words(name, words);
    const std::vector<ResultValue> results = call.run();
    for (const auto& [name, words] : golden.expected) {
      const std::size_t output = call.output_number(name);
      expect_output(call.function().outputs[output], words, results[output]);
    }
  }
}

/// The words of an input with one of them replaced by null, for each in turn; at last no words at all.
std::vector<std::string> with_nulls(const std::string& words) {
  std::vector<std::string> variants;
  const std::vector<std::string_view> parts = split(words, ' ');
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (parts[at] == "/") continue;
    std::string variant;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      variant += (i == 0 ? "" : " ") + std::string(i == at ? "null" : parts[i]);
    }
    variants.push_back(variant);
  }
  variants.emplace_back();
  return variants;
}

/// Every result has the shape that its ranks promise, and is the same the second time.
void expect_sound(const FunctionCall& call) {
  std::vector<ResultValue> results;
  try {
    results = call.run();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::config);
    EXPECT_THAT(error.what(), ::testing::StartsWith(std::string(call.function().doc.name) + ": "));
    return;
  }
  const std::vector<ResultValue> again = call.run();
  for (std::size_t i = 0; i < results.size(); ++i) {
    const ResultInfo& info = call.function().outputs[i];
    const std::size_t held = info.type == ElementType::number ? results[i].numbers.size() : results[i].integers.size();
    EXPECT_EQ(held, info.type == ElementType::text ? 0 : results[i].rows * results[i].columns) << info.name;
    EXPECT_TRUE(info.rank == Rank::matrix || results[i].columns == 1) << info.name;
    ASSERT_EQ(results[i].numbers.size(), again[i].numbers.size());
    for (std::size_t j = 0; j < results[i].numbers.size(); ++j) {
      EXPECT_FALSE(std::isinf(results[i].numbers[j])) << info.name;
      EXPECT_EQ(std::memcmp(&results[i].numbers[j], &again[i].numbers[j], sizeof(double)), 0) << info.name;
    }
    EXPECT_EQ(results[i].integers, again[i].integers);
    EXPECT_EQ(results[i].text, again[i].text);
  }
}

TEST(FunctionGolden, NullsAnywhereAndEmptyInputsGiveResultsOrAClearError) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.id + " " + golden.call);
    for (const auto& [name, words] : golden.inputs) {
      for (const std::string& variant : with_nulls(words)) {
        FunctionCall call(golden.call);
        for (const auto& [other, plain] : golden.inputs) call.give_words(other, other == name ? variant : plain);
        expect_sound(call);
      }
    }
    FunctionCall call(golden.call);  // vectors without elements, where that is a shape
    for (const auto& [name, words] : golden.inputs) call.give_words(name, call.is_scalar(name) ? words : "");
    expect_sound(call);
  }
}

TEST(FunctionGolden, EveryFunctionHasARow) {
  std::set<std::string, std::less<>> called;
  for (const Golden& golden : goldens()) called.insert(golden.call.substr(0, golden.call.find('(')));
  for (const FunctionKernel* function : all_function_kernels()) {
    if (is_row_of_a_stream(*function)) continue;  // it has its golden rows there
    EXPECT_TRUE(called.contains(function->doc.name)) << function->doc.name;
  }
}

}  // namespace
}  // namespace millrace::testing
