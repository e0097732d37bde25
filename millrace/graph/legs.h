#pragma once

#include <map>
#include <string>
#include <vector>

#include "millrace/graph/expression.h"
#include "millrace/graph/feature_set.h"

namespace millrace {

/// The row's own instrument, as a leg.
inline constexpr std::string_view row_leg = "x";
/// When an instrument ends, as a name in expressions: `fut.expiry`. Null where it does not.
inline constexpr std::string_view expiry_name = "expiry";

/// Which instruments an expression looks at.
struct LegUse {
  std::vector<std::string> outside;  // of asof(): those whose rows move it, in the order in which they are named
  std::vector<std::string> all;

  bool is_own() const { return all.empty() || (all.size() == 1 && all[0] == row_leg); }
  bool uses(std::string_view leg) const;
};

/// Follows names through a feature set. A plain column is one of the row's instrument. Broken expressions and cycles
/// count for nothing here; whoever resolves them complains.
class LegFinder {
 public:
  explicit LegFinder(const FeatureSet& set);

  bool is_leg(std::string_view name) const;
  /// Of a definition, by its name.
  const LegUse& use_of(std::string_view definition);
  LegUse use_of(const Expression& expression);

 private:
  void walk(const Expression& expression, bool is_outside, LegUse& use);

  static constexpr std::size_t deepest = 500;  // names; whoever resolves them refuses as many

  const FeatureSet& set_;
  std::size_t depth_ = 0;
  std::map<std::string, const Definition*, std::less<>> definitions_;
  std::map<std::string, LegUse, std::less<>> known_;
};

}  // namespace millrace
