#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"
#include "millrace/kernels/portfolio/ewcov_of_rows.h"
#include "millrace/kernels/portfolio/exposure_limits.h"
#include "millrace/kernels/portfolio/fx_beta.h"
#include "millrace/kernels/portfolio/kelly_fraction.h"
#include "millrace/kernels/portfolio/ledoit_wolf_shrinkage.h"
#include "millrace/kernels/portfolio/risk_parity_weights.h"
#include "millrace/kernels/portfolio/vol_target.h"

namespace millrace {

namespace {
constexpr auto kernels = family<FxBeta, KellyFraction, VolTarget>("portfolio");
constexpr auto function_kernels =
    functions<KellyFraction, EwcovOfRows, LedoitWolfShrinkage, RiskParityWeights, ExposureLimits>("portfolio");
}  // namespace

std::span<const KernelInfo> portfolio_family() { return kernels; }

std::span<const FunctionKernel> portfolio_functions() { return function_kernels; }

}  // namespace millrace
