#include "millrace/graph/plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <fmt/format.h>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/graph/complaints.h"
#include "millrace/graph/operators.h"
#include "millrace/kernels/registry.h"

namespace millrace {

namespace {

/// A value during resolution; nothing where a complaint stands for it.
using Resolved = std::optional<ValueRef>;

class Resolver {
 public:
  Resolver(const FeatureSet& set, const KernelLookup& lookup, const std::vector<std::string_view>& kernel_names)
      : set_(set), lookup_(lookup), kernel_names_(kernel_names), complaints_(set) {}

  std::shared_ptr<const Plan> resolve() {
    plan_.profile = set_.name;
    for (const auto* list : {&set_.lets, &set_.features}) {
      for (const Definition& definition : *list) declare(definition);
    }
    for (const Definition& feature : set_.features) add_feature(feature);
    for (const Definition& let : set_.lets) value_of(let);  // an unused let may be wrong too
    complaints_.check();
    plan_.fingerprint = fingerprint();
    return std::make_shared<const Plan>(std::move(plan_));
  }

 private:
  struct Named {
    const Definition* definition;
    enum class Progress : std::uint8_t { untouched, open, done } progress = Progress::untouched;
    Resolved value = {};
  };

  void declare(const Definition& definition) {
    current_ = &definition;
    if (find_column(definition.name) || definition.name == "venue" || definition.name == "symbol") {
      complain(0, "`{}` is the name of a source column; expected another name", definition.name);
    } else if (!named_.try_emplace(definition.name, Named{&definition}).second) {
      complain(0, "`{}` is defined twice", definition.name);
    }
  }

  void add_feature(const Definition& feature) {
    const Resolved value = value_of(feature);
    if (!value) return;
    const Node& node = plan_.nodes[value->node];
    const bool is_kernel = node.type == Node::Type::kernel;
    PlannedFeature planned{.name = feature.name,
                           .expression = feature.expression,
                           .unit = feature.unit,
                           .warmup = feature.warmup,
                           .value = *value};
    if (planned.unit.empty() && is_kernel) planned.unit = node.kernel->doc.unit;
    if (planned.warmup.empty() && is_kernel) planned.warmup = node.kernel->doc.warmup;
    planned.columns = node.columns;
    planned.is_flag = is_kernel && node.kernel->outputs[value->output].is_flag;
    plan_.features.push_back(std::move(planned));
  }

  Resolved value_of(const Definition& definition) {
    const auto at = named_.find(definition.name);
    if (at == named_.end() || at->second.definition != &definition) return std::nullopt;  // declared twice
    Named& named = at->second;
    if (named.progress == Named::Progress::done) return named.value;
    const Definition* outer = current_;
    current_ = &definition;
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
    return named.value;
  }

  Resolved value_of(const Expression& expression) {
    if (depth_ == deepest_plan) {
      return complain(expression.at, "stands on more than {} levels of names and operators", deepest_plan);
    }
    ++depth_;
    const Resolved value = value_of_type(expression);
    --depth_;
    return value;
  }

  Resolved value_of_type(const Expression& expression) {
    switch (expression.type) {
      case Expression::Type::number: return constant(expression.number);
      case Expression::Type::name: return name(expression);
      case Expression::Type::member: return member(expression);
      case Expression::Type::call: return call(expression);
      case Expression::Type::operation: return operation(expression);
    }
    return std::nullopt;
  }

  Resolved constant(double value) {
    return intern({.type = Node::Type::constant, .constant = value, .identity = fmt::format("number {}", value)});
  }

  Resolved name(const Expression& expression) {
    if (const auto at = named_.find(expression.name); at != named_.end()) {
      if (at->second.progress == Named::Progress::open) {
        return complain(expression.at, "`{}` depends on itself: {} -> {}", expression.name, fmt::join(open_, " -> "),
                        expression.name);
      }
      const Resolved value = value_of(*at->second.definition);
      if (!value && complaints_.empty()) complain(expression.at, "`{}` has no value", expression.name);
      return value;
    }
    const auto column = find_column(expression.name);
    if (!column) {
      return complain(expression.at, "unknown name `{}`{}", expression.name,
                      did_you_mean(expression.name, known_names()));
    }
    const ColumnInfo& about = info(*column);
    const bool is_number = about.type == ColumnType::f64 || *column == Column::side || *column == Column::n_trades_24h;
    if (!is_number) {
      complain(expression.at, "`{}` is {}; expected a column of numbers", expression.name,
               about.type == ColumnType::time ? "a time (see time_of_day)" : "no quantity");
      return std::nullopt;
    }
    return column_node(*column);
  }

  Resolved column_node(Column column) {
    plan_.columns.add(column);
    return intern({.type = Node::Type::column,
                   .column = column,
                   .observed = info(column).observed,
                   .laid_out = info(column).observed,
                   .identity = fmt::format("column {}", info(column).name)});
  }

