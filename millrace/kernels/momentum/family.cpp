#include "millrace/kernels/families.h"
#include "millrace/kernels/momentum/adx.h"
#include "millrace/kernels/momentum/atr.h"
#include "millrace/kernels/momentum/bollinger_bands.h"
#include "millrace/kernels/momentum/donchian_channel.h"
#include "millrace/kernels/momentum/ema.h"
#include "millrace/kernels/momentum/macd.h"
#include "millrace/kernels/momentum/rsi.h"
#include "millrace/kernels/momentum/sma.h"
#include "millrace/kernels/momentum/stochastic_osc.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<Ema, Macd, Rsi, BollingerBands, Sma, DonchianChannel, StochasticOsc, Atr, Adx>("momentum");
}

std::span<const KernelInfo> momentum_family() { return kernels; }

}  // namespace millrace
