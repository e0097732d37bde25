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
    const Prices prices = valid_prices(price, ts_event, is_by_time);
    Results results{.label = std::vector<double>(price.size(), no_value)};
    std::size_t end = 0;  // the last valid price within the horizon
    for (std::size_t i = 0; i < prices.row.size(); ++i) {
      if (is_by_time) {
        const Nanos until = prices.clock[i] > INT64_MAX - p.horizon.span ? INT64_MAX : prices.clock[i] + p.horizon.span;
        if (prices.now < until) break;
        for (end = std::max(end, i); end + 1 < prices.row.size() && prices.clock[end + 1] <= until;) ++end;
      } else {
        end = i + static_cast<std::size_t>(p.horizon.rows);
        if (end >= prices.row.size()) break;
      }
      results.label[prices.row[i]] =
          p.mode == sign ? label_of(p, prices.value[i], prices.value[end], false) : first_touch(p, prices, i, end);
    }
    return results;
  }

 private:
  static constexpr std::size_t stride = 64;

  struct Prices {
    std::vector<std::size_t> row;
    std::vector<double> value;
    std::vector<Nanos> clock;
    std::vector<double> lowest, highest;  // of each `stride` values, so that quiet stretches are passed in one step
    Nanos now = no_time;                  // of the last row
  };

  static Prices valid_prices(std::span<const double> price, std::span<const Nanos> ts_event, bool is_by_time) {
    Prices prices;
    for (std::size_t row = 0; row < price.size(); ++row) {
      if (is_by_time) {
        if (ts_event[row] == no_time) fail(Fault::config, "{}: ts_event[{}] must be a time, was null", doc.name, row);
        prices.now = std::max(prices.now, ts_event[row]);
      }
      if (!(price[row] > 0.0 && has_value(price[row]))) continue;
      if (prices.row.size() % stride == 0) {
        prices.lowest.push_back(price[row]);
        prices.highest.push_back(price[row]);
      }
      prices.lowest.back() = std::min(prices.lowest.back(), price[row]);
      prices.highest.back() = std::max(prices.highest.back(), price[row]);
      prices.row.push_back(row);
      prices.value.push_back(price[row]);
      prices.clock.push_back(prices.now);
    }
    return prices;
  }

  /// 1 or -1 where the move is above the threshold, or (`is_touch`) at least as large; else 0.
  static double label_of(const Params& p, double start, double end, bool is_touch) {
    const double least = p.threshold * start, move = end - start;
    const double edge = 4.0 * std::numeric_limits<double>::epsilon() * std::max(start, end);
    const bool is_move = is_touch ? std::abs(move) >= least - edge : std::abs(move) > least + edge;
    return is_move && move != 0.0 ? std::copysign(1.0, move) : 0.0;
  }

  static double first_touch(const Params& p, const Prices& prices, std::size_t from, std::size_t to) {
    const double start = prices.value[from];
    for (std::size_t i = from + 1; i <= to; ++i) {
      const bool is_whole = i % stride == 0 && i + stride <= to + 1;
      if (is_whole && label_of(p, start, prices.lowest[i / stride], true) == 0.0 &&
          label_of(p, start, prices.highest[i / stride], true) == 0.0) {
        i += stride - 1;
        continue;
      }
      if (const double label = label_of(p, start, prices.value[i], true); label != 0.0) return label;
    }
    return 0.0;
  }
};

}  // namespace millrace
