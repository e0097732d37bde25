#include "millrace/kernels/families.h"
#include "millrace/kernels/features/autocorr.h"
#include "millrace/kernels/features/diff.h"
#include "millrace/kernels/features/entropy_hist.h"
#include "millrace/kernels/features/label_next_move.h"
#include "millrace/kernels/features/lag.h"
#include "millrace/kernels/features/rolling_kurt.h"
#include "millrace/kernels/features/rolling_max.h"
#include "millrace/kernels/features/rolling_min.h"
#include "millrace/kernels/features/rolling_sharpe.h"
#include "millrace/kernels/features/rolling_skew.h"
#include "millrace/kernels/features/rolling_std.h"
#include "millrace/kernels/features/signed_volume.h"
#include "millrace/kernels/features/turnover.h"
#include "millrace/kernels/features/turnover_of_weights.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

namespace {
constexpr auto kernels = family<Lag, Diff, RollingStd, RollingSkew, RollingKurt, Autocorr, RollingSharpe, RollingMin,
                                RollingMax, EntropyHist, SignedVolume, Turnover>("features");
constexpr auto function_kernels = functions<LabelNextMove, TurnoverOfWeights>("features");
}  // namespace

std::span<const KernelInfo> features_family() { return kernels; }

std::span<const FunctionKernel> features_functions() { return function_kernels; }

}  // namespace millrace
