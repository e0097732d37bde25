#include "millrace/kernels/registry.h"

#include "millrace/kernels/families.h"

namespace millrace {

namespace {

std::vector<const KernelInfo*> collect() {
  std::vector<const KernelInfo*> list;
  for (const auto family : {online_stats_family(), microstructure_family(), volatility_family(), liquidity_family(),
                            fx_family(), crypto_family(), execution_family(), risk_family(), momentum_family(),
                            features_family(), safety_family(), portfolio_family(), data_quality_family(),
                            transforms_family(), bars_family(), filters_family(), cross_asset_family()}) {
    for (const KernelInfo& kernel : family) list.push_back(&kernel);
  }
  return list;
}

std::vector<const FunctionKernel*> collect_functions() {
  std::vector<const FunctionKernel*> list;
  for (const auto family : {fx_functions(), crypto_functions(), execution_functions(), features_functions(),
                            safety_functions(), portfolio_functions(), data_quality_functions(), filters_functions()}) {
    for (const FunctionKernel& function : family) list.push_back(&function);
  }
  return list;
}

}  // namespace

std::span<const KernelInfo* const> all_kernels() {
  static const std::vector<const KernelInfo*> list = collect();
  return list;
}

const KernelInfo* find_kernel(std::string_view name) {
  for (const KernelInfo* kernel : all_kernels()) {
    if (kernel->doc.name == name) return kernel;
  }
  return nullptr;
}

std::span<const FunctionKernel* const> all_function_kernels() {
  static const std::vector<const FunctionKernel*> list = collect_functions();
  return list;
}

const FunctionKernel* find_function_kernel(std::string_view name) {
  for (const FunctionKernel* function : all_function_kernels()) {
    if (function->doc.name == name) return function;
  }
  return nullptr;
}

}  // namespace millrace