  Resolved member(const Expression& expression) {
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

  Resolved operation(const Expression& expression) {
    std::vector<ValueRef> inputs;
    for (const Expression& operand : expression.operands) {
      const Resolved value = value_of(operand);
      if (value) inputs.push_back(*value);
    }
    if (inputs.size() < expression.operands.size()) return std::nullopt;
    return operation_node(expression.op, std::move(inputs), expression.at);
  }

  Resolved operation_node(Operator op, std::vector<ValueRef> inputs, std::size_t at) {
    const bool wants_truth = op == Operator::both || op == Operator::either || op == Operator::negation;
    for (const ValueRef& input : inputs) {
      if (!wants_truth || plan_.nodes[input.node].is_truth) continue;
      complain(at, "`{}` joins conditions; expected a comparison on both sides", name_of(op));
      return std::nullopt;
    }
    if (std::optional<double> folded = fold(op, inputs)) return constant(*folded);
    Node node{.type = Node::Type::operation, .op = op, .inputs = std::move(inputs)};
    node.is_truth = wants_truth || (op >= Operator::less && op <= Operator::not_equal);
    observe(node, std::nullopt);
    node.is_reevaluated = has_reevaluated_input(node);
    node.laid_out = node.is_reevaluated ? every_kind : node.observed;
    node.identity = fmt::format("{}{}", name_of(op), inputs_text(node));
    return intern(std::move(node));
  }

  std::optional<double> fold(Operator op, const std::vector<ValueRef>& inputs) const {
    double values[2] = {};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Node& node = plan_.nodes[inputs[i].node];
      if (node.type != Node::Type::constant) return std::nullopt;
      values[i] = node.constant;
    }
    if (op >= Operator::less && op <= Operator::negation) return std::nullopt;  // stays a truth
    const double* columns[2] = {&values[0], &values[1]};
    double result = 0.0;
    apply(op, columns, &result, 1);
    return result;
  }

  Resolved call(const Expression& expression) {
    if (const FunctionInfo* function = find_function(expression.name)) return function_call(*function, expression);
    const KernelInfo* kernel = lookup_(expression.name);
    if (kernel == nullptr) {
      std::vector<std::string_view> names = kernel_names_;
      for (const std::string_view name : function_names()) names.push_back(name);
      complain(expression.at, "unknown kernel `{}`{}", expression.name, did_you_mean(expression.name, names));
      for (const Expression& operand : expression.operands) value_of(operand);  // says what else is wrong
      return std::nullopt;
    }
    const bool reads_times = kernel->rows != nullptr && kernel->rows->needs_stamps;
    return kernel_call(*kernel, reads_times ? without_row_times(expression) : expression);
  }

  Resolved function_call(const FunctionInfo& function, const Expression& expression) {
    if (expression.operands.size() != function.operands || !expression.arguments.empty()) {
      return complain(expression.at, "{} takes {} value{}, was given {}{}", function.name, function.operands,
                      function.operands == 1 ? "" : "s", expression.operands.size(),
                      expression.arguments.empty() ? "" : " and parameters");
    }
    if (function.op != Operator::time_of_day) {
      Expression as_operation = expression;
      as_operation.op = function.op;
      return operation(as_operation);
    }
    const Expression& operand = expression.operands[0];
    if (operand.type != Expression::Type::name || operand.name != "ts_event") {
      return complain(operand.at, "time_of_day takes ts_event");
    }
    plan_.columns.add(Column::ts_event);
    return intern({.type = Node::Type::operation,
                   .op = Operator::time_of_day,
                   .observed = every_kind,
                   .laid_out = every_kind,
                   .identity = "time_of_day(ts_event)"});
  }

  /// A kernel that reads the rows' own times is written with them, as in `stale_quote_detector(ts_event, ts_recv, …)`;
  /// it is handed them with each row and not as inputs, which are numbers.
  static Expression without_row_times(Expression call) {
    std::erase_if(call.operands, [](const Expression& operand) {
      return operand.type == Expression::Type::name && (operand.name == "ts_event" || operand.name == "ts_recv");
    });
    return call;
  }

  Resolved kernel_call(const KernelInfo& kernel, const Expression& expression) {
    Node node{.type = Node::Type::kernel, .kernel = &kernel};
    bool is_sound = check_arity(kernel, expression);
    if (kernel.is_offline) {
      complain(expression.at, "{} looks ahead: it needs rows that a live feed does not have yet", kernel.doc.name);
      is_sound = false;
    }
    std::vector<Complaint> complaints;
    node.parameters = read_parameters(kernel, expression.at, expression.arguments, complaints);
    const CommonParameters common = read_common_parameters(expression.arguments, complaints);
    for (const Complaint& complaint : complaints) complain(complaint.at, "{}", complaint.message);
    node.is_reset_by_null = common.is_reset_by_null;
    for (const Expression& operand : expression.operands) {
      const Resolved value = value_of(operand);
      if (value) {
        node.inputs.push_back(*value);
      } else {
        is_sound = false;
      }
    }
    if (!is_sound || !complaints.empty()) return std::nullopt;
    observe(node, common.on);
    const FormInfo& form = *node.parameters.form;
    if (form.needs_stamps) {
      for (const Column column : {Column::ts_event, Column::ts_recv}) {
        plan_.columns.add(column);
        node.columns.add(column);
      }
    }
    node.is_reevaluated = form.is_reevaluated || (form.is_stateless && has_reevaluated_input(node));
    node.laid_out = node.is_reevaluated || !form.is_dense ? every_kind : node.observed;
    node.identity = fmt::format("{} v{}[{}] on {}{}{}", kernel.doc.name, kernel.version, node.parameters.text,
                                node.observed, node.is_reset_by_null ? " reset" : "", inputs_text(node));
    return intern(std::move(node));
  }

