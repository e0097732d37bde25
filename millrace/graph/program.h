#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "millrace/graph/plan.h"

namespace millrace {

inline constexpr std::uint32_t no_scope = UINT32_MAX;

/// A column of one block in the working memory.
using Slot = std::uint32_t;
inline constexpr Slot no_slot = UINT32_MAX;

/// Room behind a history in the state block: live rows fill it one by one before the history is moved down. Longer
/// blocks put history and rows together in working memory.
inline constexpr std::size_t history_slack = 16;

/// What a kernel asks of an input's value.
enum class Needed : std::uint8_t { nothing, value, positive, integer };

inline bool is_given(double x, Needed needed) noexcept {
  switch (needed) {
    case Needed::nothing: return true;
    case Needed::value: return !std::isnan(x);
    case Needed::integer: return !Cell::is_null(x);
    case Needed::positive: break;
  }
  return x > 0.0;
}

/// The observations of a set of inputs, packed: rows where each (but nullable ones) has a value. Kernels on the same
/// inputs share one, with its count and its histories.
struct Packing {
  std::uint32_t base = 0;  // index into Program::bases
  std::vector<Slot> slots;
  std::vector<Needed> needed;        // what makes a row no observation
  std::vector<std::size_t> depth;    // past observations kept, by input
  std::vector<std::size_t> history;  // offset in the state block, by input: {filled, values[depth + slack]}
  bool needs_clock = false;
  std::uint32_t scope = 0;
  std::size_t state = 0;  // offset of the count
};

/// Which rows of a base bring a row-by-row kernel an observation.
struct Watch {
  std::uint32_t base = 0;
  Rows observed{};
  std::vector<std::pair<Slot, Needed>> required;
  /// Of kernels over several legs, by input: its own rows, and its legs.
  struct Input {
    Slot slot;
    Needed needed;
    Rows observed;
    std::uint32_t scope;
    bool operator==(const Input&) const = default;
    auto operator<=>(const Input&) const = default;
  };
  std::vector<Input> inputs;
};

struct Step {
  enum class Type : std::uint8_t {
    load,         // column → out on `base`
    operation,    // in → out on `base`
    time_of_day,  // → out on `base`, also of day_of_week
    closes,       // whether a row is in base `group` → out on `base`
    tick_size,    // of the instrument → out on `base`
    expiry,       // of the leg `group` → out on `base`
    spread,       // each operand on `base` → out, out + 1, … on every row; the last value repeats
    gather,       // in on every row → out on `base`
    mark,         // finds the rows of `base` once its bars are closed
    transfer,     // in on base `group` → out on `base`, both with bars
    pack,         // packings[group]
    watch,        // watches[group]
    plain,        // stateless kernel, in → out on `base`
    dense,        // kernel on packings[group]
    by_row,       // kernel on `base`, every row, with watches[group]
    closing,      // the same of a kernel that closes bars
    resetting,    // kernel that a null starts anew, with a packing of its own or watches[group]
  };
  Type type = Type::load;
  Operator op{};
  Column column{};
  bool is_idle = false;      // does nothing where no row of the block is on `base`
  std::uint16_t inputs = 0;  // number of operands
  std::uint16_t arity = 0;   // of a kernel: inputs with the optional ones that are left out
  std::uint32_t base = 0;    // index into Program::bases
  std::uint32_t group = 0;   // packing or watch
  std::uint32_t first = 0;   // its first operand in Program::operands
  Slot out = no_slot;        // its first output; the others follow
  std::uint32_t node = 0;
  std::uint32_t scope = 0;                                                     // index into Program::scopes
  std::size_t state = 0;                                                       // offset in the instrument's block
  void (*run)(const void* params, void* state, const Frame& frame) = nullptr;  // of a kernel
  const void* params = nullptr;
};
static_assert(sizeof(Step) <= 64, "one cache line: a program is walked once a row in live trading");

/// A part of the state block: what a snapshot writes as one record.
struct Region {
  enum class Type : std::uint8_t { clock, packing, kernel, last_value };
  Type type = Type::clock;
  std::uint32_t number = 0;  // node of a kernel, else a running number
  std::uint32_t group = 0;   // packing
  std::uint16_t version = 1;
  std::uint32_t parameter_hash = 0;
  std::size_t offset = 0, bytes = 0;
};

/// Head of every state block, once for each leg.
struct InstrumentClock {
  Nanos first = no_time;  // ts_event of the first row, of any kind
  Nanos now = no_time;    // greatest ts_event so far
  std::uint64_t rows = 0;
};
/// The first row of several legs before each of them has had one.
inline constexpr Nanos not_begun = INT64_MAX / 2;
static_assert(sizeof(InstrumentClock) == 24);

/// A plan as a list of loops over blocks of one instrument's rows, with the layout of its state.
struct Program {
  struct Output {
    Slot slot;
    ValueType type;
  };
  struct Constant {
    Slot slot;
    double value;
  };
  std::shared_ptr<const Plan> plan;
  std::vector<Rows> bases;           // sets of rows on which columns lie; [0] is every row
  std::vector<LegSet> scopes;        // legs whose clock some step needs; [0] is all of them
  std::vector<std::uint32_t> timed;  // by base: the scope whose times its rows are given, or no_scope
  std::vector<Step> steps;
  std::vector<Slot> operands;  // of all steps
  std::vector<Packing> packings;
  std::vector<Watch> watches;
  std::vector<Constant> constants;
  std::vector<std::uint32_t> base_of_slot;
  std::vector<Output> outputs;  // by feature
  std::vector<Region> regions;
  bool needs_stamps = false;  // a kernel reads the rows' own times
  std::size_t slots() const { return base_of_slot.size(); }
  std::size_t state_bytes = 0;  // a multiple of 64
};

Program make_program(std::shared_ptr<const Plan> plan);

/// Writes the state of an instrument that has no row yet.
void start_state(const Program& program, std::byte* block);

/// Moves each history to the front of its room, so that equal states have equal bytes. Changes no result.
void settle_state(const Program& program, std::byte* block);

}  // namespace millrace
