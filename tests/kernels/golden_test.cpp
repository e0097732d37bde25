#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "millrace/base/text.h"
#include "millrace/kernels/microstructure/vpin.h"
#include "millrace/kernels/risk/evt_pot_var.h"
#include "tests/kernels/five_ways.h"

namespace millrace::testing {
namespace {

/// A row of a golden file. Lists are by row of the input; a single value is the last row's.
struct Golden {
  std::string id, call;
  std::map<std::string, std::vector<double>> inputs, expected;
};

std::vector<std::string> parts_of(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text + separator) {
    if (c != separator) {
      part += c;
      continue;
    }
    const std::size_t from = part.find_first_not_of(' ');
    if (from != std::string::npos) parts.push_back(part.substr(from, part.find_last_not_of(' ') - from + 1));
    part.clear();
  }
  return parts;
}

std::map<std::string, std::vector<double>> lists_of(const std::string& text) {
  std::map<std::string, std::vector<double>> lists;
  for (const std::string& list : parts_of(text, ';')) {
    const std::size_t equals = list.find('=');
    for (const std::string& word : parts_of(list.substr(equals + 1), ' ')) {
      lists[list.substr(0, equals)].push_back(word == "null" ? no_value : std::stod(word));
    }
  }
  return lists;
}

std::vector<Golden> goldens() {
  std::vector<Golden> all;
  for (const auto& file : std::filesystem::directory_iterator(MILLRACE_SOURCE_DIR "/tests/golden")) {
    if (file.path().extension() != ".txt") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      if (line.empty() || line[0] == '#') continue;
      const auto fields = parts_of(line, '|');
      EXPECT_EQ(fields.size(), 5U) << line;
      all.push_back({fields.at(0), fields.at(1), lists_of(fields.at(2)), lists_of(fields.at(3))});
    }
  }
  return all;
}

Series series_of(const Golden& golden, const Call& call) {
  const KernelInfo& kernel = *call.kernel;
  Series series;
  for (const InputInfo& input : kernel.inputs) {
    const bool is_time = &input == kernel.inputs.data() && call.is_of_time();
    const auto found = golden.inputs.find(is_time ? "ts_event" : std::string(input.name));
    series.inputs.push_back(found == golden.inputs.end() ? std::vector<double>{} : found->second);
    EXPECT_TRUE(input.is_optional || !series.inputs.back().empty()) << golden.id << " lacks " << input.name;
  }
  const std::size_t rows = series.inputs.at(0).size();
  const auto ts = golden.inputs.find("ts");
  for (std::size_t row = 0; row < rows; ++row) {
    series.clock.push_back(
        std::llround((ts == golden.inputs.end() ? static_cast<double>(row) : ts->second[row]) * 1e9));
  }
  series.seen.assign(rows, observed);
  for (std::size_t i = 0; i < kernel.inputs.size(); ++i) {  // times in seconds, identifiers as they are
    for (double& value : series.inputs[i]) {
      const bool is_time = kernel.inputs[i].is_time || (i == 0 && call.is_of_time());
      if (is_time) value = Cell(std::isnan(value) ? no_time : static_cast<Nanos>(std::llround(value * 1e9))).slot;
      if (kernel.inputs[i].is_id && !is_time)
        value = Cell(std::isnan(value) ? no_time : static_cast<Nanos>(value)).slot;
    }
  }
  const auto seen = golden.inputs.find("seen");
  for (std::size_t row = 0; row < rows && seen != golden.inputs.end(); ++row) {
    if (seen->second[row] == 0.0) series.seen[row] = unobserved;
  }
  for (std::size_t i = 0; i < kernel.inputs.size() && kernel.is_cross; ++i) {
    const auto fresh = golden.inputs.find("fresh_" + std::string(kernel.inputs[i].name));
    series.fresh.push_back(series.seen);
    for (std::size_t row = 0; row < rows && fresh != golden.inputs.end(); ++row) {
      series.fresh.back()[row] = fresh->second[row] == 0.0 ? unobserved : observed;
    }
  }
  return series;
}

