#include "millrace/graph/program.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

#include "millrace/base/checksum.h"

namespace millrace {

namespace {

class Compiler {
 public:
  explicit Compiler(std::shared_ptr<const Plan> plan) : plan_(*plan), all_rows_(every_row_of(all_legs(*plan))) {
    program_.plan = std::move(plan);
    program_.bases.push_back(all_rows_);
    program_.timed.push_back(0);
    program_.scopes.push_back(all_legs(plan_));
    program_.state_bytes = plan_.legs.size() * sizeof(InstrumentClock);
    program_.regions.push_back({.type = Region::Type::clock, .bytes = program_.state_bytes});
  }

  Program compile() {
    outputs_.resize(plan_.nodes.size());
    find_depths();
    for (std::uint32_t i = 0; i < plan_.nodes.size(); ++i) {
      const Node& node = plan_.nodes[i];
      if (node.type == Node::Type::operation) operation(i, node);
      if (node.type == Node::Type::kernel) kernel(i, node);
    }
    spread_features();
    for (const PlannedFeature& feature : plan_.features) {
      program_.outputs.push_back({slot_on(feature.value, all_rows_), feature.type});
    }
    lay_out_packings();
    program_.state_bytes = (program_.state_bytes + 63) / 64 * 64;
    return std::move(program_);
  }

 private:
  /// Inputs and rows of a packing, before its slots are known.
  using PackingKey = std::tuple<Rows, LegSet, std::vector<std::tuple<std::uint32_t, std::uint32_t, Needed>>>;

  /// An optional input before one that is given has a null in its place.
  bool is_left_out(const Node& node, std::size_t input) const {
    const Node& value = plan_.nodes[node.inputs[input].node];
    return value.type == Node::Type::constant && std::isnan(value.constant) && node.kernel->inputs[input].is_optional;
  }

  /// What the kernels on a packing ask of it together.
  struct Use {
    std::size_t depth = 0;
    std::uint32_t looks_back = 0;
    bool needs_clock = false;

    void join(const Node& node) {
      const FormInfo& form = *node.parameters.form;
      depth = std::max(depth, form.lookback(node.parameters.data()));
      looks_back |= form.looks_back;
      needs_clock |= form.needs_clock;
    }
  };

  Needed needed_of(const Node& node, std::size_t input) {
    const InputInfo& info = node.kernel->inputs[input];
    if (info.is_nullable || is_left_out(node, input)) return Needed::nothing;
    const bool is_integer = info.is_time || info.is_id || (input == 0 && node.parameters.form == node.kernel->of_times);
    return is_integer ? Needed::integer : info.is_positive ? Needed::positive : Needed::value;
  }

  PackingKey key_of(const Node& node) {
    PackingKey key{node.taken, node.legs, {}};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      std::get<2>(key).emplace_back(node.inputs[i].node, node.inputs[i].output, needed_of(node, i));
    }
    return key;
  }

  /// The deepest look back of all kernels on a packing decides its history, so it must be known before the first.
  void find_depths() {
    for (const Node& node : plan_.nodes) {
      if (node.type != Node::Type::kernel || !is_packed(node) || node.is_reset_by_null) continue;
      uses_[key_of(node)].join(node);
    }
  }

  static bool is_packed(const Node& node) {
    return node.parameters.form->is_dense && !node.parameters.form->is_stateless;
  }

  std::uint32_t base_of(Rows rows) {
    auto& bases = program_.bases;
    const auto index = static_cast<std::size_t>(std::find(bases.begin(), bases.end(), rows) - bases.begin());
    if (index < bases.size()) return static_cast<std::uint32_t>(index);
    bases.push_back(rows);
    program_.timed.push_back(no_scope);
    if (rows.events != 0) emit({.type = Step::Type::mark, .base = static_cast<std::uint32_t>(index)}, {});
    return static_cast<std::uint32_t>(index);
  }

  std::uint32_t scope_of(const Node& node) {
    const LegSet legs = node.legs == 0 ? program_.scopes[0] : node.legs;
    auto& scopes = program_.scopes;
    const auto index = static_cast<std::size_t>(std::find(scopes.begin(), scopes.end(), legs) - scopes.begin());
    if (index == scopes.size()) scopes.push_back(legs);
    return static_cast<std::uint32_t>(index);
  }

