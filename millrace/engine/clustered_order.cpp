#include <algorithm>
#include <cmath>

#include "millrace/engine/feature_study.h"

namespace millrace {

namespace {

/// A cluster is known by the first of its leaves; one that was taken into another has none.
struct Clusters {
  std::size_t count;
  std::vector<double> distance;  // between clusters, average over pairs of leaves
  std::vector<std::vector<std::uint32_t>> leaves;

  double& at(std::size_t a, std::size_t b) { return distance[a * count + b]; }

  void merge(std::size_t into, std::size_t from) {
    const auto a = static_cast<double>(leaves[into].size()), b = static_cast<double>(leaves[from].size());
    for (std::size_t other = 0; other < count; ++other) {
      if (other == into || other == from || leaves[other].empty()) continue;
      at(into, other) = at(other, into) = (a * at(into, other) + b * at(from, other)) / (a + b);
    }
    leaves[into].insert(leaves[into].end(), leaves[from].begin(), leaves[from].end());
    leaves[from].clear();
  }

  /// The closest pair, the first of equals.
  std::pair<std::size_t, std::size_t> closest() {
    std::pair<std::size_t, std::size_t> best{0, 0};
    double least = INFINITY;
    for (std::size_t a = 0; a < count; ++a) {
      for (std::size_t b = a + 1; b < count && !leaves[a].empty(); ++b) {
        if (leaves[b].empty() || at(a, b) >= least) continue;
        least = at(a, b);
        best = {a, b};
      }
    }
    return best;
  }
};

}  // namespace

std::vector<std::uint32_t> clustered_order(const std::vector<double>& correlation, std::size_t count) {
  if (count == 0) return {};
  Clusters clusters{.count = count, .distance = std::vector<double>(count * count), .leaves = {}};
  for (std::size_t i = 0; i < count * count; ++i)
    clusters.distance[i] = std::isnan(correlation[i]) ? 1.0 : 1.0 - std::abs(correlation[i]);
  for (std::uint32_t i = 0; i < count; ++i) clusters.leaves.push_back({i});
  for (std::size_t merged = 1; merged < count; ++merged) {
    const auto [a, b] = clusters.closest();
    clusters.merge(a, b);
  }
  return clusters.leaves[0];
}

}  // namespace millrace
