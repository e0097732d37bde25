#include "millrace/kernels/bars/dollar_bars.h"
#include "millrace/kernels/bars/imbalance_bars.h"
#include "millrace/kernels/bars/tick_bars.h"
#include "millrace/kernels/bars/volume_bars.h"
#include "millrace/kernels/families.h"

namespace millrace {

namespace {
constexpr auto kernels = family<VolumeBars, DollarBars, ImbalanceBars, TickBars>("bars");
}

std::span<const KernelInfo> bars_family() { return kernels; }

}  // namespace millrace
