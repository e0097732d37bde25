#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "millrace/chunk/sink.h"
#include "millrace/graph/expression.h"
#include "millrace/graph/plan.h"
#include "millrace/trading/strategy_spec.h"

namespace millrace {

/// Rules made ready for a plan: kernels and columns that they name have become features, what is left is arithmetic and
/// comparisons over these.
struct RuleSet {
  struct Rule {
    std::string rule, name;
    Expression expression;  // its names are features of `features`
  };
  FeatureSet features;
  std::vector<Rule> rules;

  /// Numbers of the rules called `rule`.
  std::vector<std::uint32_t> find(std::string_view rule) const;
};

/// Takes the rules of `spec` apart. `more` are features that the run needs besides (guards). Throws
/// Error(Fault::config) with the place of what cannot be read. REQUIRES: parameters are inserted.
RuleSet make_rules(const StrategySpec& spec, const std::vector<Definition>& more);

/// Evaluates rules over the columns of a feature block, many rows at a time. Nulls are those of expressions: a rule
/// with a null in it is null.
class RuleProgram {
 public:
  static constexpr std::size_t block_rows = 256;

  /// `rules` are numbers in `set`; results come in their order. Throws Error(Fault::config) where a name is no feature
  /// of the plan.
  RuleProgram(const RuleSet& set, const std::vector<std::uint32_t>& rules, const Plan& plan);

  std::size_t size() const { return results_.size(); }

  /// Results of rows [first, first + count) of the block, in its own order; valid until the next call.
  /// REQUIRES: count <= block_rows.
  void run(const FeatureBlock& features, std::size_t first, std::size_t count);
  const double* result(std::size_t rule) const { return at(results_[rule], 0); }

 private:
  struct Load {
    std::uint32_t column, slot;
  };
  struct Step {
    Operator op;
    std::uint32_t operands[2];
    std::uint32_t slot;
  };
  std::uint32_t compile(const Expression& expression, const Plan& plan);
  double* at(std::uint32_t slot, std::size_t row) { return values_.data() + slot * block_rows + row; }
  const double* at(std::uint32_t slot, std::size_t row) const { return values_.data() + slot * block_rows + row; }

  std::vector<std::string> texts_;  // of each slot, so that equal parts are computed once
  std::vector<Load> loads_;
  std::vector<std::pair<std::uint32_t, double>> constants_;  // slot and value
  std::vector<Step> steps_;
  std::vector<std::uint32_t> results_;
  std::vector<const double*> sources_;  // by slot: where its values are now
  AlignedVector<double> values_;        // by slot, `block_rows` each
};

}  // namespace millrace
