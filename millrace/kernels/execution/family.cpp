#include "millrace/kernels/execution/arrival_price_impact.h"
#include "millrace/kernels/execution/optimal_ac_schedule.h"
#include "millrace/kernels/execution/twap.h"
#include "millrace/kernels/execution/vwap.h"
#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

namespace {
constexpr auto kernels = family<ArrivalPriceImpact, Vwap, Twap>("execution");
constexpr auto function_kernels = functions<OptimalAcSchedule>("execution");
}  // namespace

std::span<const KernelInfo> execution_family() { return kernels; }

std::span<const FunctionKernel> execution_functions() { return function_kernels; }

}  // namespace millrace
