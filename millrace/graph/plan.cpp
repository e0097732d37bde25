#include "millrace/graph/plan.h"

#include "millrace/base/error.h"
#include "millrace/graph/resolver.h"
#include "millrace/kernels/registry.h"

namespace millrace {

std::shared_ptr<const Plan> make_plan(const FeatureSet& set) {
  std::vector<std::string_view> names;
  for (const KernelInfo* kernel : all_kernels()) names.push_back(kernel->doc.name);
  return make_plan(set, find_kernel, names);
}

std::shared_ptr<const Plan> make_plan(const FeatureSet& set, const KernelLookup& lookup,
                                      const std::vector<std::string_view>& kernel_names) {
  if (set.features.empty()) fail(Fault::config, "feature set {}: expected at least one feature", set.name);
  if (set.features.size() + set.lets.size() > most_definitions) {
    fail(Fault::config, "feature set {}: expected at most {} definitions", set.name, most_definitions);
  }
  return Resolver(set, lookup, kernel_names, {std::string(row_leg)}).resolve();
}

}  // namespace millrace
