#include "millrace/graph/block.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "millrace/chunk/sink.h"
#include "millrace/graph/operators.h"

namespace millrace {

namespace {

constexpr std::size_t lead = 8;  // doubles before each column: its value before the block, and alignment
constexpr std::size_t stride = lead + block_rows;

template <class T, class Read>
void take_rows(const AlignedVector<T>& column, const std::uint32_t* rows, const std::uint16_t* which, std::size_t count,
               double* out, Read read) {
  if (column.empty()) {  // the source has no such column
    std::fill_n(out, count, no_value);
  } else if (which == nullptr) {
    for (std::size_t i = 0; i < count; ++i) out[i] = read(column[rows[i]]);
  } else {
    for (std::size_t i = 0; i < count; ++i) out[i] = read(column[rows[which[i]]]);
  }
}

/// One value is what a live tick copies; a call would cost more than the copy.
void copy(const double* from, std::size_t count, double* to) {
  if (count == 1) {
    *to = *from;
  } else {
    std::memcpy(to, from, count * sizeof(double));
  }
}

bool are_given(const double* values, std::size_t count, Needed needed) {
  if (needed == Needed::nothing) return true;
  bool all = true;
  if (needed == Needed::value) {
    for (std::size_t i = 0; i < count; ++i) all &= !std::isnan(values[i]);
  } else {
    for (std::size_t i = 0; i < count; ++i) all &= values[i] > 0.0;
  }
  return all;
}

}  // namespace

BlockRunner::BlockRunner(const Program& program)
    : program_(program),
      memory_(program.slots * stride),
      own_(program.slots),
      at_(program.slots),
      bases_(program.bases.size()),
      packed_(program.packings.size()),
      seen_(program.watches.size()),
      spare_(largest_outputs * block_rows) {
  std::fill(memory_.begin(), memory_.end(), no_value);
  for (std::size_t slot = 0; slot < program.slots; ++slot) own_[slot] = memory_.data() + slot * stride + lead;
  at_ = own_;
  for (const auto& [slot, value] : program.constants) std::fill_n(own_[slot], block_rows, value);
  std::vector<bool> may_bind(program.slots, true);  // each slot once; constants are filled only here
  for (const auto& [slot, value] : program.constants) may_bind[slot] = false;
  for (std::uint32_t i = 0; i < program.outputs.size(); ++i) {
    const Program::Output& output = program.outputs[i];
    (!output.is_flag && may_bind[output.slot] ? bound_ : copied_).push_back(i);
    may_bind[output.slot] = false;
  }
  for (std::size_t i = 0; i < program.packings.size(); ++i) {
    packed_[i].memory.resize(program.packings[i].slots.size() * block_rows);
  }
}

void BlockRunner::write_to(const std::vector<BlockOutput>& outputs) {
  outputs_ = outputs;
  bound_row_ = SIZE_MAX;
}

void BlockRunner::run(const Chunk& chunk, const std::uint32_t* rows, std::size_t count, std::byte* state,
                      std::size_t output_row) {
  assert(count > 0 && count <= block_rows);
  rows_ = rows;
  count_ = count;
  bind(output_row);
  tell_time(chunk, state);
  find_bases(chunk);
  for (const Step& one : program_.steps) step(one, chunk, state);
  emit(output_row);
}

void BlockRunner::bind(std::size_t output_row) {
  if (output_row == bound_row_) return;
  for (const std::uint32_t i : bound_) at_[program_.outputs[i].slot] = outputs_[i].values + output_row;
  bound_row_ = output_row;
}

void BlockRunner::tell_time(const Chunk& chunk, std::byte* state) {
  auto& clock = *reinterpret_cast<InstrumentClock*>(state);
  if (clock.rows == 0) clock.first = chunk.ts_event[rows_[0]];
  clock.rows += count_;
  Nanos now = clock.now;
  for (std::size_t i = 0; i < count_; ++i) {
    now = std::max(now, chunk.ts_event[rows_[i]]);
    clock_[i] = now;
  }
  clock.now = now;
  first_ = clock.first;
  if (!program_.needs_stamps) return;
  for (std::size_t i = 0; i < count_; ++i) {
    event_[i] = chunk.ts_event[rows_[i]];
    received_[i] = chunk.ts_recv[rows_[i]];
  }
}

void BlockRunner::find_bases(const Chunk& chunk) {
  for (std::size_t i = 0; i < count_; ++i) kind_[i] = chunk.kind[rows_[i]];
  for (std::size_t b = 0; b < bases_.size(); ++b) {
    Base& base = bases_[b];
    base.count = count_;
    base.is_full = true;
    if (b == 0) continue;
    const KindSet kinds = program_.bases[b];
    std::size_t found = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      base.row[found] = static_cast<std::uint16_t>(i);
      found += (kinds >> kind_[i]) & 1U;
      base.latest[i] = static_cast<std::int16_t>(static_cast<int>(found) - 1);
    }
    base.count = found;
    base.is_full = found == count_;
  }
}

