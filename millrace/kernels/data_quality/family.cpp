#include "millrace/kernels/data_quality/bar_consistency.h"
#include "millrace/kernels/data_quality/book_state.h"
#include "millrace/kernels/families.h"

namespace millrace {

namespace {
constexpr auto kernels = family<BookState, BarConsistency>("data_quality");
}

std::span<const KernelInfo> data_quality_family() { return kernels; }

}  // namespace millrace
