#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "millrace/kernels/numerics/four.h"

namespace millrace {

/// A running sum whose rounding errors are kept and added back (Ogita, Rump, Oishi 2005): terms may enter and leave for
/// ever, and a term 1e16 times the rest leaves the rest exact. The chain from one row to the next is a single addition.
struct CompensatedSum {
  double high = 0.0, low = 0.0;

  void add(double x) noexcept { take(x, 0.0); }

  /// Adds `in` and takes `out` away. Their difference and its error are formed beside the chain.
  void exchange(double in, double out) noexcept {
    const double step = in - out;
    const double part = step - in;
    take(step, (in - (step - part)) - (out + part));
  }
  /// `exchange` for four rows; the sum after each. Only the two additions of a row wait for the row before.
  Four exchange_rows(Four in, Four out) noexcept {
    const Four step = in - out;
    const Four part = step - in;
    const Four error = (in - (step - part)) - (out + part);
    const double a = high + step[0], b = a + step[1], c = b + step[2], d = c + step[3];
    const Four sum{a, b, c, d}, before{high, a, b, c};
    const Four grown = sum - before;
    const Four lost = ((before - (sum - grown)) + (step - grown)) + error;
    const double e = low + lost[0], f = e + lost[1], g = f + lost[2], h = g + lost[3];
    high = d;
    low = h;
    return sum + Four{e, f, g, h};
  }
  void merge(const CompensatedSum& other) noexcept { take(other.high, other.low); }
  double value() const noexcept { return high + low; }

 private:
  void take(double x, double error) noexcept {
    const double sum = high + x;
    const double part = sum - high;
    low += ((high - (sum - part)) + (x - part)) + error;
    high = sum;
  }
};

/// Two such sums whose terms enter and leave together, four rows at a time: a row's two additions are one.
struct CompensatedPair {
  __m128d high, low;

  struct Sums {
    Four first, second;  // after each row
  };
  Sums exchange_rows(Four in, Four out, Four second_in, Four second_out) noexcept {
    const Step first = step(in, out), second = step(second_in, second_out);
    const After sum = add(high, first.step, second.step);
    const Four first_lost = lost(first, sum.first, sum.first_before);
    const Four second_lost = lost(second, sum.second, sum.second_before);
    const After rest = add(low, first_lost, second_lost);
    return {sum.first + rest.first, sum.second + rest.second};
  }
  Sums value() const noexcept {
    const __m128d sum = high + low;
    return {Four{sum[0], sum[0], sum[0], sum[0]}, Four{sum[1], sum[1], sum[1], sum[1]}};
  }

 private:
  struct Step {
    Four step, error;
  };
  struct After {
    Four first, second, first_before, second_before;
  };
  static Step step(Four in, Four out) noexcept {
    const Four step = in - out;
    const Four part = step - in;
    return {step, (in - (step - part)) - (out + part)};
  }
  static Four lost(const Step& one, Four sum, Four before) noexcept {
    const Four grown = sum - before;
    return ((before - (sum - grown)) + (one.step - grown)) + one.error;
  }
  /// Adds the pairs row by row.
  static After add(__m128d& sum, Four first, Four second) noexcept {
    const __m256d even = _mm256_unpacklo_pd(first, second), odd = _mm256_unpackhi_pd(first, second);
    const __m128d a = sum + _mm256_castpd256_pd128(even), b = a + _mm256_castpd256_pd128(odd);
    const __m128d c = b + _mm256_extractf128_pd(even, 1), d = c + _mm256_extractf128_pd(odd, 1);
    const __m256d before = _mm256_set_m128d(b, sum), evens = _mm256_set_m128d(c, a), odds = _mm256_set_m128d(d, b);
    sum = d;
    return {_mm256_unpacklo_pd(evens, odds), _mm256_unpackhi_pd(evens, odds), _mm256_unpacklo_pd(before, evens),
            _mm256_unpackhi_pd(before, evens)};
  }
};

/// Four such sums in one vector register, for sums that move together.
struct CompensatedLanes {
  double high[4] = {}, low[4] = {};

  /// The sums while a loop holds them in registers.
  struct Held {
    Four high, low;

    void add(Four x) noexcept { take(x, Four{}); }
    void exchange(Four in, Four out) noexcept {
      const Four step = in - out;
      const Four part = step - in;
      take(step, (in - (step - part)) - (out + part));
    }
    Four value() const noexcept { return high + low; }

   private:
    void take(Four x, Four error) noexcept {
      const Four sum = high + x;
      const Four part = sum - high;
      low += ((high - (sum - part)) + (x - part)) + error;
      high = sum;
    }
  };
  Held held() const noexcept {
    Held h;
    std::memcpy(&h.high, high, sizeof high);
    std::memcpy(&h.low, low, sizeof low);
    return h;
  }
  void hold(const Held& h) noexcept {
    std::memcpy(high, &h.high, sizeof high);
    std::memcpy(low, &h.low, sizeof low);
  }
  double value(std::size_t lane) const noexcept { return high[lane] + low[lane]; }
};

/// A compensated sum over a window of terms. It is exactly 0 when all of them are: a quiet window must not divide by
/// the rounding errors of a loud one.
struct WindowSum {
  CompensatedSum sum;
  std::int64_t filled = 0;  // terms that are not 0

  void enter(double in) noexcept {
    sum.add(in);
    filled += in != 0.0 ? 1 : 0;
  }
  void exchange(double in, double out) noexcept {
    sum.exchange(in, out);
    filled += (in != 0.0 ? 1 : 0) - (out != 0.0 ? 1 : 0);
    if (filled == 0) sum = CompensatedSum{};
  }
  double value() const noexcept { return sum.value(); }

  /// `exchange` for rows of a full window at x, x + 1, …, of the terms x - origin; gives out the value after each.
  void slide_all(const double* x, std::size_t rows, std::int64_t window, double origin, double* values) noexcept {
    WindowSum s = *this;
    const double* gone = x - window;
    std::size_t row = 0;
    const auto slide_to = [&](std::size_t end) {
      for (; row < end; ++row) {
        s.exchange(x[row] - origin, gone[row] - origin);
        values[row] = s.value();
      }
    };
    while (row + lanes <= rows) {
      const Four in = load_four(x + row) - origin, out = load_four(gone + row) - origin;
      if (any_of((in == 0.0) | (out == 0.0))) {  // `filled` changes
        slide_to(row + lanes);
        continue;
      }
      store_four(values + row, s.sum.exchange_rows(in, out));
      row += lanes;
    }
    slide_to(rows);
    *this = s;
  }
};

}  // namespace millrace
