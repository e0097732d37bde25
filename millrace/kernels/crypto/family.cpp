#include "millrace/kernels/crypto/funding_apr.h"
#include "millrace/kernels/crypto/liquidation_density.h"
#include "millrace/kernels/crypto/open_interest_delta.h"
#include "millrace/kernels/families.h"

namespace millrace {

namespace {
constexpr auto kernels = family<FundingApr, OpenInterestDelta, LiquidationDensity>("crypto");
}

std::span<const KernelInfo> crypto_family() { return kernels; }

}  // namespace millrace
