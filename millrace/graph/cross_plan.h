#pragma once

#include <memory>
#include <string>
#include <vector>

#include "millrace/graph/plan.h"
#include "millrace/kernels/universe.h"

namespace millrace {

/// A feature over all instruments: the outputs of a universe kernel stand on every row.
struct PlannedUniverse {
  const UniverseKernel* kernel = nullptr;
  Parameters parameters;
  std::vector<std::size_t> inputs;  // features of `CrossPlan::own`
  std::uint32_t output = 0;
};

/// A feature set cut into what can be computed by itself. Any of the plans may be missing.
struct CrossPlan {
  /// All features with their columns and fingerprint, in the order of the set. Its nodes are in the parts below, unless
  /// the set is plain: then it is the own part itself.
  std::shared_ptr<const Plan> all;
  std::shared_ptr<const Plan> own;    // of the row's instrument alone: what is shown, and what universes look at
  std::shared_ptr<const Plan> row;    // of the row's instrument with others, as leg `x`
  std::shared_ptr<const Plan> fixed;  // of configured instruments alone
  std::vector<PlannedUniverse> universes;
  std::vector<Leg> legs;

  /// Where a feature comes from.
  struct Place {
    enum class Part : std::uint8_t { own, row, fixed, universe, nothing } part = Part::nothing;
    std::size_t index = 0;  // among the part's features
  };
  std::vector<Place> places;  // by feature

  bool is_plain() const { return all == own; }
};

/// Throws what `make_plan` throws.
CrossPlan make_cross_plan(const FeatureSet& set);

}  // namespace millrace