void expect_near(double expected, double actual, const std::string& where) {
  if (std::isnan(expected) || std::isnan(actual)) {
    EXPECT_EQ(std::isnan(expected), std::isnan(actual)) << where << ": expected " << expected << ", was " << actual;
  } else {
    EXPECT_LE(std::abs(actual - expected), expected == 0.0 ? 1e-15 : 1e-11 * std::abs(expected))
        << where << ": expected " << expected << ", was " << actual;
  }
}

TEST(Golden, EveryRowHoldsInAllWaysOfPlaying) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.id + " " + golden.call);
    const Call call = make_call(golden.call);
    ASSERT_EQ(call.wrong, "");
    const Series series = series_of(golden, call);
    const Outputs out = as_numbers(*call.kernel, play_five_ways(call, series));
    for (const auto& [name, values] : golden.expected) {
      std::size_t output = 0;
      while (output < out.size() && call.kernel->outputs[output].name != name) ++output;
      ASSERT_LT(output, out.size()) << name;
      const std::size_t from = values.size() == series.rows() ? 0 : series.rows() - 1;
      ASSERT_TRUE(from == 0 || values.size() == 1);
      for (std::size_t i = 0; i < values.size(); ++i) {
        expect_near(values[i], out[output][from + i], name + " at row " + std::to_string(from + i));
      }
    }
  }
}

TEST(Golden, EveryKernelHasARow) {
  std::set<std::string, std::less<>> called;
  for (const Golden& golden : goldens()) called.insert(golden.call.substr(0, golden.call.find('(')));
  for (const KernelInfo* kernel : all_kernels()) EXPECT_TRUE(called.contains(kernel->doc.name)) << kernel->doc.name;
}

// MS-8 of the spec: the share of a bar that counts as bought.
TEST(Vpin, BulkShareIsTheNormalDistribution) {
  EXPECT_NEAR(10.0 * Vpin::bulk_share(0.5, 1.0), 6.914624612740131, 6.9e-11);
  EXPECT_NEAR(10.0 * (1.0 - Vpin::bulk_share(0.5, 1.0)), 3.085375387259869, 3.1e-11);
}

// RK-6 and RK-7 of the spec.
TEST(EvtPotVar, TailFormulasAndFitAreThoseOfTheGeneralisedPareto) {
  const auto [var, es] = EvtPotVar::tail_values(2.0, {.xi = 0.25, .beta = 1.0}, 50.0 / 1000.0, 0.99);
  EXPECT_NEAR(var, 3.981395124884882, 4e-11);
  EXPECT_NEAR(es, 5.97519349984651, 6e-11);
  const double exceedances[] = {0.2, 0.5, 0.9, 1.6, 3.1};
  const EvtPotVar::Pareto fit = EvtPotVar::fit(exceedances, 5, 0.0);
  EXPECT_NEAR(fit.xi, -0.0076481835564053535, 1e-13);
  EXPECT_NEAR(fit.beta, 1.2696367112810707, 1.3e-11);
}

// MO-11 of the spec.
TEST(BollingerBands, WidthDoesNotCancelAtABillion) {
  const Call call = make_call("bollinger_bands(x, window=5, k=2)");
  Series series{.inputs = {{1e9 + 20, 1e9 + 21, 1e9 + 22, 1e9 + 21, 1e9 + 26}},
                .clock = {0, 1, 2, 3, 4},
                .seen = std::vector<std::uint8_t>(5, observed)};
  const Outputs out = play_five_ways(call, series);
  EXPECT_NEAR(out[1][4] - out[0][4], 4.1952353926806065, 1e-6);
  EXPECT_NEAR(out[1][4] - out[2][4], 8.390470785361213, 1e-6);
  EXPECT_NEAR(out[3][4], 0.9767312946227962, 1e-11);
}

}  // namespace
}  // namespace millrace::testing
