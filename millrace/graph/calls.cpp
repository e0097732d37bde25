#include <algorithm>
#include <cctype>
#include <cmath>

#include "millrace/base/text.h"
#include "millrace/graph/leg_kernels.h"
#include "millrace/graph/resolver.h"

namespace millrace {

namespace {

/// A kernel that goes by the rows' times may be written with them, as in `stale_quote_detector(ts_event, ts_recv, …)`;
/// it is handed them with each row and not as inputs.
Expression without_row_times(Expression call) {
  std::erase_if(call.operands, [](const Expression& operand) {
    return operand.type == Expression::Type::name && (operand.name == "ts_event" || operand.name == "ts_recv");
  });
  return call;
}

/// An input that is given or left out against what the first one asks for, or nullptr.
const InputInfo* wrong_beside_time(const Node& node) {
  for (std::size_t i = 1; i < node.kernel->inputs.size(); ++i) {
    const InputInfo& input = node.kernel->inputs[i];
    const bool is_given = i < node.inputs.size(), is_wanted = node.parameters.form == node.kernel->of_times;
    if (input.is_beside_time && is_given != is_wanted) return &input;
  }
  return nullptr;
}

Rows rows_of(KindSet kinds, LegSet legs) {
  Rows rows;
  for (std::size_t leg = 0; leg < most_legs; ++leg) {
    if ((legs >> leg & 1U) != 0) rows = rows | Rows::of(kinds, leg);
  }
  return rows;
}

/// The legs of which a set has the trades and nothing else, with these rows.
Rows on_trades(Rows rows) {
  Rows trades;
  for (std::size_t leg = 0; leg < most_legs && rows.events == 0; ++leg) {
    const Rows whole = Rows::of(0xFF, leg), of_leg{rows.kinds & whole.kinds, 0};
    if (of_leg == Rows::of(trade_kinds, leg)) trades = trades | of_leg;
  }
  return trades;
}

/// Of the legs that have trades nothing but these.
Rows without_other_rows(Rows rows, Rows trades) {
  rows.events = 0;
  for (std::size_t leg = 0; leg < most_legs; ++leg) {
    const std::uint64_t whole = Rows::of(0xFF, leg).kinds;
    if ((trades.kinds & whole) != 0) rows.kinds = (rows.kinds & ~whole) | (trades.kinds & whole);
  }
  return rows;
}

}  // namespace

Resolver::Resolved Resolver::call(const Expression& expression) {
  if (const FunctionInfo* function = find_function(expression.name)) return function_call(*function, expression);
  const KernelInfo* kernel = find_leg_kernel(expression.name);
  if (kernel == nullptr) kernel = lookup_(expression.name);
  if (kernel == nullptr) {
    std::vector<std::string_view> names = kernel_names_;
    for (const std::string_view name : function_names()) names.push_back(name);
    complain(expression.at, "unknown kernel `{}`{}", expression.name, did_you_mean(expression.name, names));
    for (const Expression& operand : expression.operands) value_of(operand);  // says what else is wrong
    return std::nullopt;
  }
  return kernel_call(*kernel, kernel->takes_row_times ? without_row_times(expression) : expression);
}

Resolver::Resolved Resolver::kernel_call(const KernelInfo& kernel, const Expression& expression) {
  Node node{.type = Node::Type::kernel, .kernel = &kernel};
  bool is_sound = check_arity(kernel, expression);
  if (kernel.is_offline) {
    complain(expression.at, "{} looks ahead: it needs rows that a live feed does not have yet", kernel.doc.name);
    is_sound = false;
  }
  is_sound = read_inputs(node, expression) && is_sound;
  std::optional<Observed> on;
  is_sound = read_own_parameters(node, expression, on) && is_sound;
  if (!is_sound) return std::nullopt;
  if (const InputInfo* wrong = wrong_beside_time(node)) {
    return complain(expression.at, "{}: {} goes with a time in place of {}, and only then; expected all or none such",
                    kernel.doc.name, wrong->name, kernel.inputs[0].name);
  }
  if (kernel.family == "legs") return leg_call(std::move(node), expression);
  if (!settle_legs(node, expression.at)) return std::nullopt;
  observe(node, on);
  if (node.taken.is_empty() && node.legs != 0) {
    return complain(expression.at, "{}: on=bar, but none of its inputs is a bar", kernel.doc.name);
  }
  const FormInfo& form = *node.parameters.form;
  if (form.needs_stamps) {
    for (const Column column : {Column::ts_event, Column::ts_recv}) {
      plan_.columns.add(column);
      node.columns.add(column);
    }
  }
  if (form.is_emitting && node.is_reset_by_null) {
    return complain(expression.at, "{}: nan_policy=reset does not go with bars", kernel.doc.name);
  }
  node.is_reevaluated = form.is_reevaluated || (form.is_stateless && has_reevaluated_input(node));
  node.identity = fmt::format("{} v{}[{}] on {}{}{}", kernel.doc.name, kernel.version, node.parameters.text,
                              text_of(node.taken), node.is_reset_by_null ? " reset" : "", inputs_text(node));
  if (!form.is_emitting) {
    lay_out(node);
    return intern(std::move(node));
  }
  return closing(std::move(node), expression.at);
}

/// Inputs by position, then those that are written `name=column`. Left-out ones between are nulls.
bool Resolver::read_inputs(Node& node, const Expression& expression) {
  bool is_sound = true;
  for (const Expression& operand : expression.operands) {
    const Resolved value = value_of(operand);
    if (value) node.inputs.push_back(*value);
    is_sound = is_sound && value.has_value();
    if (value && node.inputs.size() <= node.kernel->inputs.size()) {
      is_sound = check_type(node, node.inputs.size() - 1, operand.at) && is_sound;
    }
  }
  for (std::size_t i = 0; i < node.kernel->inputs.size() && is_sound; ++i) {
    const InputInfo& input = node.kernel->inputs[i];
    if (!input.is_keyword) continue;
    for (const Argument& argument : expression.arguments) {
      if (argument.name != input.name) continue;
      const Resolved value = keyword_input(input, argument);
      if (!value && input.is_optional) continue;  // a literal, which belongs to the parameter of that name
      if (!value) {
        if (complaints_.empty())
          complain(argument.at, "{}: {} must be a column or a name", expression.name, input.name);
        return false;
      }
      while (node.inputs.size() < i) node.inputs.push_back(*constant(no_value));
      node.inputs.push_back(*value);
      is_sound = check_type(node, i, argument.at);
    }
  }
  return is_sound;
}

/// The column or name that `argument` binds the input to; nothing for a literal.
Resolver::Resolved Resolver::keyword_input(const InputInfo& input, const Argument& argument) {
  if (argument.value == "instrument" && input.name == "tick") {
    return intern({.type = Node::Type::tick_size,
                   .observed = {},
                   .laid_out = every_row_of(all_legs(plan_)),
                   .identity = "tick size of the instrument"});
  }
  const bool is_name = !argument.value.empty() && std::isalpha(static_cast<unsigned char>(argument.value[0])) != 0;
  if (!is_name || argument.value == "auto" || argument.value == "none") return std::nullopt;
  auto parsed = parse_expression(argument.value);
  if (std::holds_alternative<Complaint>(parsed)) return std::nullopt;
  std::get<Expression>(parsed).at = argument.at;
  return value_of(std::get<Expression>(parsed));
}

bool Resolver::check_type(Node& node, std::size_t input, std::size_t at) {
  const InputInfo& about = node.kernel->inputs[input];
  ValueRef& value = node.inputs[input];
  const ValueType type = type_of(value);
  if (about.is_time ? type == ValueType::time : about.is_id ? type == ValueType::id : !is_integer(type)) return true;
  if (type == ValueType::span && !about.is_time && !about.is_id) {
    value = as_number(value);
    return true;
  }
  if (type == ValueType::time && input == 0 && node.kernel->of_times != nullptr) return true;
  complain(at, "{}: {} must be {}, was {}", node.kernel->doc.name, about.name,
           about.is_time ? "a time"
           : about.is_id ? "an identifier"
                         : "a number",
           type == ValueType::time ? "a time (subtract another, or see time_of_day)"
           : type == ValueType::id ? "an identifier"
                                   : "a number");
  return false;
}

bool Resolver::read_own_parameters(Node& node, const Expression& expression, std::optional<Observed>& on) {
  std::vector<Complaint> complaints;
  std::vector<Argument> own;  // without those that became inputs
  for (const Argument& argument : expression.arguments) {
    bool is_input = false;
    for (std::size_t i = 0; i < node.inputs.size() && i < node.kernel->inputs.size(); ++i) {
      const bool is_left_out = std::isnan(plan_.nodes[node.inputs[i].node].constant);
      is_input |= node.kernel->inputs[i].is_keyword && node.kernel->inputs[i].name == argument.name && !is_left_out;
    }
    own.push_back(argument);
    if (is_input) own.back().value = bound_to_input;
    const auto param = std::find_if(node.kernel->params.begin(), node.kernel->params.end(),
                                    [&](const ParamInfo& one) { return one.name == argument.name; });
    if (param == node.kernel->params.end() || param->type != ParamType::fees || argument.value != "venue") continue;
    const auto costs = costs_of_venues(node, argument);
    if (!costs) return false;
    own.back().value = *costs;
  }
  node.parameters = read_parameters(*node.kernel, expression.at, own, complaints);
  const CommonParameters common = read_common_parameters(own, complaints);
  for (const Complaint& complaint : complaints) complain(complaint.at, "{}", complaint.message);
  node.is_reset_by_null = common.is_reset_by_null;
  on = common.on;
  if (!node.inputs.empty() && type_of(node.inputs[0]) == ValueType::time && node.kernel->of_times != nullptr) {
    node.parameters.form = node.kernel->of_times;
  }
  return complaints.empty();
}

bool Resolver::check_arity(const KernelInfo& kernel, const Expression& expression) {
  std::size_t required = 0, most = 0;
  std::string names;
  for (const InputInfo& input : kernel.inputs) {
    if (input.is_keyword) continue;
    required += input.is_optional ? 0 : 1;
    ++most;
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", input.name, input.is_optional ? " (optional)" : "");
  }
  for (const InputInfo& input : kernel.inputs) {
    const bool is_given = std::any_of(expression.arguments.begin(), expression.arguments.end(),
                                      [&](const Argument& one) { return one.name == input.name; });
    if (!input.is_keyword || input.is_optional || is_given) continue;
    complain(expression.at, "{}: expected {}=, a column or a name", kernel.doc.name, input.name);
    return false;
  }
  const std::size_t given = expression.operands.size();
  if (given >= required && given <= most) return true;
  complain(expression.at, "{} takes {} input{} ({}), was given {}", kernel.doc.name, most, most == 1 ? "" : "s", names,
           given);
  return false;
}

/// `kernels.md` 1: on trade rows if any direct input is observed there, else on the rows of its inputs; of several
/// legs, leg by leg.
void Resolver::observe(Node& node, std::optional<Observed> on) {
  Rows trades;
  bool has_asof = false;
  for (const ValueRef& input : node.inputs) {
    const Node& from = plan_.nodes[input.node];
    has_asof |= is_as_of(from);
    node.taken = node.taken | from.observed;
    node.legs = static_cast<LegSet>(node.legs | from.legs);
    trades = trades | on_trades(from.observed);
  }
  if (!trades.is_empty()) node.taken = without_other_rows(node.taken, trades);
  if (node.legs == 0 && has_asof) return;
  if (node.legs == 0) node.legs = context();  // constants alone
  if (on && *on == Observed::bar) {
    node.taken = bars_above(node);
  } else if (on) {
    node.taken = rows_of(kinds_of(*on), node.legs);
  } else if (node.kernel != nullptr && node.kernel->observes != 0) {
    node.taken = rows_of(node.kernel->observes, node.legs);
  } else if (node.taken.is_empty()) {
    node.taken = every_row_of(node.legs);
  }
  node.observed = node.taken;
}

/// The bars that a node stands on: those of its direct inputs, else those further up.
Rows Resolver::bars_above(const Node& node) const {
  Rows bars;
  for (const ValueRef& input : node.inputs) bars.events |= plan_.nodes[input.node].observed.events;
  if (!bars.is_empty()) return bars;
  for (const ValueRef& input : node.inputs) bars = bars | bars_above(plan_.nodes[input.node]);
  return bars;
}

/// Where a node is computed. What changes with time alone, and what watches every row, is computed on every row, and
/// on a row that closes several bars once for each. So is a stateless mixture of bars: it lies on no rows of its own.
void Resolver::lay_out(Node& node) const {
  const bool is_kernel = node.type == Node::Type::kernel;
  const bool is_watching = is_kernel && !node.parameters.form->is_dense;
  const bool is_stateless = !is_kernel || node.parameters.form->is_stateless;
  node.laid_out = node.taken;
  if (node.legs == 0) {
    node.laid_out = every_row_of(all_legs(plan_));
  } else if (is_watching) {
    node.laid_out = every_row_of(node.legs) | Rows{0, node.taken.events};
  } else if (node.is_reevaluated || (is_stateless && node.taken.bar_kernels() > 1)) {
    node.laid_out = every_row_of(node.legs);
  }
}

bool Resolver::has_reevaluated_input(const Node& node) const {
  return std::any_of(node.inputs.begin(), node.inputs.end(),
                     [&](const ValueRef& input) { return plan_.nodes[input.node].is_reevaluated; });
}

std::string Resolver::inputs_text(const Node& node) {
  std::string text;
  for (const ValueRef& input : node.inputs) text += fmt::format(" #{}.{}", input.node, input.output);
  return text;
}

}  // namespace millrace
