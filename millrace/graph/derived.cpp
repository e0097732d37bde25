#include "millrace/graph/parameters.h"

namespace millrace {

void derive(const KernelInfo& kernel, Parameters& parameters) {
  std::shared_ptr<double[]> derived(new double[kernel.derived_size(parameters.data())]);
  kernel.derive(parameters.bytes.data(), derived.get());
  parameters.derived = std::move(derived);
}

}  // namespace millrace
