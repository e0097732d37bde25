#include "millrace/kernels/families.h"
#include "millrace/kernels/filters/bocpd.h"
#include "millrace/kernels/filters/hp_filter.h"
#include "millrace/kernels/filters/kalman_1d.h"

namespace millrace {

namespace {
constexpr auto kernels = family<Kalman1d, Bocpd, HpFilter>("filters");
}

std::span<const KernelInfo> filters_family() { return kernels; }

}  // namespace millrace
