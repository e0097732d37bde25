#include "millrace/graph/kernel_call.h"

#include <algorithm>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/error.h"
#include "millrace/kernels/registry.h"
#include "tests/graph/every_kernel.h"
#include "tests/graph/random_rows.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t rows = 40'000;  // more than are loaded at once
constexpr std::uint32_t instruments = 3;

Chunk tickers() {
  Chunk chunk = testing::random_rows(rows, instruments, 11);
  std::fill(chunk.kind.begin(), chunk.kind.end(), static_cast<std::uint8_t>(Kind::ticker));
  return chunk;
}

/// Every call of the list with its outputs and, as features of their own, the values of its inputs.
struct Planned {
  std::string text;
  Expression call;
  std::size_t first_output = 0, first_input = 0;
};

/// Arrays are numbers: there, no call takes another time than the row's own.
bool takes_times(const Expression& call) {
  const bool is_of_times = find_kernel(call.name)->of_times != nullptr;
  return std::any_of(call.operands.begin(), call.operands.end(), [&](const Expression& operand) {
    return operand.name == "start" || (operand.name == "ts_event" && is_of_times);
  });
}

FeatureSet features_of(std::vector<Planned>& planned) {
  FeatureSet set{.name = "calls"};
  set.lets = {{"x", "price"},
              {"r", "log_returns(price)"},
              {"sign", "trade_sign(price, bid, ask, side)"},
              {"mid", "midprice(bid, ask)"},
              {"high", "max(bid, ask)"},
              {"low", "min(bid, ask)"},
              {"open", "bid"},
              {"close", "ask"},
              {"volume", "price*bid_size"},
              {"dmid", "diff(price)"},
              {"flow", "signed_volume(sign, bid_size)"},
              {"rate", "log_returns(price, lag=7)"},
              {"sigma", "rolling_std(r)"}};
  for (const std::string_view text : testing::calls) {
    Planned one{std::string(text), std::get<Expression>(parse_expression(text))};
    if (!why_not_callable(*find_kernel(one.call.name)).empty() || takes_times(one.call)) continue;
    one.first_output = set.features.size();
    std::erase_if(one.call.arguments, [](const Argument& argument) { return argument.name == "on"; });
    if (const auto at = one.text.find(" on=trade,"); at != std::string::npos) one.text.erase(at, 10);
    one.text.insert(one.text.size() - 1, ", on=any");
    for (const OutputInfo& output : find_kernel(one.call.name)->outputs) {
      set.features.push_back({fmt::format("f{}", set.features.size()), fmt::format("{}.{}", one.text, output.name)});
    }
    one.first_input = set.features.size();
    std::erase_if(one.call.operands, [](const Expression& operand) { return operand.name == "ts_event"; });
    for (const Expression& operand : one.call.operands) {
      set.features.push_back({fmt::format("f{}", set.features.size()), text_of(operand)});
    }
    planned.push_back(std::move(one));
  }
  return set;
}

std::uint64_t bits_of(double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return std::isnan(value) ? 0 : bits;
}

std::vector<double> by_row(const FeatureBlock& block, std::size_t feature) {
  std::vector<double> values(block.order.size());
  for (std::size_t i = 0; i < values.size(); ++i) values[block.order[i]] = block.columns[feature].number(i);
  return values;
}

/// The first inputs that are no times.
std::vector<std::string_view> names_of(const KernelInfo& kernel, std::size_t count) {
  std::vector<std::string_view> names;
  for (const InputInfo& input : kernel.inputs) {
    if (!input.is_time && names.size() < count) names.push_back(input.name);
  }
  return names;
}

