#include <set>

#include "tests/kernels/calls.h"
#include "tests/kernels/five_ways.h"
#include "tests/kernels/random_series.h"

namespace millrace::testing {
namespace {

TEST(Laws, EveryFormOfEveryKernelIsCalled) {
  std::set<const FormInfo*> called;
  for (const char* text : calls) {
    const Call call = make_call(text);
    ASSERT_EQ(call.wrong, "");
    called.insert(call.parameters.form);
  }
  for (const KernelInfo* kernel : all_kernels()) {
    for (const FormInfo* form : {kernel->rows, kernel->time, kernel->expanding, kernel->of_times}) {
      EXPECT_TRUE(form == nullptr || called.contains(form)) << kernel->doc.name;
    }
  }
}

TEST(Laws, ChunksKeysSnapshotsAndFastPathsDoNotChangeABit) {
  for (const char* text : calls) {
    const Call call = make_call(text);
    for (const Market market : markets) {
      SCOPED_TRACE(std::string(text) + ", market " + std::to_string(static_cast<int>(market)));
      play_five_ways(call, random_series(call, market, 700, 1, 0.05));
      play_five_ways(call, random_series(call, market, 400, 2, 0.0));
    }
  }
}

TEST(Laws, APrefixOfTheRowsGivesAPrefixOfTheValues) {
  for (const char* text : calls) {
    SCOPED_TRACE(text);
    const Call call = make_call(text);
    const Series series = random_series(call, Market::price_of_60000, 500, 3, 0.02);
    const Outputs whole = play(call, series, series.rows());
    for (std::size_t rows = 1; rows < series.rows(); rows += 83) {
      Series prefix = series;
      for (auto& input : prefix.inputs) input.resize(std::min(rows, input.size()));
      prefix.clock.resize(rows);
      prefix.seen.resize(rows);
      prefix.received.resize(rows);
      for (auto& fresh : prefix.fresh) fresh.resize(rows);
      Outputs expected = whole;
      for (auto& column : expected) column.resize(rows);
      EXPECT_EQ(difference(expected, play(call, prefix, rows)), "");
    }
  }
}

/// Of a match of trades with quotes only the trades are observations.
bool is_unobserved(const Call& call, const Series& series, std::size_t row) {
  const bool is_match = call.kernel->doc.name == "trade_quote_match";
  return (is_match ? series.fresh[0][row] : series.seen[row]) == unobserved;
}

TEST(Laws, ANullAnywhereGivesNullAndLeavesTheOtherRowsAlone) {
  for (const char* text : calls) {
    SCOPED_TRACE(text);
    const Call call = make_call(text);
    if (call.kernel->doc.name == "kalman_1d") continue;     // predicts on a null
    if (call.kernel->doc.name == "funding_cost") continue;  // a null before a stamp is a charge that is not made
    const bool is_answered = call.form().is_stateless || call.form().needs_stamps || call.kernel->inputs[0].is_id;
    const bool answers_null = call.kernel->inputs[0].is_nullable && is_answered;
    const Series series = random_series(call, Market::price_of_60000, 64, 4, 0.0);
    const Outputs plain = play(call, series, 64);
    for (std::size_t at = 0; at < 64; ++at) {
      const auto place = static_cast<std::ptrdiff_t>(at);
      // A copy of the row before, so that quote and clock stand still, with a null in the first input.
      Series with = series;
      for (auto& input : with.inputs) {
        if (!input.empty()) input.insert(input.begin() + place, at == 0 ? no_value : input[at - 1]);
      }
      with.inputs[0][at] = no_value;
      with.clock.insert(with.clock.begin() + place, series.clock[at == 0 ? 0 : at - 1]);
      with.seen.insert(with.seen.begin() + place, observed);
      with.received.insert(with.received.begin() + place, with.clock[at]);
      for (auto& fresh : with.fresh)
        fresh.insert(fresh.begin() + place, &fresh == &with.fresh[0] ? observed : unobserved);
      Outputs out = play(call, with, 65);
      const bool repeats_bar = call.form().is_emitting;
      bool repeats_null = true;  // a row kernel repeats the null until the next observation
      for (auto& column : out) {
        EXPECT_TRUE(answers_null || repeats_bar || std::isnan(column[at])) << "row " << at;
        column.erase(column.begin() + place);
      }
      Outputs expected = plain;
      for (std::size_t row = at; row < 64 && repeats_null; ++row) {
        repeats_null = is_unobserved(call, series, row) && !call.form().is_stateless && !call.form().is_reevaluated &&
                       !repeats_bar;
        // A closed bar may answer before the next observation.
        if (repeats_null) {
          for (std::size_t i = 0; i < out.size(); ++i) out[i][row] = expected[i][row] = no_value;
        }
      }
      EXPECT_EQ(difference(expected, out), "") << "null at " << at;
    }
  }
}

TEST(Laws, LimitsAreAcceptedAndOneBeyondIsRefused) {
  for (const KernelInfo* kernel : all_kernels()) {
    std::string inputs;
    for (const InputInfo& input : kernel->inputs) inputs += std::string(input.name) + ", ";
    for (const ParamInfo& param : kernel->params) {
      const bool is_duration = param.type == ParamType::duration;
      const bool is_whole = param.type == ParamType::integer || param.type == ParamType::window ||
                            param.type == ParamType::lag || is_duration;
      if (!is_whole && param.type != ParamType::number && param.type != ParamType::auto_number) continue;
      const auto refusal = [&](double value) {
        char number[40];
        std::snprintf(number, sizeof number, is_whole ? "%.0f" : "%.17g", value);
        return make_call(std::string(kernel->doc.name) + "(" + inputs.substr(0, inputs.size() - 2) + ", " +
                         std::string(param.name) + "=" + number + (is_duration ? "ns" : "") + ")")
            .wrong;
      };
      const std::string range = " from ";  // other complaints are about parameters that contradict each other
      EXPECT_EQ(refusal(param.lowest).find(range), std::string::npos) << refusal(param.lowest);
      EXPECT_EQ(refusal(param.highest).find(range), std::string::npos) << refusal(param.highest);
      const double step = is_whole ? 1.0 : std::max(std::abs(param.lowest), 1e-9);
      EXPECT_NE(refusal(param.lowest - step), "") << kernel->doc.name << " " << param.name;
      EXPECT_NE(refusal(param.highest + std::max(1.0, param.highest)), "") << kernel->doc.name << " " << param.name;
    }
  }
}

TEST(Laws, ParametersThatContradictEachOtherAreRefused) {
  for (const char* text : {"macd(x, fast=26, slow=12)",
                           "cusum(x, mu=0)",
                           "historical_var(r, alpha=0.01, window=50)",
                           "ewma(x, half_life=10s, adjust=true)",
                           "rolling_skew(x, window=10s)",
                           "ema(x, alpha=1.5)",
                           "cusum(x, half_life=10s)",
                           "vpin(size, sign, bucket_volume=0)",
                           "winsorize(x, lo=0.5, hi=0.5)",
                           "boxcox(x)",
                           "entropy_hist(x, lo=0)",
                           "entropy_hist(x, lo=1, hi=1)",
                           "bocpd(x, max_run=5)",
                           "variance_ratio(r, q=5, window=10)",
                           "evt_pot_var(r, u_quantile=0.9, level=0.9)",
                           "yeo_johnson(x)",
                           "cusum(x, half_life=10s)",
                           "vpin(size, sign, bucket_volume=0)",
                           "vwap(price, size, anchor=1h, window=10s)",
                           "vwap(price, size, min_periods=2)",
                           "twap(price, window=10s, min_periods=2)",
                           "twap(price, window=20)",
                           "circuit_breaker(price, ref_window=20)",
                           "circuit_breaker(price, min_periods=2)",
                           "liquidation_density(price, oi)",
                           "liquidation_density(price, oi, mix='10:0.5')",
                           "liquidation_density(price, oi, mix='10:0.5,20')",
                           "liquidation_density(price, oi, mix='0.5:1')",
                           "liquidation_density(price, oi, mix='10:1.5,5:-0.5')",
                           "liquidation_density(price, oi, mix='')",
                           "liquidation_density(price, oi, mix='200:1')",
                           "liquidation_density(price, oi, mix='10:1', bins=3)",
                           "microprice(b, a, c, d, method=stoikov)",
                           "microprice(b, a, c, d, method=stoikov, table='tests/kernels/stoikov.csv')",
                           "microprice(b, a, c, d, table='tests/kernels/stoikov.csv', tick=1)",
                           "microprice(b, a, c, d, method=stoikov, tick=1, table='tests/kernels')",
                           "hp_filter(y)",
                           "hp_filter(y, one_sided=false)",
                           "funding_apr(rate)",
                           "perp_fair_price(index, rate, next_funding_ns)",
                           "bar_consistency(o, h, l, c, v, start, interval=0s)",
                           "dedupe_trades(trade_id, mode=drop)",
                           "clock_skew_align(ts_event, ts_recv, window=20)",
                           "realized_spread(price, mid, sign, horizon=51ns)",
                           "trade_intensity(ts_event, half_life=3)",
                           "forward_points(s, d, f)",
                           "forward_points(s, d, f, tau=1, tau_dom=1)",
                           "pip_value(s, r)",
                           "xcorr_leadlag(a, b, max_lag=10, window=10)",
                           "xcorr_leadlag(a, b, min_periods=5)",
                           "hayashi_yoshida_cov(a, b, window=20)",
                           "triangular_arbitrage(a, b, c, d, e, f, fee_bps='1,2')",
                           "triangular_arbitrage(a, b, c, d, e, f, fee_bps=x)",
                           "triangular_arbitrage(a, b, c, d, e, f, fee_bps='1,2,3,4,5')",
                           "cash_and_carry_edge(p, s, f)",
                           "cash_and_carry_edge(p, s, f, interval=8h, fee_bps='1,2')",
                           "cash_and_carry_edge(p, s, f, interval=8h, other_bps='1,2,3')"}) {
    EXPECT_NE(make_call(text).wrong, "") << text;
  }
}

TEST(Laws, AStateIsBytesWithoutPaddingThatStartTheSameEachTime) {
  for (const char* text : calls) {
    const Call call = make_call(text);
    const std::size_t bytes = call.form().state_bytes(call.params());
    std::vector<double> one(bytes / 8 + 1, 1.0), two(bytes / 8 + 1, 2.0);
    if (bytes == 0) continue;
    call.form().start(call.params(), one.data());
    call.form().start(call.params(), two.data());
    EXPECT_EQ(std::memcmp(one.data(), two.data(), bytes), 0) << text;
    EXPECT_EQ(call.form().state_bytes(call.params()), bytes);
  }
}

}  // namespace
}  // namespace millrace::testing