void BlockRunner::step(const Step& one, const Chunk& chunk, std::byte* state) {
  switch (one.type) {
    case Step::Type::load: return load(one, chunk);
    case Step::Type::operation: return operation(one);
    case Step::Type::time_of_day: return time_of_day(one, chunk);
    case Step::Type::spread: return spread(one, state);
    case Step::Type::gather: return gather(one);
    case Step::Type::pack: return pack(program_.packings[one.group], packed_[one.group], state);
    case Step::Type::watch: return watch(program_.watches[one.group], seen_[one.group].data());
    case Step::Type::plain: return plain(one);
    case Step::Type::dense: return dense(one, state);
    case Step::Type::by_row: return by_row(one, state);
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
  double* out = at_[one.out];
  for (std::size_t i = 0; i < count_; ++i) {  // the row's own time, as `kernels.md` 2.2 asks
    out[i] = static_cast<double>(chunk.ts_event[rows_[i]] % one_day) / static_cast<double>(one_day);
  }
}

void BlockRunner::spread(const Step& one, std::byte* state) {
  auto* last = reinterpret_cast<double*>(state + one.state);
  const Base& base = bases_[one.base];
  for (std::size_t k = 0; k < one.inputs; ++k) {
    double* in = at_[program_.operands[one.first + k]];
    double* out = at_[one.out + k];
    if (base.is_full) {
      copy(in, count_, out);
    } else {
      in[-1] = last[k];
      for (std::size_t i = 0; i < count_; ++i) out[i] = in[base.latest[i]];
    }
    if (base.count > 0) last[k] = in[base.count - 1];
  }
}

void BlockRunner::gather(const Step& one) {
  const Base& base = bases_[one.base];
  const double* in = at_[program_.operands[one.first]];
  double* out = at_[one.out];
  for (std::size_t i = 0; i < base.count; ++i) out[i] = in[base.is_full ? i : base.row[i]];
}

void BlockRunner::pack(const Packing& packing, Packed& packed, std::byte* state) {
  const Base& base = bases_[packing.base];
  packed.is_whole = true;
  for (std::size_t i = 0; i < packing.slots.size() && packed.is_whole; ++i) {
    packed.is_whole = are_given(at_[packing.slots[i]], base.count, packing.needed[i]);
  }
  packed.rows = base.count;
  if (!packed.is_whole) {
    packed.rows = 0;
    for (std::size_t j = 0; j < base.count; ++j) {
      bool is_valid = true;
      for (std::size_t i = 0; i < packing.slots.size(); ++i) {
        is_valid &= is_given(at_[packing.slots[i]][j], packing.needed[i]);
      }
      packed.where[packed.rows] = static_cast<std::uint16_t>(j);
      packed.rows += is_valid ? 1 : 0;
    }
  }
  auto& count = *reinterpret_cast<std::uint64_t*>(state + packing.state);
  packed.count = count;
  count += packed.rows;
  for (std::size_t i = 0; i < packing.slots.size(); ++i) {
    const double* in = at_[packing.slots[i]];
    double* out = packed.memory.data() + i * block_rows;
    if (packing.depth[i] > 0) {
      auto& filled = *reinterpret_cast<std::uint64_t*>(state + packing.history[i]);
      auto* values = reinterpret_cast<double*>(&filled + 1);
      if (filled + packed.rows > packing.depth[i] + block_rows) {
        const std::size_t kept = std::min<std::size_t>(filled, packing.depth[i]);
        std::memmove(values, values + (filled - kept), kept * sizeof(double));
        filled = kept;
      }
      out = values + filled;
      filled += packed.rows;
    } else if (packed.is_whole) {
      packed.in[i] = in;
      continue;
    }
    if (packed.is_whole) {
      copy(in, packed.rows, out);
    } else {
      for (std::size_t j = 0; j < packed.rows; ++j) out[j] = in[packed.where[j]];
    }
    packed.in[i] = out;
  }
  if (!packing.needs_clock) return;
  for (std::size_t j = 0; j < packed.rows; ++j) {
    const std::size_t on_base = packed.is_whole ? j : packed.where[j];
    packed.clock[j] = clock_[base.is_full ? on_base : base.row[on_base]];
  }
}

void BlockRunner::watch(const Watch& watch, std::uint8_t* seen) const {
  for (std::size_t i = 0; i < count_; ++i) seen[i] = (watch.observed >> kind_[i]) & 1U;
  for (const auto& [slot, needed] : watch.required) {
    const double* values = at_[slot];
    for (std::size_t i = 0; i < count_; ++i) {
      if (seen[i] == observed && !is_given(values[i], needed)) seen[i] = observed_null;
    }
  }
}

/// Operands of a kernel that sees columns as they lie; nullptr for an optional one that is left out.
void BlockRunner::point_at_operands(const Step& one) {
  for (std::size_t i = 0; i < one.inputs; ++i) operands_[i] = at_[program_.operands[one.first + i]];
  for (std::size_t i = one.inputs; i < one.arity; ++i) operands_[i] = nullptr;
}

void BlockRunner::plain(const Step& one) {
  point_at_operands(one);
  one.run(one.params, nullptr, {.rows = bases_[one.base].count, .in = operands_.data(), .out = &at_[one.out]});
}

void BlockRunner::dense(const Step& one, std::byte* state) {
  const Packed& packed = packed_[one.group];
  Frame frame{.rows = packed.rows,
              .in = packed.in.data(),
              .out = &at_[one.out],
              .count = packed.count,
              .clock = packed.clock.data(),
              .first = first_};
  if (packed.is_whole) return one.run(one.params, state + one.state, frame);
  const std::size_t outputs = program_.plan->nodes[one.node].kernel->outputs.size();
  std::array<double*, largest_outputs> aside{};
  for (std::size_t i = 0; i < outputs; ++i) aside[i] = spare_.data() + i * block_rows;
  frame.out = aside.data();
  one.run(one.params, state + one.state, frame);
  for (std::size_t i = 0; i < outputs; ++i) {
    double* to = at_[one.out + i];
    std::fill_n(to, bases_[one.base].count, no_value);
    for (std::size_t j = 0; j < packed.rows; ++j) to[packed.where[j]] = aside[i][j];
  }
}

void BlockRunner::by_row(const Step& one, std::byte* state) {
  point_at_operands(one);
  one.run(one.params, state + one.state,
          {.rows = count_,
           .in = operands_.data(),
           .out = &at_[one.out],
           .clock = clock_.data(),
           .first = first_,
           .seen = seen_[one.group].data(),
           .event = event_.data(),
           .received = received_.data()});
}

void BlockRunner::emit(std::size_t output_row) const {
  for (const std::uint32_t i : copied_) {
    const double* values = at_[program_.outputs[i].slot];
    if (!program_.outputs[i].is_flag) {
      copy(values, count_, outputs_[i].values + output_row);
      continue;
    }
    std::int8_t* flags = outputs_[i].flags + output_row;
    for (std::size_t j = 0; j < count_; ++j) {
      flags[j] = std::isnan(values[j]) ? no_flag : static_cast<std::int8_t>(values[j]);
    }
  }
}

}  // namespace millrace