  /// `count` columns side by side on `rows`; the first.
  Slot new_slots(std::size_t count, Rows rows) {
    const auto first = static_cast<Slot>(program_.slots());
    program_.base_of_slot.insert(program_.base_of_slot.end(), count, base_of(rows));
    return first;
  }
  Slot new_slot(Rows rows) { return new_slots(1, rows); }

  std::size_t new_state(Region region, std::size_t bytes) {
    region.offset = program_.state_bytes;
    region.bytes = (bytes + 7) / 8 * 8;
    program_.state_bytes += region.bytes;
    program_.regions.push_back(region);
    return region.offset;
  }

  /// What features show of nodes that are not computed on every row is spread in one step for each base: a live tick
  /// pays for steps, not for values.
  void spread_features() {
    std::map<Rows, std::vector<ValueRef>> waiting;
    for (const PlannedFeature& feature : plan_.features) {
      const Node& node = plan_.nodes[feature.value.node];
      const bool is_computed = node.type == Node::Type::operation || node.type == Node::Type::kernel;
      auto& values = waiting[node.laid_out];
      if (!is_computed || node.laid_out == all_rows_ || placed_.contains(key_of(feature.value, all_rows_)) ||
          std::find(values.begin(), values.end(), feature.value) != values.end()) {
        continue;
      }
      values.push_back(feature.value);
    }
    for (const auto& [rows, values] : waiting) {
      if (!values.empty()) spread(rows, values);
    }
  }

  void spread(Rows rows, const std::vector<ValueRef>& values) {
    Step step{.type = Step::Type::spread,
              .base = base_of(rows),
              .out = static_cast<Slot>(program_.slots()),
              .state = program_.state_bytes};
    std::vector<Slot> operands;
    for (const ValueRef& value : values) {
      new_state({.type = Region::Type::last_value, .number = value.node, .group = value.output}, sizeof(double));
      operands.push_back(outputs_[value.node] + value.output);
      placed_[key_of(value, all_rows_)] = new_slot(all_rows_);
    }
    emit(step, operands);
  }

  static std::tuple<std::uint32_t, std::uint32_t, Rows> key_of(ValueRef value, Rows rows) {
    return {value.node, value.output, rows};
  }

  /// Whether a column of the legs `own` may be read on `rows` as it stands there: plans of one leg have no other rows.
  bool is_within(Rows rows, Rows own) const {
    return own == all_rows_ || (rows.events == 0 && (rows.kinds & ~own.kinds) == 0);
  }

  /// The slot in which a value lies on `rows`; makes the steps that bring it there once.
  Slot slot_on(ValueRef value, Rows rows) {
    const Node& node = plan_.nodes[value.node];
    if (node.type == Node::Type::constant && rows.events == 0) rows = all_rows_;  // they are all alike
    const auto key = key_of(value, rows);
    if (const auto at = placed_.find(key); at != placed_.end()) return at->second;
    const Slot slot = place(node, value, rows);
    placed_[key] = slot;
    return slot;
  }

  Slot place(const Node& node, ValueRef value, Rows rows) {
    const std::uint32_t base = base_of(rows);
    switch (node.type) {
      case Node::Type::constant:
        program_.constants.push_back({new_slot(rows), node.constant});
        return program_.constants.back().slot;
      case Node::Type::column:
        if (const Rows own = every_row_of(node.legs); !is_within(rows, own)) {  // other legs see its last row
          if (rows != all_rows_) break;
          outputs_[value.node] = slot_on(value, own);
          spread(own, {value});
          return placed_[key_of(value, rows)];
        }
        return emit({.type = Step::Type::load, .column = node.column, .base = base, .out = new_slot(rows)}, {});
      case Node::Type::tick_size: return emit({.type = Step::Type::tick_size, .base = base, .out = new_slot(rows)}, {});
      case Node::Type::expiry:
        return emit({.type = Step::Type::expiry,
                     .base = base,
                     .group = static_cast<std::uint32_t>(node.leg),
                     .out = new_slot(rows)},
                    {});
      default: break;
    }
    const bool is_column = node.type == Node::Type::column;
    const Slot computed = outputs_[value.node] + value.output;
    if (!is_column && node.laid_out == rows) return computed;
    if (rows == all_rows_) {
      spread(node.laid_out, {value});
      return placed_[key_of(value, rows)];
    }
    if (!is_column && rows.events != 0 && node.laid_out.events != 0) {
      const std::size_t last =
          new_state({.type = Region::Type::last_value, .number = value.node, .group = value.output}, sizeof(double));
      return emit({.type = Step::Type::transfer,
                   .base = base,
                   .group = base_of(node.laid_out),
                   .out = new_slot(rows),
                   .state = last},
                  {computed});
    }
    const Slot everywhere = slot_on(value, all_rows_);
    return emit({.type = Step::Type::gather, .base = base, .out = new_slot(rows)}, {everywhere});
  }

