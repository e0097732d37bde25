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
              {"sigma", "rolling_std(r)"}};
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
        "stale_quote_detector(bid, ask, nan_policy=reset)",
        "donchian_channel(high, low, window=5, nan_policy=reset)"}) {
    set.features.push_back({fmt::format("r{}", number++), std::string(call)});
  }
  // Operators on every mixture of bases, and of values that change with time alone.
  for (const std::string_view expression :
       {"price - bid", "bid*ask/vol_24h", "rolling_sum(size, window=10s)/vol_24h",
        "x > ema(x, span=12) and not bid > ask", "rolling_std(rolling_sum(size, window=10s), window=5, on=any)",
        "diff(bid, k=1, on=trade)", "2^-x*1e300", "min(bid, lag(ask, k=2))", "sqrt(realized_var(r, window=10s))",
        "time_of_day(ts_event)", "price - twap(price, window=10s)"}) {
    set.features.push_back({fmt::format("e{}", number++), std::string(expression)});
  }
  return make_plan(set);
}

inline std::shared_ptr<const Plan> plan_of_profile(std::string_view name) { return make_plan(load_profile(name)); }

}  // namespace millrace::testing
