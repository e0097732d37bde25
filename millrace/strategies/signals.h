#pragma once

#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "millrace/trading/market_batch.h"
#include "millrace/trading/rule_program.h"

namespace millrace {

/// What a class reads of a row: the `signal` rules of its file, by name.
class Signals {
 public:
  /// Throws Error(Fault::config) where the file lacks one of `names`.
  Signals(const StrategySpec& spec, const RuleSet& rules, const Plan& plan,
          std::initializer_list<std::string_view> names);

  /// Takes the values of the row; they stay until the next one.
  void read(const Observation& row) { program_.run(row.batch->features, row.batch->at[row.row], 1); }
  /// Takes the values of rows [first, first + count) of a block, in its own order. REQUIRES: count <=
  /// RuleProgram::block_rows.
  void run(const FeatureBlock& features, std::size_t first, std::size_t count) { program_.run(features, first, count); }
  double at(std::size_t i, std::size_t row) const { return program_.result(i)[row]; }
  /// Of the name at place `i`; NaN = null.
  double operator[](std::size_t i) const { return program_.result(i)[0]; }

 private:
  static std::vector<std::uint32_t> places(const StrategySpec& spec, const RuleSet& rules,
                                           std::initializer_list<std::string_view> names);
  RuleProgram program_;
};

}  // namespace millrace
