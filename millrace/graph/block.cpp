#include "millrace/graph/block.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "millrace/chunk/sink.h"
#include "millrace/graph/operators.h"

namespace millrace {

namespace {

constexpr std::size_t stride = slot_lead + block_rows;

template <class T, class Read>
void take_rows(const AlignedVector<T>& column, const std::uint32_t* rows, const std::uint16_t* which, std::size_t count,
               double* out, Read read) {
  if (column.empty()) {  // the source has no such column
    std::fill_n(out, count, no_value);
  } else if (which == nullptr && rows[count - 1] - rows[0] + 1 == count) {
    const T* from = column.data() + rows[0];
    for (std::size_t i = 0; i < count; ++i) out[i] = read(from[i]);
  } else if (which == nullptr) {
    for (std::size_t i = 0; i < count; ++i) out[i] = read(column[rows[i]]);
  } else {
    for (std::size_t i = 0; i < count; ++i) out[i] = read(column[rows[which[i]]]);
  }
}

}  // namespace

BlockRunner::BlockRunner(const Program& program)
    : program_(program),
      memory_(program.slots() * stride + slot_lead),  // what lies behind the last column may be read
      own_(program.slots()),
      at_(program.slots()),
      bases_(program.bases.size()),
      packed_(program.packings.size()),
      watched_(program.watches.size()),
      room_(program.bases.size(), block_rows),
      wide_(program.bases.size()),
      clock_(program.scopes.size()),
      first_(program.scopes.size(), no_time),
      spare_(largest_outputs * block_rows) {
  std::fill(memory_.begin(), memory_.end(), no_value);
  for (std::size_t slot = 0; slot < own_.size(); ++slot) own_[slot] = memory_.data() + slot * stride + slot_lead;
  at_ = own_;
  std::vector<bool> may_bind(program.slots(), true);  // each slot once; constants are filled only here
  for (const auto& [slot, value] : program.constants) {
    std::fill_n(own_[slot], block_rows, value);
    may_bind[slot] = false;
  }
  for (std::uint32_t i = 0; i < program.outputs.size(); ++i) {
    const Program::Output& output = program.outputs[i];
    (output.type == ValueType::number && may_bind[output.slot] ? bound_ : copied_).push_back(i);
    may_bind[output.slot] = false;
  }
  for (Base& base : bases_) base.row.resize(block_rows);
  for (const Step& one : program.steps) {
    if (one.type == Step::Type::spread) bases_[one.base].is_spread = program.bases[one.base].events == 0;
  }
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    watched_[i].seen.resize(block_rows);
    watched_[i].fresh.assign(program.watches[i].inputs.size(), std::vector<std::uint8_t>(block_rows));
    watched_[i].pointers.resize(program.watches[i].inputs.size());
    watched_[i].firsts.resize(program.watches[i].inputs.size());
  }
  for (std::size_t i = 0; i < program.packings.size(); ++i) {
    make_room(program.packings[i], packed_[i], block_rows);
  }
  for (const std::uint32_t node : program.plan->events) {
    emissions_.emplace_back(program.plan->nodes[node].kernel->outputs.size());
  }
}

void BlockRunner::write_to(const std::vector<BlockOutput>& outputs) {
  outputs_ = outputs;
  bound_row_ = SIZE_MAX;
}

void BlockRunner::run(const Chunk& chunk, const std::uint32_t* rows, std::size_t count, std::byte* state,
                      std::size_t output_row, const InstrumentFacts* facts, const LegSet* legs) {
  assert(count > 0 && count <= block_rows);
  rows_ = rows;
  facts_ = facts;
  count_ = count;
  bind(output_row);
  tell_kinds(chunk, legs);
  tell_time(chunk, legs, state);
  find_bases();
  for (const Step& one : program_.steps) {
    if (bases_[one.base].count > 0 || !one.is_idle) step(one, chunk, state);
  }
  emit(output_row);
}

