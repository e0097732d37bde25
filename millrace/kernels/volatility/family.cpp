#include "millrace/kernels/families.h"
#include "millrace/kernels/volatility/bipower_var.h"
#include "millrace/kernels/volatility/gk_vol.h"
#include "millrace/kernels/volatility/jump_test_bns.h"
#include "millrace/kernels/volatility/medrv.h"
#include "millrace/kernels/volatility/min_rv.h"
#include "millrace/kernels/volatility/parkinson_vol.h"
#include "millrace/kernels/volatility/realized_quarticity.h"
#include "millrace/kernels/volatility/realized_var.h"
#include "millrace/kernels/volatility/riskmetrics_vol.h"
#include "millrace/kernels/volatility/rogers_satchell_vol.h"
#include "millrace/kernels/volatility/semivariance.h"
#include "millrace/kernels/volatility/tripower_quarticity.h"
#include "millrace/kernels/volatility/yang_zhang_vol.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<RealizedVar, BipowerVar, RiskmetricsVol, Medrv, MinRv, RealizedQuarticity, TripowerQuarticity, JumpTestBns,
           Semivariance, ParkinsonVol, GkVol, RogersSatchellVol, YangZhangVol>("volatility");
}

std::span<const KernelInfo> volatility_family() { return kernels; }

}  // namespace millrace
