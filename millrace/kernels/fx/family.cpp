#include "millrace/kernels/families.h"
#include "millrace/kernels/fx/carry_signal.h"
#include "millrace/kernels/fx/cip_basis.h"
#include "millrace/kernels/fx/forward_points.h"
#include "millrace/kernels/fx/pip_value.h"

namespace millrace {

namespace {
constexpr auto kernels = family<PipValue, ForwardPoints, CipBasis, CarrySignal>("fx");
}

std::span<const KernelInfo> fx_family() { return kernels; }

}  // namespace millrace
