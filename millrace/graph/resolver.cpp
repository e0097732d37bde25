#include "millrace/graph/resolver.h"

#include <algorithm>
#include <utility>

#include "millrace/base/checksum.h"
#include "millrace/base/text.h"

namespace millrace {

namespace {

bool is_quantity(Column column) {
  return info(column).type == ColumnType::f64 || column == Column::side || column == Column::n_trades_24h;
}

ValueType type_of_column(Column column) {
  if (info(column).type == ColumnType::time) return ValueType::time;
  return column == Column::trade_id ? ValueType::id : ValueType::number;
}

}  // namespace

Resolver::Resolver(const FeatureSet& set, const KernelLookup& lookup, const std::vector<std::string_view>& kernel_names,
                   std::vector<std::string> legs)
    : set_(set), lookup_(lookup), kernel_names_(kernel_names), legs_(set), complaints_(set) {
  const auto own = std::find(legs.begin(), legs.end(), row_leg);
  if (own != legs.end()) own_leg_ = static_cast<std::size_t>(own - legs.begin());
  leg_ = own_leg_;
  plan_.legs = std::move(legs);
}

std::shared_ptr<const Plan> Resolver::resolve() {
  plan_.profile = set_.name;
  for (const auto* list : {&set_.lets, &set_.features}) {
    for (const Definition& definition : *list) declare(definition);
  }
  for (const Definition& feature : set_.features) add_feature(feature);
  check_lets();
  complaints_.check();
  plan_.fingerprint = fingerprint();
  return std::make_shared<const Plan>(std::move(plan_));
}

/// An unused let may be wrong too. Inputs come first in a plan, so what only lets need stands at its end and goes.
void Resolver::check_lets() {
  if (!set_.legs.empty()) return;
  const std::size_t nodes = plan_.nodes.size(), events = plan_.events.size();
  const ColumnSet columns = plan_.columns;
  for (const Definition& let : set_.lets) value_of(let);
  plan_.nodes.resize(nodes);
  plan_.events.resize(events);
  plan_.columns = columns;
}

void Resolver::declare(const Definition& definition) {
  current_ = &definition;
  if (find_column(definition.name) || definition.name == "venue" || definition.name == "symbol") {
    complain(0, "`{}` is the name of a source column; expected another name", definition.name);
  } else if (!definitions_.try_emplace(definition.name, &definition).second) {
    complain(0, "`{}` is defined twice", definition.name);
  }
}

void Resolver::add_feature(const Definition& feature) {
  const Resolved value = value_of(feature);
  if (!value) return;
  const Node& node = plan_.nodes[value->node];
  const bool is_kernel = node.type == Node::Type::kernel;
  if (is_as_of(node)) {
    current_ = &feature;
    complain(0, "expected a leg outside asof(): its rows are those on which the value stands");
    return;
  }
  PlannedFeature planned{.name = feature.name,
                         .expression = feature.expression,
                         .unit = feature.unit,
                         .warmup = feature.warmup,
                         .value = *value};
  if (planned.unit.empty() && is_kernel) planned.unit = node.kernel->doc.unit;
  if (planned.warmup.empty() && is_kernel) planned.warmup = node.kernel->doc.warmup;
  planned.columns = node.columns;
  planned.type = type_of(*value);
  planned.is_truth = node.is_truth;
  for (const std::string& leg : legs_.use_of(feature.name).outside) {
    const auto at = std::find(plan_.legs.begin(), plan_.legs.end(), leg);
    if (at == plan_.legs.end()) continue;
    planned.leg = static_cast<std::size_t>(at - plan_.legs.begin());
    break;
  }
  plan_.features.push_back(std::move(planned));
}

/// Legs of a name's definition, and of what it stands in: a name means what its expression would in its place.
LegSet Resolver::scope_within(const std::string& name) {
  LegSet scope = scope_;
  for (const std::string& leg : legs_.use_of(name).outside) {
    for (std::size_t i = 0; i < plan_.legs.size(); ++i) {
      if (plan_.legs[i] == leg) scope = static_cast<LegSet>(scope | 1U << i);
    }
  }
  return scope;
}

/// A definition means something else for each leg, unless it names legs itself, and for each scope.
Resolver::Resolved Resolver::value_of(const Definition& definition) {
  const auto at = definitions_.find(definition.name);
  if (at == definitions_.end() || at->second != &definition) return std::nullopt;  // declared twice
  const LegSet scope = scope_within(definition.name);
  Named& named = named_[{definition.name, leg_, scope}];
  if (named.progress == Named::Progress::done) return named.value;
  const Definition* outer = current_;
  const LegSet outer_scope = scope_;
  current_ = &definition;
  scope_ = scope;
  named.progress = Named::Progress::open;
  open_.push_back(definition.name);
  auto parsed = parse_expression(definition.expression);
  if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
    complain(complaint->at, "{}", complaint->message);
  } else {
    named.value = value_of(std::get<Expression>(parsed));
  }
  open_.pop_back();
  named.progress = Named::Progress::done;
  current_ = outer;
  scope_ = outer_scope;
  return named.value;
}

