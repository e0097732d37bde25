#include "millrace/kernels/families.h"
#include "millrace/kernels/risk/cornish_fisher_var.h"
#include "millrace/kernels/risk/cusum.h"
#include "millrace/kernels/risk/drawdown_equity.h"
#include "millrace/kernels/risk/evt_pot_var.h"
#include "millrace/kernels/risk/historical_cvar.h"
#include "millrace/kernels/risk/historical_var.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<Cusum, HistoricalVar, HistoricalCvar, DrawdownEquity, CornishFisherVar, EvtPotVar>("risk");
}

std::span<const KernelInfo> risk_family() { return kernels; }

}  // namespace millrace
