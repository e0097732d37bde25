#pragma once

#include <algorithm>
#include <array>

#include "millrace/kernels/form.h"
#include "millrace/kernels/numerics/power_sums.h"

namespace millrace {

template <class T>
inline constexpr std::size_t values_in = 1;
template <std::size_t N>
inline constexpr std::size_t values_in<std::array<double, N>> = N;

/// Hands out `value(row)` for the rows [from, to) of a frame, at most `pass_rows` of them. No output overlaps an input,
/// so that the loop is vectorised. A single output is copied out at once, which is faster; several are not.
template <class Value>
inline void store_block(const Frame& frame, std::size_t from, std::size_t to, Value&& value) noexcept {
  constexpr std::size_t outputs = values_in<decltype(value(from))>;
  if constexpr (outputs == 1) {
    double results[pass_rows];
    for (std::size_t row = from; row < to; ++row) results[row - from] = form::finite_or_null(value(row));
    std::copy_n(results, to - from, frame.out[0] + from);
  } else {
    std::array<double*, outputs> out;
    std::copy_n(frame.out, outputs, out.begin());
#ifndef __clang__  // which checks for overlap before the loop
#pragma GCC ivdep
#endif
    for (std::size_t row = from; row < to; ++row) {
      const auto all = value(row);
      for (std::size_t i = 0; i < outputs; ++i) out[i][row] = form::finite_or_null(all[i]);
    }
  }
}

/// Rows of the frame that have fewer than `full` observations before them.
inline std::size_t rows_until(const Frame& frame, std::int64_t full) noexcept {
  const auto needed = static_cast<std::uint64_t>(full);
  return frame.count >= needed ? 0 : std::min<std::size_t>(frame.rows, needed - frame.count);
}

/// Calls `block(from, to)` for at most `pass_rows` rows at a time. Before it `F::update` sees the rows up to the first
/// that finds `full` observations before it.
template <class F, class P, class S, class Block>
void in_full_window(const P& p, S& s, std::int64_t full, const Frame& frame, Block&& block) noexcept {
  const double* x = frame.in[0];
  const std::size_t cold = rows_until(frame, full);
  for (std::size_t row = 0; row < cold; ++row) {
    form::store(frame, row, F::update(p, s, Past{x + row, frame.count + row + 1}));
  }
  for (std::size_t from = cold; from < frame.rows; from += pass_rows) {
    block(from, std::min(frame.rows, from + pass_rows));
  }
}

/// `run` of a kernel over a full window of power sums: first the sums, one row after the other, then the values of all
/// rows at once. `F::value(params, n, powers, x)` is the last step of `F::update`.
template <class F, class P, int powers>
void run_in_two_passes(const P& params, PowerSums<powers>& s, std::int64_t window, bool leaves_out_newest,
                       const Frame& frame) noexcept {
  const P p = params;
  const double* x = frame.in[0];
  const auto n = static_cast<double>(window);
  in_full_window<F>(p, s, window, frame, [&](std::size_t from, std::size_t to) {
    typename PowerSums<powers>::ByRow by_row;
    s.slide_all(x + from, to - from, window, leaves_out_newest, by_row);
    store_block(frame, from, to, [&](std::size_t i) { return F::value(p, n, by_row[i - from], x[i]); });
  });
}

}  // namespace millrace