Resolver::Resolved Resolver::value_of(const Expression& expression) {
  if (depth_ == deepest_plan) {
    return complain(expression.at, "stands on more than {} levels of names and operators", deepest_plan);
  }
  ++depth_;
  const Resolved value = value_of_type(expression);
  --depth_;
  return value;
}

Resolver::Resolved Resolver::value_of_type(const Expression& expression) {
  switch (expression.type) {
    case Expression::Type::number: return constant(expression.number);
    case Expression::Type::name: return name(expression);
    case Expression::Type::member: return member(expression);
    case Expression::Type::call: return call(expression);
    case Expression::Type::operation: return operation(expression);
  }
  return std::nullopt;
}

Resolver::Resolved Resolver::name(const Expression& expression) {
  if (const auto at = definitions_.find(expression.name); at != definitions_.end()) {
    if (leg_ != own_leg_ && !legs_.use_of(expression.name).is_own()) {
      return complain(expression.at, "`{}` names legs itself; expected it without a leg", expression.name);
    }
    if (named_[{expression.name, leg_, scope_within(expression.name)}].progress == Named::Progress::open) {
      return complain(expression.at, "`{}` depends on itself: {} -> {}", expression.name, fmt::join(open_, " -> "),
                      expression.name);
    }
    const Resolved value = value_of(*at->second);
    if (!value && complaints_.empty()) complain(expression.at, "`{}` has no value", expression.name);
    return value;
  }
  const auto column = find_column(expression.name);
  if (expression.name == expiry_name && leg_ != no_leg) return expiry_node();
  if (!column) {
    return complain(expression.at, "unknown name `{}`{}", expression.name,
                    did_you_mean(expression.name, known_names()));
  }
  if (!is_quantity(*column) && !is_integer(type_of_column(*column))) {
    return complain(expression.at, "`{}` is no quantity; expected a column of numbers or times", expression.name);
  }
  if (leg_ == no_leg) {
    return complain(expression.at, "`{0}` of which leg? Expected {1}.{0}", expression.name, fmt::join(plan_.legs, "|"));
  }
  return column_node(*column);
}

/// The legs that an expression without any input is about.
LegSet Resolver::context() const {
  if (leg_ != no_leg) return static_cast<LegSet>(1U << leg_);
  return scope_ != 0 ? scope_ : all_legs(plan_);
}

Resolver::Resolved Resolver::constant(double value) {
  return intern({.type = Node::Type::constant, .constant = value, .identity = fmt::format("number {}", value)});
}