  /// Most steps only fill columns of their base; the others find rows, repeat values or keep what they are told.
  static bool is_idle_without_rows(Step::Type type) {
    switch (type) {
      case Step::Type::spread:
      case Step::Type::mark:
      case Step::Type::transfer:
      case Step::Type::closing:
      case Step::Type::resetting: return false;
      default: return true;
    }
  }

  Slot emit(Step step, const std::vector<Slot>& operands) {
    step.is_idle = is_idle_without_rows(step.type);
    step.inputs = static_cast<std::uint16_t>(operands.size());
    step.first = static_cast<std::uint32_t>(program_.operands.size());
    program_.operands.insert(program_.operands.end(), operands.begin(), operands.end());
    program_.steps.push_back(step);
    return step.out;
  }

  std::vector<Slot> inputs_on(const Node& node, Rows rows) {
    std::vector<Slot> slots;
    for (const ValueRef& input : node.inputs) slots.push_back(slot_on(input, rows));
    return slots;
  }

  void operation(std::uint32_t number, const Node& node) {
    if (node.op == Operator::closes) {
      const std::uint32_t bars = base_of(plan_.nodes[node.inputs[0].node].observed);
      outputs_[number] = emit(
          {.type = Step::Type::closes, .base = base_of(node.laid_out), .group = bars, .out = new_slot(node.laid_out)},
          {});
      return;
    }
    const bool is_of_time = node.op == Operator::time_of_day || node.op == Operator::day_of_week;
    const auto type = is_of_time ? Step::Type::time_of_day : Step::Type::operation;
    const std::vector<Slot> operands = inputs_on(node, node.laid_out);
    outputs_[number] =
        emit({.type = type, .op = node.op, .base = base_of(node.laid_out), .out = new_slot(node.laid_out)}, operands);
  }

  void kernel(std::uint32_t number, const Node& node) {
    const FormInfo& form = *node.parameters.form;
    Step step{.node = number, .scope = scope_of(node), .run = form.run, .params = node.parameters.data()};
    step.arity = static_cast<std::uint16_t>(node.kernel->inputs.size());
    std::vector<Slot> operands;
    if (form.is_stateless) {
      step.type = Step::Type::plain;
      operands = inputs_on(node, node.laid_out);
      if (form.needs_clock) program_.timed[base_of(node.laid_out)] = step.scope;
    } else if (form.is_dense) {
      step.type = Step::Type::dense;
      step.group = packing(node);
    } else {
      step.type = form.is_emitting ? Step::Type::closing : Step::Type::by_row;
      program_.needs_stamps |= form.needs_stamps;
      const Rows rows = form.is_emitting ? every_row_of(node.legs) | Rows{0, node.taken.events} : node.laid_out;
      operands = inputs_on(node, rows);
      step.group = watch(node, rows, operands);
      program_.timed[base_of(rows)] = step.scope;
    }
    if (!form.is_stateless) {
      // A kernel that null starts anew remembers when, in front of its state.
      const std::size_t front = node.is_reset_by_null ? sizeof(Nanos) : 0;
      if (node.is_reset_by_null) step.type = Step::Type::resetting;
      step.state = front + new_state({.type = Region::Type::kernel,
                                      .number = number,
                                      .version = node.kernel->version,
                                      .parameter_hash = static_cast<std::uint32_t>(fnv1a(node.parameters.text))},
                                     front + form.state_bytes(node.parameters.data()));
    }
    if (!form.is_emitting) {
      step.base = base_of(node.laid_out);
      step.out = new_slots(node.kernel->outputs.size(), node.laid_out);
      outputs_[number] = emit(step, operands);
      return;
    }
    step.base = program_.watches[step.group].base;
    const std::size_t at = program_.steps.size();
    emit(step, operands);
    outputs_[number] = new_slots(node.kernel->outputs.size(), node.laid_out);  // marks their base after the closing
    program_.steps[at].out = outputs_[number];
  }

