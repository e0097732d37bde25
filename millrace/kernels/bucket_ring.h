#pragma once

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "millrace/kernels/form.h"
#include "millrace/kernels/kernel.h"
#include "millrace/kernels/time_content.h"

/// Event-time windows: the one bucket ring behind every kernel that takes `window=60s` (`kernels.md` 2.2).
///
/// A window of W is B equal buckets on the epoch grid. A kernel's time form (`form.h`) says what one holds and how
/// two merge; the ring moves time, forgets, and merges closed buckets anew at each change, oldest first: no drift.
namespace millrace::form {

template <class F, class P, std::size_t inputs>
struct TimeForm {
  using Content = typename F::Content;
  using Carry = typename CarryOf<F>::type;
  static_assert(std::is_trivially_copyable_v<Content> && alignof(Content) == 8);
  static constexpr bool has_samples = std::is_same_v<Content, Sample>;
  static constexpr bool is_over_legs = requires { &F::take; };
  using Whole = std::conditional_t<has_samples, Samples, Content>;

  struct State {
    std::int64_t newest = -1;       // index of the open bucket; -1 = nothing seen
    Nanos edge = INT64_MIN;         // its end
    std::int64_t held_bucket = -1;  // where the newest observation goes once it is left out no longer
    std::int64_t observations = 0;  // in the closed and open buckets; valid after `rebuild`
    std::uint64_t ever = 0;         // observations since the start
    double origin = 0.0;
    double x[inputs] = {};
    Content closed{};
    std::int64_t samples = 0;  // of closed buckets, where they are kept in order
    Carry carry{};
  };
  static constexpr std::size_t outputs =
      sizeof(decltype(F::value(P{}, Whole{}, Carry{}, nullptr, 0.0))) / sizeof(double);
  struct Bucket {
    std::int64_t count = 0;
    Content content{};
  };

  static const Window& window(const P& p) {
    if constexpr (requires { F::window(p); }) {
      return F::window(p);
    } else {
      return p.window;
    }
  }
  static std::int64_t bucket_of(Nanos clock, Nanos width) { return clock / width - (clock % width < 0 ? 1 : 0); }

  static void rebuild(State& s, Bucket* ring, std::int64_t buckets) {
    s.closed = Content{};
    s.samples = 0;
    s.observations = ring[s.newest % buckets].count;
    const std::int64_t oldest = std::max<std::int64_t>(s.newest - buckets + 1, 0);
    std::int64_t at = oldest % buckets;
    for (std::int64_t k = oldest; k < s.newest; ++k) {
      const Bucket& bucket = ring[at];
      if (++at == buckets) at = 0;
      if (bucket.count == 0) continue;
      if constexpr (has_samples) {
        samples_of(ring, buckets)[s.samples++] = bucket.content.value;
      } else {
        F::merge(s.closed, bucket.content);
      }
      s.observations += bucket.count;
    }
    if constexpr (has_samples) std::sort(samples_of(ring, buckets), samples_of(ring, buckets) + s.samples);
  }

  static void forget(State& s, Bucket& bucket) {
    if constexpr (requires { F::expire(s.carry, bucket.content); }) {
      if (bucket.count > 0) F::expire(s.carry, bucket.content);
    }
    bucket = Bucket{};
  }

  static void advance(const P& p, State& s, Bucket* ring, Nanos clock) {
    if (clock < s.edge) return;
    const Window& w = window(p);
    const Nanos width = w.span / w.buckets;
    const std::int64_t now = bucket_of(clock, width);
    s.edge = (now + 1) * width;
    if (s.newest >= 0) {
      const std::int64_t last = std::min(now, s.newest + w.buckets);
      std::int64_t at = s.newest % w.buckets;
      for (std::int64_t k = s.newest + 1; k <= last; ++k) {
        if (++at == w.buckets) at = 0;
        forget(s, ring[at]);
      }
    }
    s.newest = now;
    rebuild(s, ring, w.buckets);
  }

  static void enter(const P& p, State& s, Bucket* ring, std::int64_t bucket, const double* x) {
    const std::int64_t buckets = window(p).buckets;
    if (bucket <= s.newest - buckets) {
      // Left out until now and already older than the window: it passes straight through.
      Bucket passing{.count = 1};
      F::add(p, passing.content, s.carry, x, s.origin);
      forget(s, passing);
      return;
    }
    Bucket& into = ring[bucket % buckets];
    F::add(p, into.content, s.carry, x, s.origin);
    ++into.count;
    if (bucket == s.newest) {
      ++s.observations;
    } else {
      rebuild(s, ring, buckets);
    }
  }

