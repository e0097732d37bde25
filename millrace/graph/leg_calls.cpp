#include <algorithm>
#include <bit>

#include "millrace/base/text.h"
#include "millrace/graph/leg_kernels.h"
#include "millrace/graph/resolver.h"

// Values of several instruments in one expression.

namespace millrace {

/// `asof` belongs to no leg: it moves nothing, and whoever uses it sees it on his own rows. `grid` goes by the clock of
/// all legs of its definition, so that several grids keep step.
Resolver::Resolved Resolver::leg_call(Node node, const Expression& expression) {
  const Node& from = plan_.nodes[node.inputs[0].node];
  const bool is_asof = node.kernel->doc.name == "asof";
  if (from.legs == 0) return complain(expression.at, "{} takes a value of a leg", node.kernel->doc.name);
  node.taken = from.is_reevaluated ? every_row_of(from.legs) : from.observed;
  node.identity = fmt::format("{} {}[{}] on {}{}", node.kernel->doc.name, is_asof ? 0 : scope_, node.parameters.text,
                              text_of(node.taken), inputs_text(node));
  if (is_asof) {
    if (set_.legs.empty()) return complain(expression.at, "asof: the feature set has no legs");
    if (plan_.legs.size() < 2) return complain(expression.at, "expected a leg outside asof()");
    plan_.columns.add(Column::ts_event);
    plan_.columns.add(Column::ts_recv);
    node.laid_out = every_row_of(all_legs(plan_));
    return intern(std::move(node));
  }
  node.legs = static_cast<LegSet>(scope_ | from.legs);
  return closing(std::move(node), expression.at);
}

/// A node that closes bars, or takes the place of one that does the same.
Resolver::Resolved Resolver::closing(Node node, std::size_t at) {
  if (const auto known = known_.find(node.identity); known != known_.end()) return ValueRef{known->second, 0};
  if (plan_.events.size() == most_bar_kernels) {
    return complain(at, "expected at most {} kernels that close bars", most_bar_kernels);
  }
  node.observed = node.laid_out = Rows::of_event(plan_.events.size());
  plan_.events.push_back(static_cast<std::uint32_t>(plan_.nodes.size()));
  return intern(std::move(node));
}

/// The same value, null on rows that are later than its last observation by more than the set's tolerance.
Resolver::Resolved Resolver::kept_fresh(ValueRef value) {
  Node node{.type = Node::Type::kernel, .kernel = find_leg_kernel("asof"), .inputs = {value}};
  std::vector<Complaint> complaints;
  const std::vector<Argument> arguments{{"tolerance", fmt::format("{}ns", set_.tolerance), 0}};
  node.parameters = read_parameters(*node.kernel, 0, arguments, complaints);
  const Node& from = plan_.nodes[value.node];
  plan_.columns.add(Column::ts_event);
  plan_.columns.add(Column::ts_recv);
  node.taken = from.is_reevaluated ? every_row_of(from.legs) : from.observed;
  node.observed = from.observed;
  node.legs = from.legs;
  node.is_reevaluated = from.is_reevaluated;
  node.laid_out = every_row_of(all_legs(plan_));
  node.identity = fmt::format("fresh [{}] on {}{}", node.parameters.text, text_of(node.taken), inputs_text(node));
  return intern(std::move(node));
}

/// The legs whose values a node stands on, those within asof() too, in the order in which it names them.
void Resolver::find_legs(const Node& node, std::vector<std::size_t>& legs) const {
  for (std::size_t leg = 0; leg < plan_.legs.size(); ++leg) {
    const bool is_one = node.inputs.empty() && node.legs == (1U << leg);
    if (is_one && std::find(legs.begin(), legs.end(), leg) == legs.end()) legs.push_back(leg);
  }
  for (const ValueRef& input : node.inputs) find_legs(plan_.nodes[input.node], legs);
}

/// `fee_bps=venue`: what the venues of the call's legs take, as a list of numbers. Two legs are traded in and out.
std::optional<std::string> Resolver::costs_of_venues(const Node& node, const Argument& argument) {
  std::vector<std::size_t> legs;
  find_legs(node, legs);
  const bool is_fee = argument.name == "fee_bps";
  std::vector<std::string> costs;
  for (const std::size_t number : legs) {
    const std::string& name = plan_.legs[number];
    const auto leg = std::find_if(set_.legs.begin(), set_.legs.end(), [&](const Leg& one) { return one.name == name; });
    if (leg == set_.legs.end()) {
      return complain(argument.at, "{}=venue: expected configured legs, was {}", argument.name, name);
    }
    const std::string venue = leg->instrument.substr(0, leg->instrument.find(':'));
    const auto found =
        std::find_if(set_.venues.begin(), set_.venues.end(), [&](const VenueCosts& one) { return one.name == venue; });
    if (found == set_.venues.end()) {
      return complain(argument.at, "{0}=venue: leg {1} is on `{2}`; expected a table [venues.{2}] with fee_bps",
                      argument.name, name, venue);
    }
    costs.push_back(format_number(is_fee ? found->fee_bps : found->other_bps));
  }
  if (costs.size() < 2 || costs.size() > 3) {
    return complain(argument.at, "{}=venue: expected two or three legs, were {}", argument.name, costs.size());
  }
  const auto once = fmt::format("{}", fmt::join(costs, ","));
  return is_fee && costs.size() == 2 ? fmt::format("{},{}", once, once) : once;
}

/// A value that stands on no rows of its own: asof(), and what is made of such values alone.
bool Resolver::is_as_of(const Node& node) {
  return node.legs == 0 && (node.type == Node::Type::kernel || node.type == Node::Type::operation);
}

/// Where a node looks at several legs: those that must be paired are, and values of another leg are not too old. A grid
/// has paired its values already; kernels of several legs see to it themselves.
bool Resolver::settle_legs(Node& node, std::size_t at) {
  LegSet legs = 0;
  bool are_grids = true, has_asof = false;
  for (const ValueRef& input : node.inputs) {
    const Node& from = plan_.nodes[input.node];
    legs = static_cast<LegSet>(legs | from.legs);
    has_asof |= is_as_of(from);
    if (from.legs != 0) are_grids &= from.observed.kinds == 0 && from.observed.events != 0;
  }
  const bool is_stateless = node.kernel == nullptr || node.parameters.form->is_stateless;
  if (legs == 0 && has_asof && is_stateless) return true;  // as of the rows of whoever uses it, like asof() itself
  if (legs == 0 && has_asof) {
    complain(at, "expected a leg outside asof(): its rows are those on which the value stands");
    return false;
  }
  if (std::popcount(legs) < 2) return true;
  if (node.kernel != nullptr && node.kernel->is_paired && !are_grids) {
    complain(at, "{} pairs its inputs: expected grid() on each leg, or asof() on all but one", node.kernel->doc.name);
    return false;
  }
  if (set_.tolerance <= 0 || (node.kernel != nullptr && node.kernel->is_cross)) return true;
  for (ValueRef& input : node.inputs) {
    const Node& from = plan_.nodes[input.node];
    if (std::popcount(from.legs) != 1 || from.observed.events != 0) continue;
    const Resolved fresh = kept_fresh(input);
    if (!fresh) return false;
    input = *fresh;
  }
  return true;
}

}  // namespace millrace