void BlockRunner::bind(std::size_t output_row) {
  if (output_row == bound_row_) return;
  for (const std::uint32_t i : bound_) at_[program_.outputs[i].slot] = outputs_[i].values + output_row;
  bound_row_ = output_row;
}

void BlockRunner::tell_kinds(const Chunk& chunk, const LegSet* legs) {
  if (legs == nullptr) {
    for (std::size_t i = 0; i < count_; ++i) kinds_[i] = std::uint64_t{1} << chunk.kind[rows_[i]];
    return;
  }
  for (std::size_t i = 0; i < count_; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << chunk.kind[rows_[i]];
    kinds_[i] = 0;
    for (std::size_t leg = 0; leg < most_legs; ++leg) {
      if ((legs[i] >> leg & 1U) != 0) kinds_[i] |= bit << (kinds_of_a_leg * leg);
    }
  }
}

void BlockRunner::tell_time(const Chunk& chunk, const LegSet* legs, std::byte* state) {
  if (program_.needs_stamps) {
    for (std::size_t i = 0; i < count_; ++i) {
      event_[i] = chunk.ts_event[rows_[i]];
      received_[i] = chunk.ts_recv[rows_[i]];
    }
  }
  if (legs != nullptr) return tell_times_of_legs(chunk, legs, state);
  auto& clock = *reinterpret_cast<InstrumentClock*>(state);
  if (clock.rows == 0) clock.first = chunk.ts_event[rows_[0]];
  clock.rows += count_;
  Nanos now = clock.now;
  for (std::size_t i = 0; i < count_; ++i) {
    now = std::max(now, chunk.ts_event[rows_[i]]);
    clock_[0][i] = now;
  }
  clock.now = now;
  first_[0] = clock.first;
}

/// How four rows repeat the observations from the first row's on: each next row has the same or the next one.
void BlockRunner::find_repeats(Base& base) const {
  for (std::size_t i = 0; i + 4 <= count_; i += 4) {
    const std::int32_t* latest = base.latest.data() + i;
    base.repeats[i / 4] = static_cast<std::uint8_t>((latest[1] - latest[0]) | (latest[2] - latest[1]) << 1 |
                                                    (latest[3] - latest[2]) << 2);
  }
}

/// Where each base lies that is known before the kernels run.
void BlockRunner::find_bases() {
  for (std::uint32_t b = 0; b < bases_.size(); ++b) {
    Base& base = bases_[b];
    base.count = count_;
    base.is_full = true;
    if (b == 0 || program_.bases[b].events != 0) continue;
    const std::uint64_t kinds = program_.bases[b].kinds;
    std::size_t found = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      base.row[found] = static_cast<std::uint16_t>(i);
      found += (kinds & kinds_[i]) != 0 ? 1 : 0;
      base.latest[i] = static_cast<std::int32_t>(found) - 1;
    }
    base.count = found;
    base.is_full = found == count_;
    if (base.is_spread && !base.is_full && found > 0) find_repeats(base);
    if (program_.timed[b] != no_scope) give_times(b);
  }
}

void BlockRunner::step(const Step& one, const Chunk& chunk, std::byte* state) {
  switch (one.type) {
    case Step::Type::load: return load(one, chunk);
    case Step::Type::operation: return operation(one);
    case Step::Type::time_of_day: return time_of_day(one, chunk);
    case Step::Type::closes: return closes(one);
    case Step::Type::tick_size: std::fill_n(at_[one.out], bases_[one.base].count, facts_->tick_size); return;
    case Step::Type::expiry:
      std::fill_n(at_[one.out], bases_[one.base].count, Cell(facts_[one.group].expiry).slot);
      return;
    case Step::Type::spread: return spread(one, state);
    case Step::Type::gather: return gather(one);
    case Step::Type::mark: return mark(one.base);
    case Step::Type::transfer: return transfer(one, state);
    case Step::Type::pack: return pack(program_.packings[one.group], packed_[one.group], state);
    case Step::Type::watch: return look(program_.watches[one.group], watched_[one.group]);
    case Step::Type::plain: return plain(one);
    case Step::Type::dense: return dense(one, state);
    case Step::Type::by_row: return by_row(one, state);
    case Step::Type::closing: return closing(one, state);
    case Step::Type::resetting:
      return program_.plan->nodes[one.node].parameters.form->is_dense ? reset_dense(one, state)
                                                                      : reset_by_row(one, state);
  }
}

