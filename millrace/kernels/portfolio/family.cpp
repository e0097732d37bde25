#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"
#include "millrace/kernels/portfolio/kelly_fraction.h"
#include "millrace/kernels/portfolio/vol_target.h"

namespace millrace {

namespace {
constexpr auto kernels = family<KellyFraction, VolTarget>("portfolio");
constexpr auto function_kernels = functions<KellyFraction>("portfolio");
}  // namespace

std::span<const KernelInfo> portfolio_family() { return kernels; }

std::span<const FunctionKernel> portfolio_functions() { return function_kernels; }

}  // namespace millrace
