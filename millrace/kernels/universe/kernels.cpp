#include "millrace/kernels/universe.h"
#include "millrace/kernels/universe/cs_rank.h"
#include "millrace/kernels/universe/dominance_index.h"
#include "millrace/kernels/universe/venue_score.h"

namespace millrace {

namespace {

template <class K>
constexpr UniverseKernel describe(std::string_view family) {
  using P = typename K::Params;
  static_assert(sizeof(P) <= largest_params && std::is_trivially_copyable_v<P>);
  UniverseKernel kernel;
  kernel.info.doc = K::doc;
  kernel.info.family = family;
  kernel.info.inputs = K::inputs;
  kernel.info.outputs = K::outputs;
  kernel.info.params = K::params;
  kernel.info.params_bytes = sizeof(P);
  kernel.info.default_params = [](void* params) { ::new (params) P{}; };
  kernel.info.check = [](const void* params) -> std::string_view {
    if constexpr (requires(const P& p) { K::check(p); }) {
      return K::check(*static_cast<const P*>(params));
    } else {
      return params == nullptr ? "" : "";
    }
  };
  kernel.peers = K::peers;
  kernel.make = [](const void* params) -> std::unique_ptr<Universe> {
    return std::make_unique<K>(*static_cast<const P*>(params));
  };
  return kernel;
}

constexpr std::array kernels{describe<CsRank>("cross_asset"), describe<DominanceIndex>("crypto"),
                             describe<VenueScore>("crypto")};

}  // namespace

std::span<const UniverseKernel> universe_kernels() { return kernels; }

const UniverseKernel* find_universe_kernel(std::string_view name) {
  for (const UniverseKernel& kernel : kernels) {
    if (kernel.info.doc.name == name) return &kernel;
  }
  return nullptr;
}

}  // namespace millrace