void BlockRunner::load(const Step& one, const Chunk& chunk) {
  const Base& base = bases_[one.base];
  const std::uint16_t* which = base.is_full ? nullptr : base.row.data();
  double* out = at_[one.out];
  if (one.column == Column::side) {
    const auto read = [](std::int8_t side) { return side == 0 ? no_value : static_cast<double>(side); };
    take_rows(chunk.side, rows_, which, base.count, out, read);
  } else if (one.column == Column::n_trades_24h) {
    const auto read = [](std::int64_t n) { return n == no_i64 ? no_value : static_cast<double>(n); };
    take_rows(chunk.n_trades_24h, rows_, which, base.count, out, read);
  } else if (info(one.column).type == ColumnType::time) {
    const auto& column = one.column == Column::ts_event  ? chunk.ts_event
                         : one.column == Column::ts_recv ? chunk.ts_recv
                                                         : chunk.next_funding_ns;
    take_rows(column, rows_, which, base.count, out, [](Nanos time) { return Cell(time).slot; });
  } else if (one.column == Column::trade_id) {
    const auto read = [](std::uint64_t id) { return Cell(id == no_u64 ? no_time : std::bit_cast<Nanos>(id)).slot; };
    take_rows(chunk.trade_id, rows_, which, base.count, out, read);
  } else {
    const auto& column = chunk.doubles[static_cast<std::size_t>(one.column)];
    take_rows(column, rows_, which, base.count, out, [](double value) { return value; });
  }
}

void BlockRunner::operation(const Step& one) {
  const double* in[2] = {};
  for (std::size_t i = 0; i < one.inputs; ++i) in[i] = at_[program_.operands[one.first + i]];
  apply(one.op, in, at_[one.out], bases_[one.base].count);
}

void BlockRunner::time_of_day(const Step& one, const Chunk& chunk) {
  const Base& base = bases_[one.base];
  double* out = at_[one.out];
  for (std::size_t i = 0; i < base.count; ++i) {  // the row's own time, as `kernels.md` 2.2 asks
    const Nanos time = chunk.ts_event[rows_[base.is_full ? i : base.row[i]]];
    const Nanos since_midnight = time % one_day + (time % one_day < 0 ? one_day : 0);
    const Nanos day = (time - since_midnight) / one_day;  // 1970-01-01 was a Thursday, day 3 from Monday
    out[i] = one.op == Operator::time_of_day ? static_cast<double>(since_midnight) / static_cast<double>(one_day)
                                             : static_cast<double>(((day + 3) % 7 + 7) % 7);
  }
}

void BlockRunner::gather(const Step& one) {
  const Base& base = bases_[one.base];
  const double* in = at_[program_.operands[one.first]];
  double* out = at_[one.out];
  for (std::size_t i = 0; i < base.count; ++i) out[i] = in[base.is_full ? i : base.row[i]];
}

/// Operands of a kernel that sees columns as they lie; nullptr for an optional one that is left out.
void BlockRunner::point_at_operands(const Step& one) {
  for (std::size_t i = 0; i < one.inputs; ++i) operands_[i] = at_[program_.operands[one.first + i]];
  for (std::size_t i = one.inputs; i < one.arity; ++i) operands_[i] = nullptr;
}

