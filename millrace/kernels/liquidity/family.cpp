#include "millrace/kernels/families.h"
#include "millrace/kernels/liquidity/abdi_ranaldo_spread.h"
#include "millrace/kernels/liquidity/amihud_illiquidity.h"
#include "millrace/kernels/liquidity/corwin_schultz_spread.h"
#include "millrace/kernels/liquidity/kyle_lambda.h"
#include "millrace/kernels/liquidity/roll_spread.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<AmihudIlliquidity, KyleLambda, RollSpread, CorwinSchultzSpread, AbdiRanaldoSpread>("liquidity");
}

std::span<const KernelInfo> liquidity_family() { return kernels; }

}  // namespace millrace
