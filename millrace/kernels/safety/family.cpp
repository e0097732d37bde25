#include "millrace/kernels/families.h"
#include "millrace/kernels/function_family.h"
#include "millrace/kernels/safety/circuit_breaker.h"
#include "millrace/kernels/safety/fat_finger_guard.h"
#include "millrace/kernels/safety/outlier_flag_mad.h"
#include "millrace/kernels/safety/price_band_guard.h"
#include "millrace/kernels/safety/stale_quote_detector.h"
#include "millrace/kernels/safety/throttle_check.h"

namespace millrace {

namespace {
constexpr auto kernels =
    family<PriceBandGuard, FatFingerGuard, OutlierFlagMad, StaleQuoteDetector, CircuitBreaker, ThrottleCheck>("safety");
constexpr auto function_kernels = functions<PriceBandGuard, FatFingerGuard>("safety");
}  // namespace

std::span<const KernelInfo> safety_family() { return kernels; }

std::span<const FunctionKernel> safety_functions() { return function_kernels; }

}  // namespace millrace
