#pragma once

#include <array>
#include <cmath>
#include <cstring>
#include <type_traits>

#include "millrace/kernels/kernel.h"

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

struct Nothing {};
template <class T, class = void>
struct StateOf {
  using type = Nothing;
};
template <class T>
struct StateOf<T, std::void_t<typename T::State>> {
  using type = typename T::State;
};

constexpr std::size_t rounded(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

/// Null is the only word for "no finite number".
inline double finite_or_null(double x) noexcept { return std::isfinite(x) ? x : no_value; }

/// Cuts update's parameters behind Params and State into those that take an input and those that do not.
template <class Arg>
inline constexpr bool takes_input = std::is_same_v<Arg, double> || std::is_same_v<Arg, Past>;

template <class Arg>
inline Arg argument(const Frame& frame, Tail tail, std::size_t input, std::size_t row) noexcept {
  if constexpr (std::is_same_v<Arg, double>) {
    return frame.in[input] == nullptr ? no_value : frame.in[input][row];
  } else if constexpr (std::is_same_v<Arg, Past>) {
    return Past{frame.in[input] + row, frame.count + row + 1};
  } else if constexpr (std::is_same_v<Arg, Now>) {
    return Now{frame.clock[row], frame.first};
  } else if constexpr (std::is_same_v<Arg, Stamps>) {
    return Stamps{frame.event[row], frame.received[row]};
  } else if constexpr (std::is_same_v<Arg, Seen>) {
    return static_cast<Seen>(frame.seen[row]);
  } else {
    static_assert(std::is_same_v<Arg, Tail>, "update takes double, Past, Now, Stamps, Seen or Tail");
    return tail;
  }
}

template <class... Args>
constexpr auto input_numbers() {
  std::array<std::size_t, sizeof...(Args) + 1> numbers{};
  std::size_t next = 0, at = 0;
  ((numbers[at++] = next, next += takes_input<Args> ? 1 : 0), ...);
  numbers[at] = next;
  return numbers;
}

inline void store(const Frame& frame, std::size_t row, double value) noexcept {
  frame.out[0][row] = finite_or_null(value);
}
template <std::size_t N>
inline void store(const Frame& frame, std::size_t row, const std::array<double, N>& values) noexcept {
  for (std::size_t i = 0; i < N; ++i) frame.out[i][row] = finite_or_null(values[i]);
}

template <class Update>
struct Signature;

template <class Result, class P, class S, class... Args>
struct Signature<Result (*)(const P&, S&, Args...) noexcept> {
  static constexpr auto numbers = input_numbers<std::remove_cv_t<Args>...>();
  static constexpr std::size_t inputs = numbers[sizeof...(Args)];
  static constexpr bool looks_back = (std::is_same_v<std::remove_cv_t<Args>, Past> || ...);
  static constexpr bool needs_clock = (std::is_same_v<std::remove_cv_t<Args>, Now> || ...);
  static constexpr bool needs_stamps = (std::is_same_v<std::remove_cv_t<Args>, Stamps> || ...);

  template <Result (*update)(const P&, S&, Args...) noexcept, std::size_t... I>
  static void loop(const P& p, S& s, Tail tail, const Frame& frame, std::index_sequence<I...>) noexcept {
    for (std::size_t row = 0; row < frame.rows; ++row) {
      store(frame, row, update(p, s, argument<std::remove_cv_t<Args>>(frame, tail, numbers[I], row)...));
    }
  }
  template <Result (*update)(const P&, S&, Args...) noexcept>
  static void loop(const P& p, S& s, Tail tail, const Frame& frame) noexcept {
    loop<update>(p, s, tail, frame, std::index_sequence_for<Args...>{});
  }
};

/// `update(const Params&, inputs...)`: a kernel without state.
template <class Result, class P, class... Args>
  requires(!std::is_lvalue_reference_v<Args> && ...)
struct Signature<Result (*)(const P&, Args...) noexcept> {
  static constexpr std::size_t inputs = sizeof...(Args);
  static constexpr bool looks_back = false;
  static constexpr bool needs_clock = false;
  static constexpr bool needs_stamps = false;

  template <Result (*update)(const P&, Args...) noexcept, std::size_t... I>
  static void loop(const P& p, const Frame& frame, std::index_sequence<I...>) noexcept {
    for (std::size_t row = 0; row < frame.rows; ++row) {
      store(frame, row, update(p, argument<std::remove_cv_t<Args>>(frame, nullptr, I, row)...));
    }
  }
  template <Result (*update)(const P&, Args...) noexcept>
  static void loop(const P& p, Nothing&, Tail, const Frame& frame) noexcept {
    loop<update>(p, frame, std::index_sequence_for<Args...>{});
  }
};

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
  return FormInfo{
      .is_dense = !WatchesEveryRow<F>,
      .is_stateless = std::is_empty_v<typename E::State> && !Shape::looks_back,
      .needs_clock = Shape::needs_clock || WatchesEveryRow<F>,
      .needs_stamps = Shape::needs_stamps,
      .is_reevaluated = IsReevaluated<F>,
      .state_bytes = &E::state_bytes,
      .lookback = &E::lookback,
      .start = &E::start,
      .run = &E::run,
      .update_each = &E::update_each,
  };
}

}  // namespace millrace::form
