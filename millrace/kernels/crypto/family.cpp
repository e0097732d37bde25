#include "millrace/kernels/crypto/basis_annualized.h"
#include "millrace/kernels/crypto/cash_and_carry_edge.h"
#include "millrace/kernels/crypto/funding_apr.h"
#include "millrace/kernels/crypto/funding_cost.h"
#include "millrace/kernels/crypto/futures_curve.h"
#include "millrace/kernels/crypto/liquidation_density.h"
#include "millrace/kernels/crypto/open_interest_delta.h"
#include "millrace/kernels/crypto/perp_fair_price.h"
#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

namespace {
constexpr auto kernels = family<FundingApr, FundingCost, OpenInterestDelta, PerpFairPrice, LiquidationDensity,
                                BasisAnnualized, CashAndCarryEdge>("crypto");
constexpr auto function_kernels = functions<FuturesCurve>("crypto");
}  // namespace

std::span<const KernelInfo> crypto_family() { return kernels; }

std::span<const FunctionKernel> crypto_functions() { return function_kernels; }

}  // namespace millrace
