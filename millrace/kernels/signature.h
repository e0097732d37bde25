#pragma once

#include <array>
#include <cmath>
#include <type_traits>

#include "millrace/kernels/emissions.h"
#include "millrace/kernels/kernel.h"

/// Reads what `update` of a kernel takes from its type, and calls it row by row.
namespace millrace::form {

struct Nothing {};

/// Null is the only word for "no finite number".
inline double finite_or_null(double x) noexcept { return std::isfinite(x) ? x : no_value; }

/// Cuts update's parameters behind Params and State into those that take an input and those that do not.
template <class Arg>
inline constexpr bool takes_input = std::is_same_v<Arg, double> || std::is_same_v<Arg, Nanos> ||
                                    std::is_same_v<Arg, Past> || std::is_same_v<Arg, Offered>;

template <class Arg>
inline constexpr bool takes_emit = requires {
  Arg::outputs;
};

template <class Arg>
inline Arg argument(const Frame& frame, Tail tail, std::size_t input, std::size_t row) noexcept {
  if constexpr (std::is_same_v<Arg, double>) {
    return frame.in[input] == nullptr ? no_value : frame.in[input][row];
  } else if constexpr (std::is_same_v<Arg, Nanos>) {
    return frame.in[input] == nullptr ? no_time : Cell::time(frame.in[input][row]);
  } else if constexpr (takes_emit<Arg>) {
    return Arg{frame.emissions, row};
  } else if constexpr (std::is_same_v<Arg, Past>) {
    return Past{frame.in[input] + row, frame.count + row + 1};
  } else if constexpr (std::is_same_v<Arg, Offered>) {
    const bool is_given = frame.in[input] != nullptr;
    return Offered{is_given ? frame.in[input][row] : no_value, is_given};
  } else if constexpr (std::is_same_v<Arg, Now>) {
    return Now{frame.clock[row], frame.first};
  } else if constexpr (std::is_same_v<Arg, Stamps>) {
    return Stamps{frame.event[row], frame.received[row]};
  } else if constexpr (std::is_same_v<Arg, Fresh>) {
    return Fresh{frame.fresh, frame.firsts, row};
  } else if constexpr (std::is_same_v<Arg, Inputs>) {
    return Inputs{frame.in, row};
  } else if constexpr (std::is_same_v<Arg, Seen>) {
    return static_cast<Seen>(frame.seen[row]);
  } else {
    static_assert(std::is_same_v<Arg, Tail>,
                  "update takes double, Nanos, Past, Offered, Inputs, Now, Stamps, Seen, Fresh, Tail or Emit");
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

/// A bit for each input that is taken with its past.
template <class... Args>
constexpr std::uint32_t past_inputs() {
  std::uint32_t bits = 0, next = 0;
  ((bits |= std::is_same_v<Args, Past> ? 1U << next : 0U, next += takes_input<Args> ? 1 : 0), ...);
  return bits;
}

inline void store(const Frame& frame, std::size_t row, double value) noexcept {
  frame.out[0][row] = finite_or_null(value);
}
template <std::size_t N>
inline void store(const Frame& frame, std::size_t row, const std::array<double, N>& values) noexcept {
  for (std::size_t i = 0; i < N; ++i) frame.out[i][row] = finite_or_null(values[i]);
}
inline void store(const Frame& frame, std::size_t row, Cell value) noexcept { frame.out[0][row] = value.slot; }
template <std::size_t N>
inline void store(const Frame& frame, std::size_t row, const std::array<Cell, N>& values) noexcept {
  for (std::size_t i = 0; i < N; ++i) frame.out[i][row] = values[i].slot;
}

template <class Update>
struct Signature;

template <class Result, class P, class S, class... Args>
struct Signature<Result (*)(const P&, S&, Args...) noexcept> {
  static constexpr auto numbers = input_numbers<std::remove_cv_t<Args>...>();
  static constexpr std::size_t inputs = numbers[sizeof...(Args)];
  static constexpr std::uint32_t looks_back_at = past_inputs<std::remove_cv_t<Args>...>();
  static constexpr bool looks_back = looks_back_at != 0;
  static constexpr bool needs_clock = (std::is_same_v<std::remove_cv_t<Args>, Now> || ...);
  static constexpr bool needs_stamps = (std::is_same_v<std::remove_cv_t<Args>, Stamps> || ...);
  static constexpr bool needs_fresh = (std::is_same_v<std::remove_cv_t<Args>, Fresh> || ...);
  static constexpr bool emits = (takes_emit<std::remove_cv_t<Args>> || ...);

  template <Result (*update)(const P&, S&, Args...) noexcept, std::size_t... I>
  static void loop(const P& p, S& s, Tail tail, const Frame& frame, std::index_sequence<I...>) noexcept {
    for (std::size_t row = 0; row < frame.rows; ++row) {
      if constexpr (emits) {
        update(p, s, argument<std::remove_cv_t<Args>>(frame, tail, numbers[I], row)...);
      } else {
        store(frame, row, update(p, s, argument<std::remove_cv_t<Args>>(frame, tail, numbers[I], row)...));
      }
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
  static constexpr std::uint32_t looks_back_at = 0;
  static constexpr bool looks_back = false;
  static constexpr bool needs_clock = false;
  static constexpr bool needs_stamps = false;
  static constexpr bool needs_fresh = false;
  static constexpr bool emits = false;

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

}  // namespace millrace::form
