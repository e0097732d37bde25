#pragma once

#include <cstring>
#include <type_traits>

#include "millrace/kernels/kernel.h"
#include "millrace/kernels/signature.h"

/// Turns a kernel's `update` into the erased functions of its FormInfo. Nothing here knows a kernel.
namespace millrace::form {

template <class T>
concept WatchesEveryRow = requires {
  requires T::watches_every_row;
};

template <class T>
concept IsReevaluated = requires {
  requires T::is_reevaluated;
};

template <class T, class = void>
struct StateOf {
  using type = Nothing;
};
template <class T>
struct StateOf<T, std::void_t<typename T::State>> {
  using type = typename T::State;
};

constexpr std::size_t rounded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

/// Erased functions of a form `F` of a kernel with parameters `P`. `F` is the kernel itself or its nested form.
template <class F, class P>
struct Erased {
  using State = typename StateOf<F>::type;
  static_assert(std::is_trivially_copyable_v<State>, "a state is saved by copying its bytes");
  static_assert(std::is_empty_v<State> || std::has_unique_object_representations_v<State> || alignof(State) == 8,
                "a state has 8-byte members, so that there is no padding to save");

  static constexpr std::size_t state_size = std::is_empty_v<State> ? 0 : rounded(sizeof(State));

  static const P& params(const void* p) { return *static_cast<const P*>(p); }
  static State& state(void* s) { return *static_cast<State*>(s); }
  static Tail tail(void* s) { return reinterpret_cast<double*>(static_cast<std::byte*>(s) + state_size); }

  static std::size_t tail_bytes(const void* p) {
    if constexpr (requires { F::tail(params(p)); }) {
      return F::tail(params(p)) * sizeof(double);
    } else {
      return 0 * sizeof(p);
    }
  }
  static std::size_t state_bytes(const void* p) { return state_size + tail_bytes(p); }
  static std::size_t lookback(const void* p) {
    if constexpr (requires { F::lookback(params(p)); }) {
      return static_cast<std::size_t>(F::lookback(params(p)));
    } else {
      return 0 * sizeof(p);
    }
  }
  static void start(const void* p, void* s) {
    std::memset(s, 0, state_bytes(p));
    if constexpr (!std::is_empty_v<State>) ::new (s) State{};
    if constexpr (requires { F::start(params(p), state(s), tail(s)); }) F::start(params(p), state(s), tail(s));
  }
  static void run(const void* p, void* s, const Frame& frame) {
    if constexpr (requires { F::run(params(p), state(s), tail(s), frame); }) {
      F::run(params(p), state(s), tail(s), frame);
    } else {
      update_each(p, s, frame);
    }
  }
  static void update_each(const void* p, void* s, const Frame& frame) {
    using Shape = Signature<decltype(&F::update)>;
    if constexpr (std::is_empty_v<State>) {
      State none;  // its type is the kernel's own, or Nothing
      Shape::template loop<&F::update>(params(p), none, nullptr, frame);
    } else if constexpr (sizeof(State) <= 256) {
      State local = state(s);  // lets the compiler keep it in registers
      Shape::template loop<&F::update>(params(p), local, tail(s), frame);
      state(s) = local;
    } else {
      Shape::template loop<&F::update>(params(p), state(s), tail(s), frame);
    }
  }
};

template <class F, class P>
constexpr FormInfo make_form() {
  using E = Erased<F, P>;
  using Shape = Signature<decltype(&F::update)>;
  static_assert(!Shape::needs_stamps || WatchesEveryRow<F>, "packed observations have no times of their own");
  static_assert(!Shape::needs_fresh || WatchesEveryRow<F>, "packed observations are of all inputs");
  static_assert(!Shape::emits || WatchesEveryRow<F>, "bars close on rows of any kind");
  return FormInfo{
      .is_dense = !WatchesEveryRow<F>,
      .is_stateless = std::is_empty_v<typename E::State> && !Shape::looks_back,
      .looks_back = Shape::looks_back_at,
      .needs_clock = Shape::needs_clock || WatchesEveryRow<F>,
      .needs_stamps = Shape::needs_stamps,
      .needs_fresh = Shape::needs_fresh,
      .is_emitting = Shape::emits,
      .is_reevaluated = IsReevaluated<F>,
      .state_bytes = &E::state_bytes,
      .lookback = &E::lookback,
      .start = &E::start,
      .run = &E::run,
      .update_each = &E::update_each,
  };
}

/// The same of an event-time window `T`: its value changes as time passes.
///
/// A time form `F` of a kernel:
///   struct Content;                                          one bucket; default = empty
///   struct Carry;                                            optional: what outlives buckets (the last return, …)
///   static void add(const Params&, Content&, Carry&, const double* x, double origin);   one observation
///   static Seen take(const Params&, Content&, Carry&, const double* x, const Fresh&, Nanos clock);
///                                                            in place of `add`, over several legs: what it saw
///   static void merge(Content& older, const Content& newer);
///   static double|array value(const Params&, const Content& all, const Carry&, const double* x, double origin);
///   static constexpr std::int64_t fewest                     observations that the formula needs (0 = additive)
///   static void expire(Carry&, const Content&)               optional: called as a bucket leaves, oldest first
///   static bool leaves_out_newest(const Params&)             optional: the window ends before the newest observation
///   static const Window& window(const Params&)               optional: Params::window
///   static constexpr bool takes_partial_windows              optional: there are values before the window is full
/// Content `Sample` keeps the last value of a bucket; `value` then takes `Samples` for `Content`, all of the window.
/// `x` are the inputs' newest values (of the newest observation), `origin` the first valid value of input 0.
template <class T>
constexpr FormInfo make_time_form() {
  return FormInfo{
      .is_dense = false,
      .needs_clock = true,
      .needs_fresh = T::is_over_legs,
      .is_reevaluated = true,
      .state_bytes = &T::state_bytes,
      .lookback = &T::lookback,
      .start = &T::start,
      .run = &T::run,
      .update_each = &T::run,
  };
}

}  // namespace millrace::form
