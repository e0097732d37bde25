#pragma once

#include "millrace/kernels/bucket_ring.h"

/// A time form `F` of a kernel:
///   struct Content;                                          one bucket; default = empty
///   struct Carry;                                            optional: what outlives buckets (the last return, …)
///   static void add(const Params&, Content&, Carry&, const double* x, double origin);   one observation
///   static Seen take(const Params&, Content&, Carry&, const double* x, const Fresh&, Nanos clock);   in place of
///   `add`,
///                                                            over several legs: looks at the row, says what it saw
///   static void merge(Content& older, const Content& newer);
///   static double|array value(const Params&, const Content& all, const Carry&, const double* x, double origin);
///   static constexpr std::int64_t fewest                     observations that the formula needs (0 = additive)
///   static void expire(Carry&, const Content&)               optional: called as a bucket leaves, oldest first
///   static bool leaves_out_newest(const Params&)             optional: the window ends before the newest observation
///   static const Window& window(const Params&)               optional: Params::window
///   static constexpr bool takes_partial_windows              optional: there are values before the window is full
/// Content `Sample` keeps the last value of a bucket; `value` then takes `Samples` for `Content`, all of the window.
/// `x` are the inputs' newest values (of the newest observation), `origin` the first valid value of input 0.
namespace millrace::form {

/// The erased functions of an event-time window; its `run` is its definition.
template <class F, class P, std::size_t inputs>
constexpr FormInfo make_time_form() {
  using T = TimeForm<F, P, inputs>;
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
