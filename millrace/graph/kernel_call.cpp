#include "millrace/graph/kernel_call.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr std::size_t rows_at_once = 16 * 1024;  // inputs and outputs stay in the second cache

/// Columns of doubles, which the inputs lie in whatever they mean.
constexpr std::size_t places = std::count_if(column_table.begin(), column_table.end(),
                                             [](const ColumnInfo& column) { return column.type == ColumnType::f64; });
static_assert(places >= largest_inputs);

constexpr auto input_columns = [] {
  std::array<Column, places> columns{};
  std::size_t count = 0;
  for (std::size_t i = 0; i < column_count; ++i) {
    if (column_table[i].type == ColumnType::f64) columns[count++] = static_cast<Column>(i);
  }
  return columns;
}();

bool is_given(const std::vector<std::string_view>& inputs, std::string_view name) {
  return std::find(inputs.begin(), inputs.end(), name) != inputs.end();
}

/// The row's own time is not handed in with the series.
bool is_own_time(const InputInfo& input) { return input.is_time && input.name == "ts_event"; }

void check_inputs(const KernelInfo& kernel, const std::vector<std::string_view>& given) {
  std::size_t required = 0, most = 0, by_place = 0;
  std::string names;
  for (const InputInfo& input : kernel.inputs) {
    if (input.is_keyword || is_own_time(input)) continue;
    if (input.is_time && is_given(given, input.name)) {
      fail(Fault::config, "{}: {} is a time, and arrays are numbers; expected it left out", kernel.doc.name,
           input.name);
    }
    required += input.is_optional ? 0 : 1;
    ++most;
    by_place += is_given(given, input.name) ? 1 : 0;
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", input.name, input.is_optional ? " (optional)" : "");
  }
  if (by_place >= required && by_place <= most) return;
  fail(Fault::config, "{} takes {} input{} ({}), was given {}", kernel.doc.name, most, most == 1 ? "" : "s", names,
       by_place);
}

Node column_of(Column column) {
  return {.type = Node::Type::column,
          .column = column,
          .observed = every_row,
          .taken = every_row,
          .laid_out = every_row,
          .legs = 1,
          .columns = {column},
          .identity = fmt::format("column {}", info(column).name)};
}

void read_own_parameters(Node& node, const std::vector<Argument>& arguments) {
  const KernelInfo& kernel = *node.kernel;
  std::vector<Complaint> complaints;
  node.parameters = read_parameters(kernel, 0, arguments, complaints);
  const CommonParameters common = read_common_parameters(arguments, complaints);
  if (common.on && *common.on != Observed::any) {
    complaints.push_back({0, fmt::format("{}: rows of arrays have no kind; on must be any", kernel.doc.name)});
  }
  std::string wrong;
  for (const Complaint& complaint : complaints) wrong += (wrong.empty() ? "" : "\n") + complaint.message;
  if (!wrong.empty()) throw Error(Fault::config, wrong);
  node.is_reset_by_null = common.is_reset_by_null;
  node.is_reevaluated = node.parameters.form->is_reevaluated;
  node.identity = fmt::format("{} v{}[{}]", kernel.doc.name, kernel.version, node.parameters.text);
}

ValueType type_of(const OutputInfo& output) {
  return output.is_time ? ValueType::time : output.is_span ? ValueType::span : ValueType::number;
}

}  // namespace

std::string_view why_not_callable(const KernelInfo& kernel) {
  if (kernel.rows == nullptr && kernel.time == nullptr && kernel.expanding == nullptr)
    return "it has no streaming form";
  if (kernel.is_cross) return "it reads several instruments at once";
  for (const FormInfo* form : {kernel.rows, kernel.time, kernel.expanding}) {
    if (form != nullptr && form->needs_fresh) return "it reads several instruments at once";
    if (form != nullptr && form->is_emitting) return "it closes bars, which are no rows";
  }
  for (const InputInfo& input : kernel.inputs) {
    if (input.is_id) return "it reads identifiers";
    if (input.is_time && !is_own_time(input) && !input.is_optional) return "it reads times that are not the row's own";
  }
  return kernel.inputs.empty() ? "it takes no series" : "";
}

KernelCall::KernelCall(const KernelInfo& kernel, const std::vector<Argument>& arguments,
                       const std::vector<std::string_view>& inputs)
    : kernel_(kernel), inputs_(inputs), plan_(make_plan(arguments, inputs)), graph_(plan_) {
  chunk_.reset(plan_->columns | ColumnSet{Column::ts_event, Column::kind});
}

/// The plan of `f(a, b, parameters)` where a and b are columns with an observation on every row.
std::shared_ptr<const Plan> KernelCall::make_plan(std::vector<Argument> arguments,
                                                  const std::vector<std::string_view>& inputs) const {
  const std::string_view reason = why_not_callable(kernel_);
  if (!reason.empty()) fail(Fault::config, "{} cannot be called with arrays: {}", kernel_.doc.name, reason);
  check_inputs(kernel_, inputs);
  Plan plan{.profile = std::string(kernel_.doc.name)};
  Node node{.type = Node::Type::kernel,
            .kernel = &kernel_,
            .observed = every_row,
            .taken = every_row,
            .laid_out = every_row,
            .legs = 1};
  std::size_t place = 0, last = 0;
  for (std::size_t i = 0; i < kernel_.inputs.size(); ++i) {
    const InputInfo& input = kernel_.inputs[i];
    const bool is_series = is_given(inputs, input.name);
    if (is_own_time(input)) {
      plan.nodes.push_back(column_of(Column::ts_event));
    } else if (is_series) {
      plan.nodes.push_back(column_of(input_columns[place++]));
    } else {  // left out; a null where another comes behind it
      plan.nodes.push_back({.type = Node::Type::constant, .constant = no_value, .identity = "number nan"});
    }
    if (is_series || is_own_time(input)) last = i + 1;
    if (is_series && input.is_keyword) arguments.push_back({std::string(input.name), std::string(bound_to_input)});
    plan.columns = plan.columns | plan.nodes.back().columns;
  }
  plan.nodes.resize(last);
  for (std::uint32_t i = 0; i < last; ++i) node.inputs.push_back({i, 0});
  read_own_parameters(node, arguments);
  if (node.parameters.form->needs_stamps) plan.columns = plan.columns | ColumnSet{Column::ts_event, Column::ts_recv};
  node.columns = plan.columns;
  for (std::uint32_t i = 0; i < kernel_.outputs.size(); ++i) {
    plan.features.push_back({.name = std::string(kernel_.outputs[i].name),
                             .value = {static_cast<std::uint32_t>(plan.nodes.size()), i},
                             .type = type_of(kernel_.outputs[i]),
                             .columns = plan.columns});
  }
  plan.nodes.push_back(std::move(node));
  return std::make_shared<const Plan>(std::move(plan));
}