TEST(KernelCall, GivesTheBitsOfTheFeatureForEveryKernelInEveryForm) {
  const Chunk chunk = tickers();
  std::vector<Planned> planned;
  Graph graph(make_plan(features_of(planned)));
  FeatureBlock block;
  graph.run(chunk, block);
  for (const Planned& one : planned) {
    const KernelInfo& kernel = *find_kernel(one.call.name);
    std::vector<std::vector<double>> inputs, outputs(kernel.outputs.size(), std::vector<double>(rows));
    KernelRows given{.count = rows, .keys = chunk.instrument, .event = chunk.ts_event, .received = chunk.ts_recv};
    for (std::size_t i = 0; i < one.call.operands.size(); ++i) inputs.push_back(by_row(block, one.first_input + i));
    given.inputs.assign(inputs.begin(), inputs.end());
    std::vector<double*> out;
    for (auto& output : outputs) out.push_back(output.data());
    KernelCall call(kernel, one.call.arguments, names_of(kernel, inputs.size()));
    call.run(given, out, [] {});
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const std::vector<double> expected = by_row(block, one.first_output + i);
      for (std::size_t row = 0; row < rows; ++row) {
        ASSERT_EQ(bits_of(outputs[i][row]), bits_of(expected[row]))
            << one.text << "." << kernel.outputs[i].name << " row " << row << ": " << outputs[i][row] << " "
            << expected[row];
      }
    }
  }
}

