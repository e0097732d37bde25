#pragma once

#include <array>

#include "millrace/kernels/family.h"

namespace millrace {

/// A better price brings the whole new queue, a worse one takes the whole old queue away; sizes are compared only where
/// the price stays.
struct Ofi {
  static constexpr Doc doc{
      .name = "ofi",
      .title = "Order flow imbalance of one change of the quote",
      .formula =
          "b*1{B >= B'} - b'*1{B <= B'} - a*1{A <= A'} + a'*1{A >= A'};  ' = before, B, b bid, A, a ask and size",
      .unit = "base asset",
      .warmup = "second quote",
      .reference = "Cont, Kukanov, Stoikov (2014), J. Financial Econometrics 12, 47-88",
  };

  struct Params {};
  struct State {
    double bid = no_value, ask = no_value, bid_size = no_value, ask_size = no_value;
  };
  static constexpr std::array inputs{InputInfo{"bid"}, InputInfo{"ask"}, InputInfo{"bid_size"}, InputInfo{"ask_size"}};
  static constexpr std::array outputs{OutputInfo{"ofi"}};

  static double change(const State& before, const State& now) noexcept {
    const double bid = (now.bid >= before.bid ? now.bid_size : 0.0) - (now.bid <= before.bid ? before.bid_size : 0.0);
    const double ask = (now.ask <= before.ask ? now.ask_size : 0.0) - (now.ask >= before.ask ? before.ask_size : 0.0);
    return bid - ask;
  }

  static double update(const Params&, State& s, double bid, double ask, double bid_size, double ask_size) noexcept {
    const State now{bid, ask, bid_size, ask_size};
    const double flow = std::isnan(s.bid) ? no_value : change(s, now);
    s = now;
    return flow;
  }

  /// Behind the first row the quote before is in the frame itself.
  static void run(const Params& p, State& s, Tail, const Frame& frame) noexcept {
    if (frame.rows == 0) return;
    const double *bid = frame.in[0], *ask = frame.in[1], *bid_size = frame.in[2], *ask_size = frame.in[3];
    double* out = frame.out[0];
    out[0] = form::finite_or_null(update(p, s, bid[0], ask[0], bid_size[0], ask_size[0]));
    for (std::size_t i = 1; i < frame.rows; ++i) {
      const State before{bid[i - 1], ask[i - 1], bid_size[i - 1], ask_size[i - 1]};
      out[i] = form::finite_or_null(change(before, {bid[i], ask[i], bid_size[i], ask_size[i]}));
    }
    const std::size_t last = frame.rows - 1;
    s = {bid[last], ask[last], bid_size[last], ask_size[last]};
  }
};

}  // namespace millrace
