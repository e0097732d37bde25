#include "millrace/kernels/execution/arrival_price_impact.h"
#include "millrace/kernels/execution/iceberg_slicer.h"
#include "millrace/kernels/execution/implementation_shortfall.h"
#include "millrace/kernels/execution/optimal_ac_schedule.h"
#include "millrace/kernels/execution/post_only_shading.h"
#include "millrace/kernels/execution/pov.h"
#include "millrace/kernels/execution/schedule_simulator.h"
#include "millrace/kernels/execution/slippage_decomposition.h"
#include "millrace/kernels/execution/smart_order_router.h"
#include "millrace/kernels/execution/twap.h"
#include "millrace/kernels/execution/twap_slices.h"
#include "millrace/kernels/execution/vwap.h"
#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

namespace {
constexpr auto kernels = family<ArrivalPriceImpact, Vwap, Twap, PostOnlyShading>("execution");
constexpr auto function_kernels =
    functions<OptimalAcSchedule, TwapSlices, ScheduleSimulator, SmartOrderRouter, PostOnlyShading,
              ImplementationShortfall, Pov, SlippageDecomposition, IcebergSlicer>("execution");
}  // namespace

std::span<const KernelInfo> execution_family() { return kernels; }

std::span<const FunctionKernel> execution_functions() { return function_kernels; }

}  // namespace millrace
