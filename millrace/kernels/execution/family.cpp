#include "millrace/kernels/execution/arrival_price_impact.h"
#include "millrace/kernels/execution/twap.h"
#include "millrace/kernels/execution/vwap.h"
#include "millrace/kernels/families.h"

namespace millrace {

namespace {
constexpr auto kernels = family<ArrivalPriceImpact, Vwap, Twap>("execution");
}

std::span<const KernelInfo> execution_family() { return kernels; }

}  // namespace millrace