  static void observe(const P& p, State& s, Bucket* ring, const Frame& frame, std::size_t row) {
    double x[inputs];
    for (std::size_t i = 0; i < inputs; ++i) x[i] = frame.in[i][row];
    if (s.ever++ == 0) s.origin = x[0];
    if constexpr (requires { F::leaves_out_newest(p); }) {
      if (F::leaves_out_newest(p)) {
        if (s.held_bucket >= 0) enter(p, s, ring, s.held_bucket, s.x);
        s.held_bucket = s.newest;
        std::copy_n(x, inputs, s.x);
        return;
      }
    }
    enter(p, s, ring, s.newest, x);
    std::copy_n(x, inputs, s.x);
  }

  /// What the row is to the window, once it has taken it in.
  static Seen look(const P& p, State& s, Bucket* ring, const Frame& frame, std::size_t row) {
    if constexpr (is_over_legs) {
      for (std::size_t i = 0; i < inputs; ++i) s.x[i] = frame.in[i][row];
      Bucket& into = ring[s.newest % window(p).buckets];
      const Seen seen = F::take(p, into.content, s.carry, s.x, Fresh{frame.fresh, frame.firsts, row}, frame.clock[row]);
      into.count += seen == observed ? 1 : 0;
      s.observations += seen == observed ? 1 : 0;
      s.ever += seen == observed ? 1 : 0;
      return seen;
    } else {
      if (frame.seen[row] == observed) observe(p, s, ring, frame, row);
      return static_cast<Seen>(frame.seen[row]);
    }
  }

  static void run(const void* erased_params, void* erased_state, const Frame& frame) {
    const P& p = *static_cast<const P*>(erased_params);
    State& s = *static_cast<State*>(erased_state);
    Bucket* ring = ring_of(erased_state);
    const Window& w = window(p);
    const std::int64_t full = bucket_of(frame.first, w.span / w.buckets) + (TakesPartialWindows<F> ? 0 : w.buckets);
    const std::int64_t needed = std::max<std::int64_t>(F::fewest, w.min_periods);
    std::size_t shown = frame.rows;  // the row that shows the state as it is
    for (std::size_t row = 0; row < frame.rows; ++row) {
      if (!is_over_legs && frame.seen[row] == unobserved && frame.clock[row] < s.edge && shown < frame.rows) {
        for (std::size_t i = 0; i < outputs; ++i) frame.out[i][row] = frame.out[i][shown];
        continue;
      }
      shown = frame.seen[row] == observed_null ? frame.rows : row;
      advance(p, s, ring, frame.clock[row]);
      const Seen seen = look(p, s, ring, frame, row);
      const bool is_warm = s.newest >= full && s.ever > 0 && s.observations >= needed && seen != observed_null;
      if (!is_warm) {
        for (std::size_t i = 0; i < outputs; ++i) frame.out[i][row] = no_value;
        continue;
      }
      const Bucket& open = ring[s.newest % w.buckets];
      if constexpr (has_samples) {
        const Samples all{samples_of(ring, w.buckets), s.samples, open.count > 0, open.content.value};
        store(frame, row, F::value(p, all, s.carry, s.x, s.origin));
      } else {
        Content all = s.closed;
        if (open.count > 0) F::merge(all, open.content);
        store(frame, row, F::value(p, all, s.carry, s.x, s.origin));
      }
    }
  }

  static std::size_t state_bytes(const void* p) {
    const std::size_t sample = has_samples ? sizeof(double) : 0;
    return rounded(sizeof(State)) +
           static_cast<std::size_t>(window(*static_cast<const P*>(p)).buckets) * (sizeof(Bucket) + sample);
  }
  static std::size_t lookback(const void*) { return 0; }
  static Bucket* ring_of(void* s) {
    return reinterpret_cast<Bucket*>(static_cast<std::byte*>(s) + rounded(sizeof(State)));
  }
  static double* samples_of(Bucket* ring, std::int64_t buckets) { return reinterpret_cast<double*>(ring + buckets); }
  static void start(const void* p, void* s) {
    std::memset(s, 0, state_bytes(p));
    ::new (s) State{};
    std::fill_n(ring_of(s), window(*static_cast<const P*>(p)).buckets, Bucket{});
  }
};

}  // namespace millrace::form