bool KernelCall::needs_times() const {
  const FormInfo& form = *plan_->nodes.back().parameters.form;
  return form.needs_clock || form.needs_stamps || plan_->columns.has(Column::ts_event);
}

void KernelCall::check(const KernelRows& rows) const {
  const std::string_view name = kernel_.doc.name;
  const auto is_off = [&](std::size_t size) { return size != 0 && size != rows.count; };
  for (std::size_t i = 0; i < rows.inputs.size(); ++i) {
    if (rows.inputs[i].size() == rows.count) continue;
    fail(Fault::input, "{}: {} has {} rows; expected {} as in {}", name, inputs_[i], rows.inputs[i].size(), rows.count,
         inputs_[0]);
  }
  if (is_off(rows.keys.size()))
    fail(Fault::input, "{}: by has {} rows; expected {}", name, rows.keys.size(), rows.count);
  if (is_off(rows.event.size()))
    fail(Fault::input, "{}: ts has {} rows; expected {}", name, rows.event.size(), rows.count);
  if (is_off(rows.received.size())) {
    fail(Fault::input, "{}: ts_recv has {} rows; expected {}", name, rows.received.size(), rows.count);
  }
  if (needs_times() && rows.event.empty() && rows.count > 0) {
    fail(Fault::input, "{}: with these parameters it works by event time; expected `ts`, the times of the rows", name);
  }
  const auto early = std::find_if(rows.event.begin(), rows.event.end(), [](Nanos time) { return time < 0; });
  if (early != rows.event.end()) {
    fail(Fault::input, "{}: ts[{}] is {}; expected a time since 1970", name, early - rows.event.begin(),
         *early == no_time ? "missing" : fmt::format("{} ns", *early));
  }
  if (rows.keys.empty()) return;
  const std::size_t keys = *std::max_element(rows.keys.begin(), rows.keys.end()) + std::size_t{1};
  if (keys > most_state_bytes / std::max<std::size_t>(graph_.state_bytes(), 1)) {
    fail(Fault::input, "{}: by names {} instruments of {} bytes of state each; at most {} bytes are kept", name, keys,
         graph_.state_bytes(), most_state_bytes);
  }
}

void KernelCall::load(const KernelRows& rows, std::size_t first, std::size_t count) {
  chunk_.resize(count);
  std::fill(chunk_.kind.begin(), chunk_.kind.end(), static_cast<std::uint8_t>(Kind::ticker));
  for (std::size_t i = 0; i < rows.inputs.size(); ++i) {
    const double* from = rows.inputs[i].data() + first;
    double* to = chunk_.f64(input_columns[i]);
    for (std::size_t row = 0; row < count; ++row) to[row] = std::isfinite(from[row]) ? from[row] : no_value;
  }
  const auto copy = [&](auto values, auto& to) { std::copy_n(values.data() + first, count, to.begin()); };
  if (rows.keys.empty()) {
    std::fill(chunk_.instrument.begin(), chunk_.instrument.end(), 0);
  } else {
    copy(rows.keys, chunk_.instrument);
  }
  if (rows.event.empty()) {
    std::iota(chunk_.ts_event.begin(), chunk_.ts_event.end(), static_cast<Nanos>(first));
  } else {
    copy(rows.event, chunk_.ts_event);
  }
  if (!chunk_.columns.has(Column::ts_recv)) return;
  if (rows.received.empty()) {
    std::fill(chunk_.ts_recv.begin(), chunk_.ts_recv.end(), no_time);
  } else {
    copy(rows.received, chunk_.ts_recv);
  }
}

void KernelCall::run(const KernelRows& rows, std::span<double* const> out, const std::function<void()>& between) {
  check(rows);
  if (!is_direct(rows)) return run_graph(rows, out, between);
  if (!arrays_) arrays_.emplace(graph_.program());
  arrays_->run(rows.inputs, rows.count, out, between);
}

void KernelCall::run_graph(const KernelRows& rows, std::span<double* const> out, const std::function<void()>& between) {
  for (std::size_t first = 0; first < rows.count; first += rows_at_once) {
    between();
    const std::size_t count = std::min(rows_at_once, rows.count - first);
    load(rows, first, count);
    graph_.run(chunk_, features_);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const double* values = features_.columns[i].values.data();
      double* to = out[i] + first;
      if (features_.columns[i].type != ValueType::number) {
        for (std::size_t row = 0; row < count; ++row) to[features_.order[row]] = features_.columns[i].number(row);
      } else if (rows.keys.empty()) {
        std::copy_n(values, count, to);
      } else {
        for (std::size_t row = 0; row < count; ++row) to[features_.order[row]] = values[row];
      }
    }
  }
}

}  // namespace millrace
