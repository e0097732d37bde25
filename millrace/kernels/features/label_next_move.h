#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// What a price does next, to learn from. It looks ahead, so it is a function: no feature can read it.
struct LabelNextMove {
  static constexpr Doc doc{
      .name = "label_next_move",
      .title = "Direction of the next move of the price",
      .formula =
          "m = p_(t+h) / p_t - 1;  sign: 1 if m > threshold, -1 if m < -threshold, else 0;  triple_barrier: sign of "
          "the first m of t+1 ... t+h with |m| >= threshold, none: 0;  compared as p_(t+h) - p_t against threshold * "
          "p_t, equal within 4 eps of the price",
      .unit = "1: -1, 0 or 1",
      .warmup = "null without a price > 0, and unless the data reach t+h",
      .reference = "Lopez de Prado (2018), Advances in Financial Machine Learning, ch. 3",
  };

  enum Mode : std::uint8_t { sign, triple_barrier };
  static constexpr std::array<std::string_view, 2> modes{"sign", "triple_barrier"};
  struct Params {
    Window horizon{};
    double threshold = no_value;
    std::uint8_t mode = sign;
  };
  static constexpr std::array params{
      ParamInfo{.name = "horizon",
                .type = ParamType::horizon,
                .lowest = 1,
                .highest = 1e9,
                .meaning = "valid prices ahead, or a duration: the last price at or before its end",
                .slot = &form::slot<&Params::horizon>},
      number<&Params::threshold>("threshold", 0.0, 10.0, "smallest move, share of the price"),
      choice<&Params::mode>("mode", modes, "by the end of the horizon, or by what is touched first")};

  struct Results {
    std::vector<double> label;
  };
  static constexpr std::array inputs{
      argument::vector("price", "by row; one <= 0 is null"),
      argument::optional(argument::times("ts_event",
                                         "by row, for a duration; a late row counts at the latest time before "
                                         "it",
                                         "price"))};
  static constexpr std::array outputs{result<&Results::label>("label", "by row")};

  static Results evaluate(const Params& p, std::span<const double> price, std::span<const Nanos> ts_event) {
    const bool is_by_time = p.horizon.span > 0;
    if (is_by_time && ts_event.size() != price.size()) {
      fail(Fault::config, "{}: argument `ts_event` is required where the horizon is a duration", doc.name);
    }
    Results results{.label = std::vector<double>(price.size(), no_value)};
    std::vector<std::size_t> valid;  // rows with a price
    std::vector<Nanos> clock;        // of each
    Nanos now = no_time;
    for (std::size_t row = 0; row < price.size(); ++row) {
      if (is_by_time) {
        if (ts_event[row] == no_time) fail(Fault::config, "{}: ts_event[{}] must be a time, was null", doc.name, row);
        now = std::max(now, ts_event[row]);
      }
      if (!(price[row] > 0.0 && has_value(price[row]))) continue;
      valid.push_back(row);
      clock.push_back(now);
    }
    std::size_t end = 0;  // the last valid price within the horizon
    for (std::size_t i = 0; i < valid.size(); ++i) {
      if (is_by_time) {
        const Nanos until = clock[i] > INT64_MAX - p.horizon.span ? INT64_MAX : clock[i] + p.horizon.span;
        if (now < until) break;
        for (end = std::max(end, i); end + 1 < valid.size() && clock[end + 1] <= until;) ++end;
      } else {
        end = i + static_cast<std::size_t>(p.horizon.rows);
        if (end >= valid.size()) break;
      }
      results.label[valid[i]] = label_of(p, price, valid, i, end);
    }
    return results;
  }

 private:
  static double label_of(const Params& p, std::span<const double> price, const std::vector<std::size_t>& valid,
                         std::size_t from, std::size_t to) {
    const double start = price[valid[from]], least = p.threshold * start;
    for (std::size_t i = p.mode == sign ? to : from + 1; i <= to; ++i) {
      const double end = price[valid[i]], move = end - start;
      const double edge = 4.0 * std::numeric_limits<double>::epsilon() * std::max(start, end);
      const bool is_move = p.mode == sign ? std::abs(move) > least + edge : std::abs(move) >= least - edge;
      if (is_move) return move > 0.0 ? 1.0 : move < 0.0 ? -1.0 : 0.0;
    }
    return 0.0;
  }
};

}  // namespace millrace
