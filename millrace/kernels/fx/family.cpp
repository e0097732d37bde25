#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"
#include "millrace/kernels/fx/carry_signal.h"
#include "millrace/kernels/fx/cip_basis.h"
#include "millrace/kernels/fx/fix_impact.h"
#include "millrace/kernels/fx/forward_points.h"
#include "millrace/kernels/fx/fx_cross_price.h"
#include "millrace/kernels/fx/pip_value.h"
#include "millrace/kernels/fx/pnl_fx.h"
#include "millrace/kernels/fx/triangular_arbitrage.h"
#include "millrace/kernels/fx/wmr_schedule.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<PipValue, ForwardPoints, CipBasis, CarrySignal, PnlFx, FxCrossPrice, TriangularArbitrage>("fx");
constexpr auto function_kernels =
    functions<ForwardPoints, CipBasis, CarrySignal, PipValue, WmrSchedule, FixImpact>("fx");
}  // namespace

std::span<const KernelInfo> fx_family() { return kernels; }

std::span<const FunctionKernel> fx_functions() { return function_kernels; }

}  // namespace millrace
