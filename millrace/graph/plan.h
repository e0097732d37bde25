#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "millrace/chunk/column.h"
#include "millrace/chunk/sink.h"
#include "millrace/graph/feature_set.h"
#include "millrace/graph/parameters.h"
#include "millrace/graph/rows.h"
#include "millrace/kernels/kernel.h"

namespace millrace {

/// One output of one node.
struct ValueRef {
  std::uint32_t node = 0, output = 0;
  bool operator==(const ValueRef&) const = default;
};

/// A distinct subexpression. Equal texts, whatever feature they stand in, are one node.
struct Node {
  enum class Type : std::uint8_t { column, tick_size, expiry, constant, operation, kernel };
  Type type = Type::column;
  Column column{};
  std::size_t leg = 0;  // whose expiry it is
  double constant = 0.0;
  Operator op{};
  const KernelInfo* kernel = nullptr;
  Parameters parameters{};
  std::vector<ValueRef> inputs{};
  Rows observed{};                // rows on which its value is an observation; none for constants
  Rows taken{};                   // rows on which it takes one: `observed`, but of a kernel that closes bars
  Rows laid_out{};                // rows on which it is computed
  LegSet legs = 0;                // whose rows move it and whose clock it has; none of constants and `asof`
  bool is_reevaluated = false;    // changes as time passes, without an observation
  bool is_truth = false;          // 1, 0 or null
  bool is_reset_by_null = false;  // nan_policy=reset: a missing observation starts it anew
  ColumnSet columns{};            // of the source, that it depends on
  std::string identity{};         // canonical text; names its inputs by number
};

/// A feature of the set: which value it shows.
struct PlannedFeature {
  std::string name, expression, unit, warmup;
  ValueRef value;
  ValueType type = ValueType::number;
  bool is_truth = false;  // 1, 0 or null
  std::size_t leg = 0;    // on whose rows it stands
  std::string why_null;   // of a feature that cannot be computed
  ColumnSet columns;      // of the source, that it depends on
};

/// Expressions resolved against columns and registry, in an order in which inputs come first.
struct Plan {
  std::string profile;
  std::vector<Node> nodes;
  std::vector<PlannedFeature> features;
  std::vector<std::string> legs{"x"};  // the instruments whose rows it reads, by number
  std::vector<std::uint32_t> events;   // nodes that close bars, by their bit in `Rows::events`
  ColumnSet columns;                   // that the nodes read
  std::uint64_t fingerprint = 0;       // of everything that decides the bits
};

inline LegSet all_legs(const Plan& plan) { return static_cast<LegSet>((1U << plan.legs.size()) - 1U); }

inline constexpr std::size_t deepest_plan = 500;  // names and operators from a feature down to its columns

/// Which kernels exist; tests pass their own.
using KernelLookup = std::function<const KernelInfo*(std::string_view)>;

/// Resolves a feature set. All that is wrong (syntax, unknown names with the nearest known one, arity, parameters,
/// cycles, look-ahead kernels, types) is reported in one Error(Fault::config), each with file, line, column and a
/// caret.
std::shared_ptr<const Plan> make_plan(const FeatureSet& set);
std::shared_ptr<const Plan> make_plan(const FeatureSet& set, const KernelLookup& lookup,
                                      const std::vector<std::string_view>& kernel_names);

}  // namespace millrace