  std::uint32_t packing(const Node& node) {
    const PackingKey key = key_of(node);
    const auto number = static_cast<std::uint32_t>(program_.packings.size());
    if (node.is_reset_by_null) {  // its count starts anew too, so it shares nothing
      Use own;
      own.join(node);
      add_packing(node, own);
      return number;
    }
    const auto [at, is_new] = packings_.try_emplace(key, number);
    if (!is_new) return at->second;
    add_packing(node, uses_[key]);
    emit({.type = Step::Type::pack, .base = program_.packings[number].base, .group = number}, {});
    return number;
  }

  void add_packing(const Node& node, const Use& use) {
    Packing packing{.base = base_of(node.taken), .slots = inputs_on(node, node.taken), .scope = scope_of(node)};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      packing.needed.push_back(needed_of(node, i));
      packing.depth.push_back((use.looks_back >> i & 1U) != 0 ? use.depth : 0);
    }
    packing.needs_clock = use.needs_clock;
    program_.packings.push_back(std::move(packing));
  }

  std::uint32_t watch(const Node& node, Rows rows, const std::vector<Slot>& slots) {
    Watch watch{.base = base_of(rows), .observed = node.taken};
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (needed_of(node, i) != Needed::nothing) watch.required.emplace_back(slots[i], needed_of(node, i));
    }
    for (std::size_t i = 0; i < slots.size() && node.parameters.form->needs_fresh; ++i) {
      const Node& from = plan_.nodes[node.inputs[i].node];
      watch.inputs.push_back({slots[i], needed_of(node, i), from.observed, scope_of(from)});
    }
    const auto key = std::make_tuple(watch.base, watch.observed, watch.required, watch.inputs);
    const auto [at, is_new] = watches_.try_emplace(key, static_cast<std::uint32_t>(program_.watches.size()));
    if (is_new) {
      program_.watches.push_back(std::move(watch));
      emit({.type = Step::Type::watch, .base = program_.watches[at->second].base, .group = at->second}, {});
    }
    return at->second;
  }

  /// Histories last: the small states of all kernels stay together on few cache lines.
  void lay_out_packings() {
    for (std::uint32_t i = 0; i < program_.packings.size(); ++i) {
      Packing& packing = program_.packings[i];
      std::size_t bytes = sizeof(std::uint64_t);
      for (const std::size_t depth : packing.depth) {
        packing.history.push_back(depth == 0 ? 0 : bytes);
        if (depth > 0) bytes += sizeof(std::uint64_t) + (depth + history_slack) * sizeof(double);
      }
      packing.state = new_state({.type = Region::Type::packing, .number = i, .group = i}, bytes);
      for (std::size_t& history : packing.history) history += packing.state;
    }
  }

  const Plan& plan_;
  const Rows all_rows_;
  Program program_;
  std::vector<Slot> outputs_;  // by node: its first output
  std::map<std::tuple<std::uint32_t, std::uint32_t, Rows>, Slot> placed_;
  std::map<PackingKey, std::uint32_t> packings_;
  std::map<PackingKey, Use> uses_;
  std::map<std::tuple<std::uint32_t, Rows, std::vector<std::pair<Slot, Needed>>, std::vector<Watch::Input>>,
           std::uint32_t>
      watches_;
};

}  // namespace

Program make_program(std::shared_ptr<const Plan> plan) { return Compiler(std::move(plan)).compile(); }

}  // namespace millrace
