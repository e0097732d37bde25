#include "millrace/kernels/families.h"
#include "millrace/kernels/safety/outlier_flag_mad.h"

namespace millrace {

namespace {
constexpr auto kernels = family<OutlierFlagMad>("safety");
}

std::span<const KernelInfo> safety_family() { return kernels; }

}  // namespace millrace
