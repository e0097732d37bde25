#include <algorithm>

#include "tests/kernels/calls.h"
#include "tests/kernels/naive_markets.h"
#include "tests/kernels/random_series.h"

namespace millrace::testing {
namespace {

/// Below it an error counts relative to it: where a value is the difference of nearly equal numbers, its digits end.
double floor_of(std::string_view output, const Call& call, double scale, const naive::Reals& all) {
  if (output == "realized_spread" || output == "price_impact") return 1e-6 * scale;
  if (output == "markout_bps") return 1e-2;
  if (output == "forward_points") return 1e-4 * scale;
  if (output == "cip_basis") return 1e-3;
  if (output == "trend" || output == "cycle") return 1e-6 * scale;
  if (output == "pnl_base") return static_cast<double>(fabsl(all.at(0)) + fabsl(all.at(1)) + fabsl(all.at(2)));
  if (output == "oi_delta") return 1e-6 * scale;
  if (output == "kyle_lambda") return 1e-6 * scale;
  if (output == "fx_beta") return call.form().is_reevaluated ? 1e7 : 1e-2;  // sizes of another kind over tiny ones
  if (output == "hy_cov") return 1e-3 * scale * scale;
  if (output == "hy_corr") return 1e4;  // a spike and back at one time leaves what its logarithms round to
  if (output == "max_corr" || output == "pairs_spread") return 1.0;
  if (output == "hedge_ratio" || output == "kalman_z") return 1.0;
  if (output == "intercept" || output == "spread") return scale;  // differences of prices
  if (output == "corwin_schultz_spread") return 1e-9;             // differences of ranges
  if (output == "abdi_ranaldo_spread") return 1e-4;               // roots of products of differences
  if (output == "zscore") return call.form().is_reevaluated ? 50.0 : 0.1;
  if (output.starts_with("cusum_")) return 1e-2;  // sums of z - k, from limits of a few units down to 0
  if (output == "ewcov") return 1e-3 * static_cast<double>(all.at(1));  // of both deviations
  if (output == "corr" && call.form().is_reevaluated) return 1.0;  // buckets are about the first value, like a zscore's
  if (output == "ou_half_life") return 1e-3 * static_cast<double>(all[0] * all[0]);  // by how near phi is to 1
  if (output == "ewcorr" || output == "corr" || output == "ou_phi" || output == "variance_ratio" || output == "vr_z" ||
      output == "sharpe" || output == "autocorr" || output == "skew" || output == "kurt") {
    return 1e-3;
  }
  if (output.starts_with("macd")) return 1e-5 * scale;
  if (output == "bb_pctb") return 2e-6 * scale / static_cast<double>(all[1] - all[2]);
  if (output == "bb_mid" || output == "bb_upper" || output == "bb_lower") return 1e-6 * scale;
  if (output == "mean" || output == "sma" || output == "sum" || output == "var" || output == "cvar" ||
      output == "quantile" || output == "ofi") {
    return 1e-4 * scale;
  }
  return 0.0;
}

/// The first row on which the kernel and its definition part, or nothing.
std::string parting(const Call& call, const Series& series, double scale) {
  const Outputs out = play(call, series, series.rows());
  const std::vector<naive::Reals> expected = naive::play(call, series);
  for (std::size_t row = 0; row < series.rows(); ++row) {
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto right = static_cast<double>(expected[row].at(i));
      const bool is_whole = is_integer_output(call.kernel->outputs[i]);
      const bool is_time = is_whole && !Cell::is_null(out[i][row]);
      const naive::Real exact = is_time ? static_cast<naive::Real>(Cell::time(out[i][row])) : out[i][row];
      const auto value = static_cast<double>(exact);
      if (!std::isfinite(right) && std::isnan(value)) continue;
      if (is_whole && exact == expected[row][i]) continue;  // no digit of a time may be lost
      const double floor = floor_of(call.kernel->outputs[i].name, call, scale, expected[row]);
      if (!is_whole && std::abs(value - right) <= 1e-9 * std::max(std::abs(right), floor)) continue;
      char text[160];
      std::snprintf(text, sizeof text, "%s at row %zu: was %.17g, defined as %.17g",
                    std::string(call.kernel->outputs[i].name).c_str(), row, value, right);
      return text;
    }
  }
  return {};
}

TEST(Naive, EveryCallAgreesWithItsDefinition) {
  for (const char* text : calls) {
    const Call call = make_call(text);
    ASSERT_EQ(call.wrong, "");
    for (const Market market : markets) {
      for (const double null_share : {0.0, 0.1}) {
        const Series series = random_series(call, market, 1500, 11, null_share);
        double scale = 0.0;
        for (const double x : series.inputs[0]) scale = std::isnan(x) ? scale : std::max(scale, std::abs(x));
        EXPECT_EQ(parting(call, series, scale), "") << text << ", market " << static_cast<int>(market);
      }
    }
  }
}

TEST(RollingSkewAndKurt, AreExactAfterATenPercentSpikeInPrices) {
  for (const char* text : {"rolling_skew(x)", "rolling_kurt(x)", "rolling_std(x)"}) {
    const Call call = make_call(text);
    Series series = random_series(call, Market::price_of_60000, 390, 12, 0.0);
    series.inputs[0][150] *= 1.1;
    EXPECT_EQ(parting(call, series, 60'000.0), "") << text;
  }
}

TEST(RealizedVar, AQuietWindowAfterALoudOneIsExactlyZero) {
  for (const char* text : {"realized_var(r)", "bipower_var(r)"}) {
    const Call call = make_call(text);
    Series series;
    series.inputs.resize(1);
    for (std::size_t row = 0; row < 100; ++row) {
      series.inputs[0].push_back(row < 70 ? 0.1 / static_cast<double>(row + 1) : 0.0);
      series.clock.push_back(static_cast<Nanos>(row));
      series.seen.push_back(observed);
    }
    EXPECT_EQ(play(call, series, 100)[0][99], 0.0) << text;
  }
}

TEST(Averages, AConstantSeriesIsItsOwnAverage) {
  for (const double x : {0.1, 60'000.01, 1e-8, 123'456.789, 1.0 / 3.0}) {
    Series series;
    series.inputs = {std::vector<double>(1'000, x)};
    for (std::size_t row = 0; row < 1'000; ++row) {
      series.clock.push_back(static_cast<Nanos>(row));
      series.seen.push_back(observed);
    }
    const auto last = [&](const char* text, std::size_t output) {
      const Call call = make_call(text);
      EXPECT_EQ(call.wrong, "");
      return play(call, series, 1'000)[output][999];
    };
    for (const char* text :
         {"ema(x)", "ewma(x)", "sma(x)", "sma(x, window=33)", "rolling_max(x)", "bollinger_bands(x)"}) {
      EXPECT_EQ(last(text, 0), x) << text;
    }
    for (const char* text : {"macd(x)", "rolling_std(x)", "rolling_std(x, window=33)", "ew_var(x)", "diff(x)"}) {
      EXPECT_EQ(last(text, 0), 0.0) << text << " of " << x;
    }
    EXPECT_EQ(last("rsi(x)", 0), 50.0) << x;
    EXPECT_TRUE(std::isnan(last("bollinger_bands(x)", 3))) << "a place in a band without width, " << x;
  }
}

}  // namespace
}  // namespace millrace::testing