Resolver::Resolved Resolver::column_node(Column column) {
  plan_.columns.add(column);
  const Rows rows = Rows::of(info(column).observed, leg_);
  return intern(
      {.type = Node::Type::column,
       .column = column,
       .observed = rows,
       .taken = rows,
       .laid_out = rows,
       .legs = static_cast<LegSet>(1U << leg_),
       .identity = fmt::format("column {}{}", info(column).name, leg_ == 0 ? "" : fmt::format(" of {}", leg_))});
}

/// It moves nothing: a value that no row brings.
Resolver::Resolved Resolver::expiry_node() {
  return intern({.type = Node::Type::expiry,
                 .leg = leg_,
                 .laid_out = every_row_of(all_legs(plan_)),
                 .identity = fmt::format("expiry of {}", leg_)});
}

ValueType Resolver::type_of(ValueRef value) const {
  const Node& node = plan_.nodes[value.node];
  if (node.type == Node::Type::column) return type_of_column(node.column);
  if (node.type == Node::Type::expiry) return ValueType::time;
  if (node.type != Node::Type::kernel) return ValueType::number;
  const OutputInfo& output = node.kernel->outputs[value.output];
  if (output.is_flag) return ValueType::flag;
  return output.is_time ? ValueType::time : output.is_span ? ValueType::span : ValueType::number;
}

std::size_t Resolver::leg_number(const Expression& name) const {
  if (name.type != Expression::Type::name || !legs_.is_leg(name.name)) return no_leg;
  return static_cast<std::size_t>(std::find(plan_.legs.begin(), plan_.legs.end(), name.name) - plan_.legs.begin());
}

/// `a.midprice`: the name as it is for that instrument.
Resolver::Resolved Resolver::of_leg(std::size_t leg, const Expression& member) {
  if (leg_ != own_leg_) return complain(member.at, "`.{}`: a leg has no legs", member.name);
  const std::size_t outer = std::exchange(leg_, leg);
  Expression inner{.type = Expression::Type::name, .at = member.at, .name = member.name};
  const Resolved value = name(inner);
  leg_ = outer;
  return value;
}

Resolver::Resolved Resolver::member(const Expression& expression) {
  if (const std::size_t leg = leg_number(expression.operands[0]); leg < plan_.legs.size()) {
    return of_leg(leg, expression);
  }
  const Resolved base = value_of(expression.operands[0]);
  if (!base) return std::nullopt;
  const Node& node = plan_.nodes[base->node];
  if (node.type != Node::Type::kernel) {
    complain(expression.at, "only a kernel's result has parts; `.{}` does not apply here", expression.name);
    return std::nullopt;
  }
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < node.kernel->outputs.size(); ++i) {
    if (node.kernel->outputs[i].name == expression.name) {
      return ValueRef{base->node, static_cast<std::uint32_t>(i)};
    }
    names.push_back(node.kernel->outputs[i].name);
  }
  return complain(expression.at, "{} has no output `{}`; it has {}", node.kernel->doc.name, expression.name,
                  fmt::join(names, ", "));
}

ValueRef Resolver::intern(Node node) {
  const auto [at, is_new] = known_.try_emplace(node.identity, static_cast<std::uint32_t>(plan_.nodes.size()));
  if (is_new) {
    if (node.type == Node::Type::column) node.columns.add(node.column);
    for (const ValueRef& input : node.inputs) node.columns = node.columns | plan_.nodes[input.node].columns;
    plan_.nodes.push_back(std::move(node));
  }
  return {at->second, 0};
}

std::uint64_t Resolver::fingerprint() const {
  std::uint64_t hash = fnv1a("millrace plan 1");
  for (const Node& node : plan_.nodes) hash = fnv1a(node.identity + "\n", hash);
  for (const PlannedFeature& feature : plan_.features) {
    hash = fnv1a(fmt::format("{}.{}\n", feature.value.node, feature.value.output), hash);
  }
  return hash;
}

std::vector<std::string_view> Resolver::known_names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, unused] : definitions_) names.push_back(name);
  for (const ColumnInfo& column : column_table) names.push_back(column.name);
  return names;
}

}  // namespace millrace
