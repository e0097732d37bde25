#include "millrace/kernels/families.h"
#include "millrace/kernels/portfolio/kelly_fraction.h"
#include "millrace/kernels/portfolio/vol_target.h"

namespace millrace {

namespace {
constexpr auto kernels = family<KellyFraction, VolTarget>("portfolio");
}

std::span<const KernelInfo> portfolio_family() { return kernels; }

}  // namespace millrace
