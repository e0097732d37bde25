#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "millrace/base/time.h"
#include "millrace/kernels/arguments.h"
#include "millrace/market/tick.h"

namespace millrace {

/// What a user reads about a kernel, from every command and page.
struct Doc {
  std::string_view name, title, formula, unit, warmup, reference;
};

/// One input. An optional one may be left out of the call; a nullable one is handed over even where it has no value; of
/// a positive one a value <= 0 is no observation, like null.
struct InputInfo {
  std::string_view name;
  bool is_optional = false;
  bool is_nullable = false;
  bool is_positive = false;
  bool is_time = false;         // int64 ns: `Nanos` in `update`
  bool is_id = false;           // a venue's number: `Nanos` in `update` too
  bool is_beside_time = false;  // goes with a time as the first input, and only then
  bool is_keyword = false;      // written `name=…`, in place of the parameter of that name or beside the inputs
};

struct OutputInfo {
  std::string_view name;
  bool is_flag = false;  // −1, 0, 1 …: int8 in files
  bool is_time = false;  // int64 ns since 1970
  bool is_span = false;  // int64 ns
};

// ---- Parameters -------------------------------------------------------------------------------------------------

/// How far a kernel looks back: a number of observations, a length of event time in `buckets` equal parts, or for ever.
struct Window {
  std::int64_t rows = 0;          // > 0: a row window
  Nanos span = 0;                 // > 0: an event-time window; neither: expanding
  std::int64_t buckets = 0;       // of an event-time window; divides `span`
  std::int64_t min_periods = -1;  // observations needed for a value; -1 = the kernel's own rule

  /// Observations that a row window needs where the formula itself needs `fewest`.
  std::int64_t needed(std::int64_t fewest) const noexcept {
    return min_periods < 0 ? rows : min_periods > fewest ? min_periods : fewest;
  }
};

/// The weight of the newest observation: α per observation, or by event time with time constant τ.
struct Weight {
  double alpha = 0.0;   // in (0, 1], of the row form
  double tau_ns = 0.0;  // > 0: the time form
};

enum class ParamType : std::uint8_t {
  number,       // double
  auto_number,  // double; the word `auto` is NaN
  integer,      // int64_t
  flag,         // bool
  choice,       // std::uint8_t, index into `choices`
  window,       // Window, also with `buckets` and `min_periods`
  lag,          // Window: rows or a duration
  horizon,      // Window: rows or an exact duration, has to be given; of functions only
  duration,     // Nanos; a default of 0 has to be given, unless it is optional
  weight,       // Weight: one of alpha, lambda, half_life, span, com, tau
  shares,       // Shares of kernels/shares.h; has to be given
  fees,         // Fees of kernels/fees.h; none is 0
  table,        // const Table* of kernels/table.h: the path of a CSV file; nullptr = none
};

/// Which extents a window may have, as a set of bits.
enum Extent : std::uint8_t { by_rows = 1, by_time = 2, expanding = 4 };

struct ParamInfo {
  std::string_view name;
  ParamType type{};
  double lowest = 0.0, highest = 0.0;  // inclusive: of a number, a duration (ns), a window's rows
  std::string_view meaning;
  std::span<const std::string_view> choices{};
  std::uint8_t extents = 0;               // of a window or weight
  void* (*slot)(void* params) = nullptr;  // the member inside a Params
  bool is_optional = false;               // of a duration: left out, it is 0
};

// ---- Execution --------------------------------------------------------------------------------------------------

/// Rows that a kernel sees at once; the unit in which the graph works so that its columns stay in the first caches.
inline constexpr std::size_t block_rows = 128;

class Emissions;

/// Consecutive observations of one instrument. `dense` kernels get only rows where every input has a value; row-by-row
/// kernels (event-time windows and those that watch every row) get all rows and `seen`.
struct Frame {
  std::size_t rows = 0;
  const double* const* in = nullptr;   // by input; nullptr where an optional input was left out
  double* const* out = nullptr;        // by output
  std::uint64_t count = 0;             // observations before this frame
  const Nanos* clock = nullptr;        // greatest ts_event so far, by row
  Nanos first = 0;                     // the instrument's first ts_event, of any row
  const std::uint8_t* seen = nullptr;  // Seen, by row
  // Of forms that need them, by row: the row's own ts_event and ts_recv (no_time = not known).
  const Nanos *event = nullptr, *received = nullptr;
  Emissions* emissions = nullptr;  // of forms that emit, in place of `out`
  // Of forms that need them: by input, its Seen by row and the first row of its instrument (`not_begun` before it).
  const std::uint8_t* const* fresh = nullptr;
  const Nanos* firsts = nullptr;
};

/// How one kernel works for one extent. Function pointers take erased Params and State.
struct FormInfo {
  bool is_dense = true;  // sees packed valid observations
  bool is_stateless = false;
  std::uint32_t looks_back = 0;  // a bit for each input that `update` takes as a Past
  bool needs_clock = false;
  bool needs_stamps = false;
  bool needs_fresh = false;
  bool is_emitting = false;     // closes bars: any number of observations on a row
  bool is_reevaluated = false;  // event-time window: its value changes as time passes
  std::size_t (*state_bytes)(const void* params) = nullptr;
  std::size_t (*lookback)(const void* params) = nullptr;  // past observations it reads, the newest not counted
  void (*start)(const void* params, void* state) = nullptr;
  void (*run)(const void* params, void* state, const Frame& frame) = nullptr;
  /// The kernel's `update` row by row, also where `run` is something faster: the laws hold the two equal.
  void (*update_each)(const void* params, void* state, const Frame& frame) = nullptr;
};

/// One row of the registry.
struct KernelInfo {
  Doc doc;
  std::uint16_t version = 1;
  std::string_view family;
  bool is_offline = false;       // looks ahead; no graph that could run live takes it
  bool is_cross = false;         // of several instruments, and sees itself to how old their values are
  bool takes_row_times = false;  // ts_event and ts_recv may stand among its inputs: it has them of each row anyway
  bool is_paired = false;        // over several legs it needs grid() on each or asof() on all but one
  KindSet observes = 0;          // rows that it takes observations on, whatever its inputs; 0: those of its inputs
  std::span<const InputInfo> inputs;
  std::span<const OutputInfo> outputs;
  std::span<const ParamInfo> params;
  std::size_t params_bytes = 0;
  void (*default_params)(void* params) = nullptr;
  /// Tables that depend on the parameters alone, made once for all instruments: how many doubles, and what writes them
  /// and leaves their address in the Params. nullptr where a kernel has none.
  std::size_t (*derived_size)(const void* params) = nullptr;
  void (*derive)(void* params, double* derived) = nullptr;
  /// Empty, or what is wrong with parameters that are each in range ("fast < slow").
  std::string_view (*check)(const void* params) = nullptr;
  const FormInfo* rows = nullptr;  // nullptr where the kernel has no such form
  const FormInfo* time = nullptr;
  const FormInfo* expanding = nullptr;
  const FormInfo* of_times = nullptr;  // the same by rows, of a first input that is a time
};

inline constexpr std::size_t largest_params = 192;  // bytes
inline constexpr std::size_t largest_inputs = 16;
inline constexpr std::size_t largest_outputs = 16;

}  // namespace millrace
