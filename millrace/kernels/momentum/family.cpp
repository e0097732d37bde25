#include "millrace/kernels/families.h"
#include "millrace/kernels/momentum/bollinger_bands.h"
#include "millrace/kernels/momentum/ema.h"
#include "millrace/kernels/momentum/macd.h"
#include "millrace/kernels/momentum/rsi.h"
#include "millrace/kernels/momentum/sma.h"

namespace millrace {

namespace {
constexpr auto kernels = family<Ema, Macd, Rsi, BollingerBands, Sma>("momentum");
}

std::span<const KernelInfo> momentum_family() { return kernels; }

}  // namespace millrace