  bool check_arity(const KernelInfo& kernel, const Expression& expression) {
    std::size_t required = 0;
    std::string names;
    for (const InputInfo& input : kernel.inputs) {
      required += input.is_optional ? 0 : 1;
      names += fmt::format("{}{}{}", names.empty() ? "" : ", ", input.name, input.is_optional ? " (optional)" : "");
    }
    const std::size_t given = expression.operands.size();
    if (given >= required && given <= kernel.inputs.size()) return true;
    complain(expression.at, "{} takes {} input{} ({}), was given {}", kernel.doc.name, kernel.inputs.size(),
             kernel.inputs.size() == 1 ? "" : "s", names, given);
    return false;
  }

  /// `kernels.md` 1: on trade rows if any direct input is observed there, else on the rows of its inputs.
  void observe(Node& node, std::optional<KindSet> on) {
    for (const ValueRef& input : node.inputs) {
      const KindSet rows = plan_.nodes[input.node].observed;
      node.observed = static_cast<KindSet>(node.observed | rows);
      if (rows == trade_kinds && !on) on = trade_kinds;
    }
    if (on) node.observed = *on;
    if (node.observed == 0) node.observed = every_kind;  // constants alone
  }

  bool has_reevaluated_input(const Node& node) const {
    return std::any_of(node.inputs.begin(), node.inputs.end(),
                       [&](const ValueRef& input) { return plan_.nodes[input.node].is_reevaluated; });
  }

  static std::string inputs_text(const Node& node) {
    std::string text;
    for (const ValueRef& input : node.inputs) text += fmt::format(" #{}.{}", input.node, input.output);
    return text;
  }

  ValueRef intern(Node node) {
    const auto [at, is_new] = known_.try_emplace(node.identity, static_cast<std::uint32_t>(plan_.nodes.size()));
    if (is_new) {
      if (node.type == Node::Type::column) node.columns.add(node.column);
      for (const ValueRef& input : node.inputs) node.columns = node.columns | plan_.nodes[input.node].columns;
      plan_.nodes.push_back(std::move(node));
    }
    return {at->second, 0};
  }

  std::uint64_t fingerprint() const {
    std::uint64_t hash = fnv1a("millrace plan 1");
    for (const Node& node : plan_.nodes) hash = fnv1a(node.identity + "\n", hash);
    for (const PlannedFeature& feature : plan_.features) {
      hash = fnv1a(fmt::format("{}.{}\n", feature.value.node, feature.value.output), hash);
    }
    return hash;
  }

  std::vector<std::string_view> known_names() const {
    std::vector<std::string_view> names;
    for (const auto& [name, unused] : named_) names.push_back(name);
    for (const ColumnInfo& column : column_table) names.push_back(column.name);
    return names;
  }

  template <class... Args>
  std::nullopt_t complain(std::size_t at, fmt::format_string<Args...> format, Args&&... args) {
    complaints_.add(*current_, at, fmt::format(format, std::forward<Args>(args)...));
    return std::nullopt;
  }

  const FeatureSet& set_;
  const KernelLookup& lookup_;
  const std::vector<std::string_view>& kernel_names_;
  Plan plan_;
  std::map<std::string, Named, std::less<>> named_;
  std::map<std::string, std::uint32_t, std::less<>> known_;
  std::vector<std::string> open_;
  Complaints complaints_;
  std::size_t depth_ = 0;
  const Definition* current_ = nullptr;
};

}  // namespace

std::shared_ptr<const Plan> make_plan(const FeatureSet& set) {
  std::vector<std::string_view> names;
  for (const KernelInfo* kernel : all_kernels()) names.push_back(kernel->doc.name);
  return make_plan(set, find_kernel, names);
}

std::shared_ptr<const Plan> make_plan(const FeatureSet& set, const KernelLookup& lookup,
                                      const std::vector<std::string_view>& kernel_names) {
  if (set.features.empty()) fail(Fault::config, "feature set {}: expected at least one feature", set.name);
  if (set.features.size() + set.lets.size() > most_definitions) {
    fail(Fault::config, "feature set {}: expected at most {} definitions", set.name, most_definitions);
  }
  return Resolver(set, lookup, kernel_names).resolve();
}

}  // namespace millrace
