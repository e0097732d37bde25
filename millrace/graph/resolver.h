#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "millrace/graph/complaints.h"
#include "millrace/graph/expression.h"
#include "millrace/graph/legs.h"
#include "millrace/graph/plan.h"

namespace millrace {

/// Makes a plan of a feature set. What is wrong with one definition does not hide what is wrong with the next.
class Resolver {
 public:
  /// `legs` are those of the plan, by number. Plain names belong to the row's own instrument, where it is among them.
  Resolver(const FeatureSet& set, const KernelLookup& lookup, const std::vector<std::string_view>& kernel_names,
           std::vector<std::string> legs);

  std::shared_ptr<const Plan> resolve();

 private:
  /// A value during resolution; nothing where a complaint stands for it.
  using Resolved = std::optional<ValueRef>;

  struct Named {
    enum class Progress : std::uint8_t { untouched, open, done } progress = Progress::untouched;
    Resolved value = {};
  };
  static constexpr std::size_t no_leg = SIZE_MAX;

  // resolver.cpp: definitions, names, columns, members
  LegSet scope_within(const std::string& name);
  void check_lets();
  void declare(const Definition& definition);
  void add_feature(const Definition& feature);
  Resolved value_of(const Definition& definition);
  Resolved value_of(const Expression& expression);
  Resolved value_of_type(const Expression& expression);
  Resolved constant(double value);
  Resolved name(const Expression& expression);
  Resolved column_node(Column column);
  Resolved expiry_node();
  Resolved member(const Expression& expression);
  Resolved of_leg(std::size_t leg, const Expression& member);
  std::size_t leg_number(const Expression& name) const;
  LegSet context() const;
  ValueType type_of(ValueRef value) const;
  ValueRef intern(Node node);
  std::uint64_t fingerprint() const;
  std::vector<std::string_view> known_names() const;

  // operations.cpp: operators and the functions of expressions
  Resolved operation(const Expression& expression);
  Resolved operation_node(Operator op, std::vector<ValueRef> inputs, std::size_t at);
  bool settle_types(Operator& op, std::vector<ValueRef>& inputs, std::size_t at);
  std::optional<double> fold(Operator op, const std::vector<ValueRef>& inputs) const;
  Resolved function_call(const FunctionInfo& function, const Expression& expression);
  Resolved closes(const Expression& expression);
  ValueRef as_number(ValueRef value);

  // calls.cpp: kernels
  Resolved call(const Expression& expression);
  Resolved kernel_call(const KernelInfo& kernel, const Expression& expression);
  bool read_inputs(Node& node, const Expression& expression);
  Resolved keyword_input(const InputInfo& input, const Argument& argument);
  Resolved closing(Node node, std::size_t at);

  // leg_calls.cpp: values of several instruments
  Resolved leg_call(Node node, const Expression& expression);
  Resolved kept_fresh(ValueRef value);
  bool settle_legs(Node& node, std::size_t at);
  static bool is_as_of(const Node& node);
  std::optional<std::string> costs_of_venues(const Node& node, const Argument& argument);
  void find_legs(const Node& node, std::vector<std::size_t>& legs) const;
  bool check_arity(const KernelInfo& kernel, const Expression& expression);
  bool check_type(Node& node, std::size_t input, std::size_t at);
  bool read_own_parameters(Node& node, const Expression& expression, std::optional<Observed>& on);
  void observe(Node& node, std::optional<Observed> on);
  Rows bars_above(const Node& node) const;
  void lay_out(Node& node) const;
  bool has_reevaluated_input(const Node& node) const;
  static std::string inputs_text(const Node& node);

  template <class... Args>
  std::nullopt_t complain(std::size_t at, fmt::format_string<Args...> format, Args&&... args) {
    complaints_.add(*current_, at, fmt::format(format, std::forward<Args>(args)...));
    return std::nullopt;
  }

  const FeatureSet& set_;
  const KernelLookup& lookup_;
  const std::vector<std::string_view>& kernel_names_;
  Plan plan_;
  LegFinder legs_;
  std::map<std::string, const Definition*, std::less<>> definitions_;
  std::map<std::tuple<std::string, std::size_t, LegSet>, Named> named_;  // by name, leg and scope
  std::map<std::string, std::uint32_t, std::less<>> known_;
  std::vector<std::string> open_;
  Complaints complaints_;
  std::size_t depth_ = 0;
  std::size_t own_leg_ = no_leg;  // the row's own instrument among the plan's legs
  std::size_t leg_ = no_leg;      // whose names are being resolved
  LegSet scope_ = 0;              // legs that the open definition names outside asof()
  const Definition* current_ = nullptr;
};

}  // namespace millrace
