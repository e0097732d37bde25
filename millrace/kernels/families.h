#pragma once

#include <span>

#include "millrace/kernels/family.h"
#include "millrace/kernels/function.h"

namespace millrace {

// One list per folder; a kernel is known to the program by its word in its family's list.
std::span<const KernelInfo> online_stats_family();
std::span<const KernelInfo> microstructure_family();
std::span<const KernelInfo> volatility_family();
std::span<const KernelInfo> risk_family();
std::span<const KernelInfo> momentum_family();
std::span<const KernelInfo> features_family();
std::span<const KernelInfo> data_quality_family();
std::span<const KernelInfo> liquidity_family();
std::span<const KernelInfo> execution_family();
std::span<const KernelInfo> crypto_family();
std::span<const KernelInfo> fx_family();
std::span<const KernelInfo> safety_family();
std::span<const KernelInfo> portfolio_family();
std::span<const KernelInfo> transforms_family();
std::span<const KernelInfo> bars_family();
std::span<const KernelInfo> filters_family();
std::span<const KernelInfo> cross_asset_family();

// The same for kernels of scope `function`, where a family has any.
std::span<const FunctionKernel> features_functions();
std::span<const FunctionKernel> data_quality_functions();
std::span<const FunctionKernel> execution_functions();
std::span<const FunctionKernel> crypto_functions();
std::span<const FunctionKernel> fx_functions();
std::span<const FunctionKernel> safety_functions();
std::span<const FunctionKernel> portfolio_functions();
std::span<const FunctionKernel> filters_functions();

}  // namespace millrace
