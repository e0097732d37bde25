#include "millrace/kernels/families.h"
#include "millrace/kernels/microstructure/midprice.h"

namespace millrace {

namespace {
constexpr auto kernels = family<Midprice>("microstructure");
}

std::span<const KernelInfo> microstructure_family() { return kernels; }

}  // namespace millrace
