#include "millrace/kernels/cross_asset/hayashi_yoshida_corr.h"
#include "millrace/kernels/cross_asset/hayashi_yoshida_cov.h"
#include "millrace/kernels/cross_asset/kalman_hedge_ratio.h"
#include "millrace/kernels/cross_asset/pairs_spread.h"
#include "millrace/kernels/cross_asset/xcorr_leadlag.h"
#include "millrace/kernels/families.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<HayashiYoshidaCov, HayashiYoshidaCorr, XcorrLeadlag, PairsSpread, KalmanHedgeRatio>("cross_asset");
}

std::span<const KernelInfo> cross_asset_family() { return kernels; }

}  // namespace millrace