/// Calls a kernel on at most a block of rows at a time: it may keep as many on its stack.
void BlockRunner::call(const Step& one, const Frame& whole, std::byte* state) {
  if (whole.rows <= block_rows) return one.run(one.params, state, whole);
  const Node& node = program_.plan->nodes[one.node];
  std::array<const double*, largest_inputs> in{};
  std::array<double*, largest_outputs> out{};
  for (std::size_t from = 0; from < whole.rows; from += block_rows) {
    Frame part = whole;
    part.rows = std::min(block_rows, whole.rows - from);
    for (std::size_t i = 0; i < node.kernel->inputs.size(); ++i) in[i] = whole.in[i] ? whole.in[i] + from : nullptr;
    for (std::size_t i = 0; i < node.kernel->outputs.size(); ++i) out[i] = whole.out[i] + from;
    part.in = in.data();
    part.out = out.data();
    part.count += from;
    if (whole.clock != nullptr) part.clock += from;
    if (whole.seen != nullptr) part.seen += from;
    if (whole.event != nullptr) part.event += from;
    if (whole.received != nullptr) part.received += from;
    std::array<const std::uint8_t*, largest_inputs> fresh{};
    if (whole.fresh != nullptr) {
      for (std::size_t i = 0; i < watched_[one.group].pointers.size(); ++i) fresh[i] = whole.fresh[i] + from;
      part.fresh = fresh.data();
    }
    one.run(one.params, state, part);
  }
}

void BlockRunner::plain(const Step& one) {
  point_at_operands(one);
  Frame frame{.rows = bases_[one.base].count, .in = operands_.data(), .out = &at_[one.out]};
  if (program_.plan->nodes[one.node].parameters.form->needs_clock) {
    frame.clock = times_of(one).clock;
    frame.first = first_[one.scope];
  }
  call(one, frame, nullptr);
}

void BlockRunner::dense(const Step& one, std::byte* state) {
  const Packed& packed = packed_[one.group];
  Frame frame{.rows = packed.rows,
              .in = packed.in.data(),
              .out = &at_[one.out],
              .count = packed.count,
              .clock = packed.clock.data(),
              .first = first_[program_.packings[one.group].scope]};
  if (packed.is_whole) return call(one, frame, state + one.state);
  const std::size_t outputs = program_.plan->nodes[one.node].kernel->outputs.size();
  std::array<double*, largest_outputs> aside{};
  for (std::size_t i = 0; i < outputs; ++i) aside[i] = spare_.data() + i * spare_rows_;
  frame.out = aside.data();
  call(one, frame, state + one.state);
  for (std::size_t i = 0; i < outputs; ++i) {
    double* to = at_[one.out + i];
    std::fill_n(to, bases_[one.base].count, no_value);
    for (std::size_t j = 0; j < packed.rows; ++j) to[packed.where[j]] = aside[i][j];
  }
}

/// Base 0 has the block's own times, another one a list of its own.
BlockRunner::Times BlockRunner::times_of(const Step& one) const {
  const Base& base = bases_[one.base];
  if (base.is_full) return {clock_[one.scope].data(), event_.data(), received_.data()};
  return {base.clock.data(), base.event.data(), base.received.data()};
}

void BlockRunner::by_row(const Step& one, std::byte* state) {
  point_at_operands(one);
  const Times times = times_of(one);
  call(one,
       {.rows = bases_[one.base].count,
        .in = operands_.data(),
        .out = &at_[one.out],
        .clock = times.clock,
        .first = first_[one.scope],
        .seen = watched_[one.group].seen.data(),
        .event = times.event,
        .received = times.received,
        .fresh = watched_[one.group].pointers.data(),
        .firsts = watched_[one.group].firsts.data()},
       state + one.state);
}

void BlockRunner::emit(std::size_t output_row) const {
  for (const std::uint32_t i : copied_) {
    const double* values = at_[program_.outputs[i].slot];
    if (program_.outputs[i].type == ValueType::number) {
      copy_values(values, count_, outputs_[i].values + output_row);
      continue;
    }
    if (is_integer(program_.outputs[i].type)) {
      for (std::size_t j = 0; j < count_; ++j) outputs_[i].integers[output_row + j] = Cell::time(values[j]);
      continue;
    }
    std::int8_t* flags = outputs_[i].flags + output_row;
    for (std::size_t j = 0; j < count_; ++j) {
      flags[j] = std::isnan(values[j]) ? no_flag : static_cast<std::int8_t>(values[j]);
    }
  }
}

}  // namespace millrace
