#pragma once

#include <random>
#include <string_view>

#include "tests/kernels/harness.h"

namespace millrace::testing {

/// What a market does to a number: the walks below have ties, jumps, gaps, equal and late times, rows of other kinds.
enum class Market { price_of_60000, returns, tiny, huge, flat };
inline constexpr std::array markets{Market::price_of_60000, Market::returns, Market::tiny, Market::huge, Market::flat};

inline std::vector<double> walk(Market market, std::size_t rows, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  std::normal_distribution<double> normal;
  const double tick = market == Market::tiny ? 1e-11 : market == Market::huge ? 1e3 : 0.01;
  double price = market == Market::tiny ? 1e-8 : market == Market::huge ? 1e12 : 60'000.0;
  std::vector<double> values;
  for (std::size_t row = 0; row < rows; ++row) {
    const bool is_still = uniform(random) < (market == Market::flat ? 0.97 : 0.4);
    double step = is_still ? 0.0 : std::round(normal(random) * 20.0) * tick;
    if (row % 400 == 399) step = price * (row % 800 == 399 ? 0.1 : -0.09);  // a spike, and it stays
    if (row == rows / 2) step = price * 0.1;
    if (row == rows / 2 + 1) step = -price / 11.0;  // a bad tick and back
    const double before = price;
    price += step;
    values.push_back(market == Market::returns ? std::log(price / before) : price);
  }
  return values;
}

/// Bars, some of them impossible; changes; books that are locked or crossed; rates.
inline double other_value(std::string_view name, double middle, double before, double plain, double share) {
  const double tick = middle * 1e-6;
  if (name == "high") return middle + tick * (share > 0.98 ? -1.0 : std::floor(share * 3.0));
  if (name == "low") return middle - tick * std::floor(share * 3.0);
  if (name == "open") return middle;
  if (name == "close") return middle + (share < 0.2 ? tick : 0.0);
  if (name == "mid") return middle + tick * (std::floor(share * 3.0) - 1.0);
  if (name == "dp" || name == "dmid") return plain - before;
  if (name == "signed_volume") return (std::floor(share * 9.0) - 4.0) * 0.25;
  if (name.ends_with("volume")) return std::floor(share * 8.0) * 250.0;
  if (name == "sigma" || name == "vol") return std::floor(share * 5.0) * 0.1;
  if (name == "adv") return 200.0 * share;
  if (name.starts_with("r_") || name.ends_with("rate") || name == "mu") return (share - 0.5) * 0.1;
  if (name == "forward" || name == "future" || name == "order_price") return middle * (0.9 + 0.2 * share);
  if (name == "ref") return middle + tick * (std::floor(share * 3.0) - 1.0);
  if (name == "spot" || name == "arrival_mid") return middle;
  return plain;
}

/// The next payment of funding at full minutes, told somewhat late; a bar's start at full seconds, the row's own time.
inline Cell time_input(std::string_view name, Nanos clock) {
  if (name == "next_funding_ns") {
    const Nanos minute = 60 * one_second, known = clock - 3 * one_second / 2;
    return Cell(known / minute * minute + minute);
  }
  if (name == "expiry") {  // a month ahead, at times just past
    const bool is_past = clock / (10 * one_second) % 3 == 0;
    return Cell(is_past ? clock - one_second : clock / one_day * one_day + 30 * one_day);
  }
  if (name == "start") return Cell(clock / one_second * one_second);
  return Cell(clock);
}

/// Rows of several legs: most are of one of them, and a leg that has no row repeats its value. The two sides of a quote
/// come together.
inline void spread_over_legs(const KernelInfo& kernel, Series& series, std::mt19937_64& random) {
  std::uniform_real_distribution<double> uniform;
  std::vector<std::size_t> leg;  // by input
  std::size_t legs = 0;
  for (const InputInfo& input : kernel.inputs) leg.push_back(input.name.starts_with("ask") ? legs - 1 : legs++);
  series.fresh.assign(kernel.inputs.size(), std::vector<std::uint8_t>(series.rows(), unobserved));
  for (std::size_t row = 0; row < series.rows(); ++row) {
    const std::size_t one = static_cast<std::size_t>(uniform(random) * static_cast<double>(legs));
    const bool is_of_all = uniform(random) < 0.15;
    for (std::size_t i = 0; i < kernel.inputs.size(); ++i) {
      if (series.inputs[i].empty()) continue;
      const bool is_fresh = series.seen[row] == observed && (leg[i] == one || is_of_all);
      series.fresh[i][row] = is_fresh ? observed : unobserved;
      if (!is_fresh) series.inputs[i][row] = row == 0 ? no_value : series.inputs[i][row - 1];
    }
  }
}

/// What the rows of all legs together bring.
inline void join_legs(Series& series) {
  for (std::size_t row = 0; row < series.rows() && !series.fresh.empty(); ++row) {
    series.seen[row] = unobserved;
    for (std::size_t i = 0; i < series.fresh.size(); ++i) {
      const bool is_fresh = !series.inputs[i].empty() && series.fresh[i][row] != unobserved;
      if (is_fresh) series.seen[row] = observed;
    }
  }
}

/// Inputs by their names, so that bids lie below asks and signs are signs.
inline Series random_series(const KernelInfo& kernel, Market market, std::size_t rows, std::uint64_t seed,
                            double null_share) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  Series series;
  const std::vector<double> middle = walk(market == Market::returns ? Market::price_of_60000 : market, rows, random);
  const std::vector<double> plain = walk(market, rows, random);
  for (const InputInfo& input : kernel.inputs) {
    if (input.is_keyword && !input.is_time) {  // its parameter stands for it
      series.inputs.emplace_back();
      continue;
    }
    std::vector<double> values(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const double tick = middle[row] * 1e-6, share = uniform(random);
      const std::string_view name = input.name;
      values[row] =
          name.starts_with("bid") && !name.starts_with("bid_size")   ? middle[row] - tick * std::floor(share * 3.0)
          : name.starts_with("ask") && !name.starts_with("ask_size") ? middle[row] + tick * std::floor(share * 3.0)
          : name == "price" || name == "y"                           ? middle[row]
          : name == "skew"                                           ? 2.0 * share - 1.0
          : name == "exkurt"                                         ? 4.0 * share - 1.0
          : name == "vol_24h"                                        ? (share < 0.05 ? 0.0 : 40.0 + 20.0 * share)
          : name.find("size") != name.npos                           ? std::floor(share * 8.0) * 0.25
          : name == "side" || name == "sign"
              ? (share < 0.5 ? -1.0 : 1.0)
              : other_value(name, middle[row], plain[row == 0 ? 0 : row - 1], plain[row], share);
      if (uniform(random) < null_share) values[row] = no_value;
    }
    series.inputs.push_back(values);
  }
  Nanos clock = 1'700'000'000'123'456'789;
  for (std::size_t row = 0; row < rows; ++row) {
    const double share = uniform(random);
    if (share > 0.3) clock += static_cast<Nanos>(share * (share > 0.995 ? 30e9 : 0.5e9));
    series.clock.push_back(clock);
    series.received.push_back(
        row % 13 == 5
            ? no_time
            : clock + (row % 17 == 5 ? 2 * one_second : 5'000'000 + static_cast<Nanos>(row * row % 101) * 1'000));
    series.seen.push_back(uniform(random) < 0.7 ? observed : unobserved);
  }
  for (std::size_t i = 0; i < kernel.inputs.size(); ++i) {
    const InputInfo& input = kernel.inputs[i];
    for (std::size_t row = 0; row < rows && (input.is_time || input.is_id); ++row) {
      double& value = series.inputs[i][row];
      if (std::isnan(value)) continue;
      value = input.is_id               ? Cell(static_cast<Nanos>(100 + row / 3 - row % 7)).slot
              : input.name == "ts_recv" ? Cell(series.received[row]).slot
                                        : time_input(input.name, series.clock[row]).slot;
    }
  }
  if (kernel.is_cross) spread_over_legs(kernel, series, random);
  return series;
}

/// The same for a call: inputs that it leaves out have no rows.
inline Series random_series(const Call& call, Market market, std::size_t rows, std::uint64_t seed, double null_share) {
  Series series = random_series(*call.kernel, market, rows, seed, null_share);
  for (std::size_t row = 0; row < rows && call.is_of_time(); ++row) {
    double& value = series.inputs[0][row];
    if (!std::isnan(value)) value = Cell(series.clock[row]).slot;
  }
  for (std::size_t i = call.expression.operands.size(); i < series.inputs.size(); ++i) {
    if (call.kernel->inputs[i].is_keyword && call.kernel->inputs[i].is_time) continue;
    series.inputs[i].clear();
  }
  join_legs(series);
  return series;
}

}  // namespace millrace::testing
