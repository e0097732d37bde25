#include "millrace/kernels/families.h"
#include "millrace/kernels/microstructure/effective_spread.h"
#include "millrace/kernels/microstructure/l1_imbalance.h"
#include "millrace/kernels/microstructure/microprice.h"
#include "millrace/kernels/microstructure/midprice.h"
#include "millrace/kernels/microstructure/ofi.h"
#include "millrace/kernels/microstructure/price_impact_markout.h"
#include "millrace/kernels/microstructure/quoted_spread.h"
#include "millrace/kernels/microstructure/realized_spread.h"
#include "millrace/kernels/microstructure/trade_intensity.h"
#include "millrace/kernels/microstructure/trade_sign.h"
#include "millrace/kernels/microstructure/vpin.h"

namespace millrace {

namespace {
constexpr auto kernels = family<Midprice, Microprice, QuotedSpread, L1Imbalance, Ofi, Vpin, TradeSign, EffectiveSpread,
                                TradeIntensity, RealizedSpread, PriceImpactMarkout>("microstructure");
}

std::span<const KernelInfo> microstructure_family() { return kernels; }

}  // namespace millrace