/// The values without nulls, or with nulls and infinities in the first rows, in the middle and near each other.
std::vector<double> with_nulls(std::vector<double> values, bool has_nulls) {
  double last = 1.0;
  for (double& value : values) value = last = std::isfinite(value) ? value : last;
  if (!has_nulls) return values;
  for (const std::size_t row : {0UL, 1UL, 5UL, 700UL, 4100UL, 4101UL, 4130UL, 9000UL, 9001UL, 12'000UL})
    values[row] = no_value;
  std::fill_n(values.begin() + 20'000, 1100, no_value);
  values[9002] = INFINITY;
  values[30'000] = -INFINITY;
  return values;
}

/// Outputs one behind the other; `step` rows a call. Keys, all the same, send the rows through the graph.
std::vector<double> values_of(KernelCall& call, const KernelRows& all, std::size_t step, bool has_keys) {
  const std::size_t outputs = call.kernel().outputs.size();
  const std::vector<InstrumentId> keys(all.count, 0);
  std::vector<double> values(outputs * all.count);
  for (std::size_t first = 0; first < all.count; first += step) {
    const std::size_t count = std::min(step, all.count - first);
    KernelRows rows{.count = count, .event = all.event.subspan(first, count)};
    for (const auto& input : all.inputs) rows.inputs.push_back(input.subspan(first, count));
    if (has_keys) rows.keys = std::span(keys).first(count);
    EXPECT_EQ(call.is_direct(rows), call.is_direct(all) && !has_keys);
    std::vector<double*> out;
    for (std::size_t i = 0; i < outputs; ++i) out.push_back(values.data() + i * all.count + first);
    call.run(rows, out, [] {});
  }
  return values;
}

TEST(KernelCall, GivesTheBitsOfTheGraphForArraysOfOneInstrument) {
  const Chunk chunk = tickers();
  std::vector<Planned> planned;
  Graph graph(make_plan(features_of(planned)));
  FeatureBlock block;
  graph.run(chunk, block);
  std::size_t direct = 0;
  for (const Planned& one : planned) {
    const KernelInfo& kernel = *find_kernel(one.call.name);
    for (const bool has_nulls : {false, true}) {
      std::vector<std::vector<double>> inputs;
      for (std::size_t i = 0; i < one.call.operands.size(); ++i) {
        inputs.push_back(with_nulls(by_row(block, one.first_input + i), has_nulls && i != 1));
      }
      KernelRows all{.count = rows, .event = chunk.ts_event};
      all.inputs.assign(inputs.begin(), inputs.end());
      const auto make = [&] { return KernelCall(kernel, one.call.arguments, names_of(kernel, inputs.size())); };
      KernelCall through_graph = make();
      if (!through_graph.is_direct(all)) continue;
      ++direct;
      const std::vector<double> expected = values_of(through_graph, all, rows, true);
      for (const std::size_t step : {rows, std::size_t{5000}, std::size_t{97}}) {
        KernelCall call = make();
        const std::vector<double> values = values_of(call, all, step, false);
        for (std::size_t i = 0; i < values.size(); ++i) {
          ASSERT_EQ(bits_of(values[i]), bits_of(expected[i]))
              << one.text << "." << kernel.outputs[i / rows].name << " row " << i % rows << " of " << step
              << (has_nulls ? " with nulls: " : ": ") << values[i] << " " << expected[i];
        }
      }
    }
  }
  EXPECT_GT(direct, 2 * 100U);
}

TEST(KernelCall, TakesAnInfinityForNoObservation) {
  const std::vector<double> prices{1.0, INFINITY, 2.0, -INFINITY, no_value, 3.0};
  std::vector<double> sums(prices.size());
  double* const out[] = {sums.data()};
  KernelCall(*find_kernel("rolling_sum"), {{"window", "2"}}, {"x"})
      .run({.count = prices.size(), .inputs = {prices}}, out, [] {});
  EXPECT_TRUE(std::isnan(sums[1]) && std::isnan(sums[3]) && std::isnan(sums[4]));
  EXPECT_EQ(sums[2], 3.0);
  EXPECT_EQ(sums[5], 5.0);
}

std::string refusal(std::string_view kernel, const std::vector<Argument>& arguments, std::size_t inputs,
                    const KernelRows& given = {}) {
  try {
    double* const out[] = {nullptr};
    KernelCall(*find_kernel(kernel), arguments, names_of(*find_kernel(kernel), inputs)).run(given, out, [] {});
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(KernelCall, SaysAllThatIsWrongInTheWordsOfTheCommandLine) {
  EXPECT_EQ(refusal("rsi", {{"period", "0"}}, 1), "rsi: period must be a whole number from 1 to 1000000, was `0`");
  EXPECT_THAT(refusal("rsi", {{"perod", "5"}}, 1),
              HasSubstr("rsi: unknown parameter `perod` (did you mean `period`?)"));
  EXPECT_THAT(refusal("ofi", {}, 3), HasSubstr("ofi takes 4 inputs (bid, ask, bid_size, ask_size), was given 3"));
  EXPECT_THAT(refusal("sma", {{"on", "trade"}}, 1), HasSubstr("sma: rows of arrays have no kind; on must be any"));
  EXPECT_EQ(why_not_callable(*find_kernel("bar_consistency")), "");
  EXPECT_THROW(KernelCall(*find_kernel("bar_consistency"), {}, {"open", "high", "low", "close", "start"}), Error);
}

TEST(KernelCall, RefusesRowsThatDoNotFit) {
  const std::vector<double> two(2), three(3);
  const std::vector<Nanos> early{5, -1};
  EXPECT_EQ(refusal("midprice", {}, 2, {.count = 2, .inputs = {two, three}}),
            "midprice: ask has 3 rows; expected 2 as in bid");
  EXPECT_THAT(refusal("sma", {{"window", "10s"}}, 1, {.count = 2, .inputs = {two}}), HasSubstr("expected `ts`"));
  EXPECT_THAT(refusal("sma", {}, 1, {.count = 2, .inputs = {two}, .event = early}), HasSubstr("ts[1] is -1 ns"));
  const std::vector<InstrumentId> keys{0, 4'000'000'000};
  EXPECT_THAT(refusal("sma", {}, 1, {.count = 2, .inputs = {two}, .keys = keys}), HasSubstr("by names 4000000001"));
}

TEST(KernelCall, CanBeStoppedBetweenItsChunks) {
  const std::vector<double> values(rows);
  std::vector<double> sums(rows);
  double* const out[] = {sums.data()};
  int asked = 0;
  const auto stop = [&] {
    if (++asked == 2) fail(Fault::interrupted, "stopped");
  };
  EXPECT_THROW(KernelCall(*find_kernel("sma"), {}, {"x"}).run({.count = rows, .inputs = {values}}, out, stop), Error);
}

}  // namespace
}  // namespace millrace
