#include "millrace/kernels/families.h"
#include "millrace/kernels/volatility/bipower_var.h"
#include "millrace/kernels/volatility/realized_var.h"
#include "millrace/kernels/volatility/riskmetrics_vol.h"

namespace millrace {

namespace {
constexpr auto kernels = family<RealizedVar, BipowerVar, RiskmetricsVol>("volatility");
}

std::span<const KernelInfo> volatility_family() { return kernels; }

}  // namespace millrace
