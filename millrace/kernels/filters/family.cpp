#include "millrace/kernels/families.h"
#include "millrace/kernels/filters/bocpd.h"
#include "millrace/kernels/filters/hp_filter.h"
#include "millrace/kernels/filters/hp_filter_two_sided.h"
#include "millrace/kernels/filters/kalman_1d.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

namespace {
constexpr auto kernels = family<Kalman1d, Bocpd, HpFilter>("filters");
constexpr auto function_kernels = functions<HpFilterTwoSided>("filters");
}  // namespace

std::span<const KernelInfo> filters_family() { return kernels; }

std::span<const FunctionKernel> filters_functions() { return function_kernels; }

}  // namespace millrace
