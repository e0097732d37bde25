#include "millrace/kernels/data_quality/bar_consistency.h"
#include "millrace/kernels/data_quality/book_state.h"
#include "millrace/kernels/data_quality/clock_skew_align.h"
#include "millrace/kernels/data_quality/dedupe_trades.h"
#include "millrace/kernels/data_quality/gap_fill.h"
#include "millrace/kernels/data_quality/trade_quote_match.h"
#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<DedupeTrades, ClockSkewAlign, BookState, BarConsistency, TradeQuoteMatch>("data_quality");
constexpr auto function_kernels = functions<GapFill>("data_quality");
}  // namespace

std::span<const KernelInfo> data_quality_family() { return kernels; }

std::span<const FunctionKernel> data_quality_functions() { return function_kernels; }

}  // namespace millrace
