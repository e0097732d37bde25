#pragma once

#include <memory>
#include <string>

#include <fmt/format.h>

#include "millrace/engine/config.h"
#include "millrace/graph/plan.h"
#include "millrace/kernels/registry.h"
#include "tests/kernels/calls.h"

namespace millrace::testing {

/// Every kernel in every form, each output a feature, in one plan.
inline std::shared_ptr<const Plan> plan_of_every_kernel() {
  FeatureSet set{.name = "every kernel"};
  set.lets = {{"x", "price"},
              {"r", "log_returns(price)"},
              {"sign", "trade_sign(price, bid, ask, side)"},
              {"mid", "midprice(bid, ask)"},
              {"high", "max(bid, ask)"},
              {"low", "min(bid, ask)"},
              {"open", "bid"},
              {"close", "ask"},
              {"volume", "price*size"},
              {"dmid", "diff(price)"},
              {"flow", "signed_volume(sign, size)"},
              {"rate", "log_returns(price, lag=7)"},
              {"position", "signed_volume(sign, size)"},
              {"mark", "mark_price"},
              {"start", "next_funding_ns"},
              {"sigma", "rolling_std(r)"},
              {"bar2s", "resample_ohlc(price, size, interval=2s)"},
              {"carried", "resample_ohlc(price, size, interval=20ms, empty=carry)"},
              {"split", "volume_bars(price, size, volume=0.011, split=true)"}};
  std::size_t number = 0;
  for (const std::string_view call : calls) {
    const KernelInfo& kernel = *find_kernel(call.substr(0, call.find('(')));
    for (const OutputInfo& output : kernel.outputs) {
      set.features.push_back({fmt::format("f{}_{}", number, output.name), fmt::format("{}.{}", call, output.name)});
    }
    ++number;
  }
  for (const std::string_view call :
       {"rolling_std(x, window=5, nan_policy=reset)", "ewma(x, half_life=10s, nan_policy=reset)",
        "rolling_sum(size, window=10s, nan_policy=reset)", "autocorr(r, window=7, nan_policy=reset)",
        "trade_sign(price, bid, ask, side, nan_policy=reset)", "ofi(bid, ask, bid_size, ask_size, nan_policy=reset)",
        "yang_zhang_vol(open, high, low, close, window=5, nan_policy=reset)",
        "twap(price, window=10s, nan_policy=reset)", "realized_spread(price, mid, sign, horizon=1s, nan_policy=reset)",
        "stale_quote_detector(bid, ask, nan_policy=reset)", "circuit_breaker(price, ref_window=10s, nan_policy=reset)",
        "liquidation_density(price, vol_24h, mix='20:1', range=0.1, nan_policy=reset)",
        "donchian_channel(high, low, window=5, nan_policy=reset)"}) {
    set.features.push_back({fmt::format("r{}", number++), std::string(call)});
  }
  // Operators on every mixture of bases, and of values that change with time alone.
  for (const std::string_view expression :
       {"price - bid", "bid*ask/vol_24h", "rolling_sum(size, window=10s)/vol_24h",
        "x > ema(x, span=12) and not bid > ask", "rolling_std(rolling_sum(size, window=10s), window=5, on=any)",
        "diff(bid, k=1, on=trade)", "2^-x*1e300", "min(bid, lag(ask, k=2))", "sqrt(realized_var(r, window=10s))",
        "time_of_day(ts_event)",
        "perp_fair_price(index_price, funding_rate, next_funding_ns, interval=funding_interval_s)",
        "perp_fair_price(vwap(price, size, window=10s), funding_rate, next_funding_ns, interval=1m)",
        "perp_fair_price(split.close, funding_rate, next_funding_ns, interval=1m)",
        "bar_consistency(bar2s.open, bar2s.high, bar2s.low, bar2s.close, bar2s.volume, bar2s.bar_start, interval=2s)",
        "clock_skew_align(ts_event, ts_recv, window=10s, on=trade).ts_aligned - ts_event",
        "ema(clock_skew_align(ts_event, ts_recv).offset_ns)", "twap(price, ts_event)",
        "funding_cost(split.close, mark, funding_rate, next_funding_ns)",
        "funding_cost(position, mark, funding_rate, next_funding_ns, on=trade)", "price - twap(price, window=10s)",
        // Bars: several on a row, mixtures of bars, bars of bars, windows of time over bars, nulls, times.
        "ema(bar2s.close, span=5)", "rolling_std(carried.close, window=5)", "autocorr(split.close, window=7)",
        "sma(carried.close, window=10s)", "rolling_sum(split.volume, window=10s)", "carried.close - bar2s.close",
        "ema(carried.close - bar2s.close)", "price - bar2s.close", "ema(price - bar2s.close, on=bar)",
        "tick_bars(bar2s.close, ticks=3).high", "ema(tick_bars(split.close, split.volume, ticks=2).vwap)",
        "rolling_corr(carried.close, split.close, window=9)", "ema(carried.vwap)", "lag(ln(split.close), k=3)",
        "vwap(split.close, split.volume, window=10s)",
        "yang_zhang_vol(bar2s.open, bar2s.high, bar2s.low, bar2s.close, window=5)",
        "rolling_std(carried.close, window=5, nan_policy=reset)", "ewma(carried.vwap, half_life=10s, nan_policy=reset)",
        "closes(bar2s)", "closes(split.close)", "ema(closes(carried)*1, span=3)", "day_of_week(ts_event)",
        "bar2s.bar_start", "split.ts_close - split.ts_open", "ema(carried.close*2, on=any)", "ts_recv - ts_event",
        "diff(ts_event, k=3)", "ema(diff(ts_event, on=any)*1e-6)", "next_funding_ns", "min(split.close, 60000)",
        "outlier_flag_mad(price, window=7, tick=instrument)", "funding_apr(rate, interval=vol_24h).funding_apy",
        "ema(outlier_flag_mad(bar2s.close, window=5, tick=instrument))"}) {
    set.features.push_back({fmt::format("e{}", number++), std::string(expression)});
  }
  return make_plan(set);
}

inline std::shared_ptr<const Plan> plan_of_profile(std::string_view name) { return make_plan(load_profile(name)); }

}  // namespace millrace::testing
