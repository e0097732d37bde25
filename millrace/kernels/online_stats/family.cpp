#include "millrace/kernels/families.h"
#include "millrace/kernels/online_stats/ew_var.h"
#include "millrace/kernels/online_stats/ewcorr.h"
#include "millrace/kernels/online_stats/ewcov.h"
#include "millrace/kernels/online_stats/ewma.h"
#include "millrace/kernels/online_stats/frac_diff.h"
#include "millrace/kernels/online_stats/log_returns.h"
#include "millrace/kernels/online_stats/ou_half_life.h"
#include "millrace/kernels/online_stats/robust_hampel.h"
#include "millrace/kernels/online_stats/rolling_corr.h"
#include "millrace/kernels/online_stats/rolling_quantile.h"
#include "millrace/kernels/online_stats/rolling_rank.h"
#include "millrace/kernels/online_stats/rolling_sum.h"
#include "millrace/kernels/online_stats/rolling_zscore.h"
#include "millrace/kernels/online_stats/variance_ratio.h"
#include "millrace/kernels/online_stats/welford_mean_var.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<LogReturns, WelfordMeanVar, Ewma, RollingZscore, RollingSum, RollingQuantile, RollingRank, RobustHampel,
           EwVar, Ewcov, Ewcorr, RollingCorr, OuHalfLife, FracDiff, VarianceRatio>("online_stats");
}

std::span<const KernelInfo> online_stats_family() { return kernels; }

}  // namespace millrace
