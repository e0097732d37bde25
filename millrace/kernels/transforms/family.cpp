#include "millrace/kernels/families.h"
#include "millrace/kernels/transforms/boxcox.h"
#include "millrace/kernels/transforms/resample_ohlc.h"
#include "millrace/kernels/transforms/winsorize.h"
#include "millrace/kernels/transforms/yeo_johnson.h"

namespace millrace {

namespace {
constexpr auto kernels = family<Winsorize, Boxcox, YeoJohnson, ResampleOhlc>("transforms");
}

std::span<const KernelInfo> transforms_family() { return kernels; }

}  // namespace millrace
