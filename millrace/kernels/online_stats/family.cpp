#include "millrace/kernels/families.h"
#include "millrace/kernels/online_stats/ewma.h"
#include "millrace/kernels/online_stats/log_returns.h"
#include "millrace/kernels/online_stats/rolling_zscore.h"

namespace millrace {

namespace {
constexpr auto kernels = family<LogReturns, Ewma, RollingZscore>("online_stats");
}

std::span<const KernelInfo> online_stats_family() { return kernels; }

}  // namespace millrace
