#pragma once

#include <algorithm>
#include <array>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// A series on an even grid that says where it was filled. Carried forward it knows nothing of the future; a line
/// between neighbours does, which is why this is a function.
struct GapFill {
  static constexpr Doc doc{
      .name = "gap_fill",
      .title = "Series on an even grid, gaps filled and marked",
      .formula =
          "at each g = n * grid the last valid x at or before g while g - its time <= max_age;  flag 1 where it lies "
          "at or before g - grid;  linear: on the line to the next valid x after g, null without one",
      .unit = "unit of x",
      .warmup = "first valid value",
      .reference = "Dacorogna et al. (2001), An Introduction to High-Frequency Finance, ch. 3",
  };

  enum Method : std::uint8_t { last, linear };
  static constexpr std::array<std::string_view, 2> methods{"last", "linear"};
  struct Params {
    Nanos grid = 0, max_age = 0;
    std::uint8_t method = last;
  };
  static constexpr std::array params{
      duration<&Params::grid>("grid", 1, 400 * one_day, "distance of the points, from 1970 on"),
      duration<&Params::max_age>("max_age", 1, 400 * one_day, "a value older than that fills nothing"),
      choice<&Params::method>("method", methods, "carried forward, or (looks ahead) on a line")};

  struct Results {
    std::vector<Nanos> times;
    std::vector<double> filled;
    std::vector<std::int64_t> flags;
  };
  static constexpr std::array inputs{
      argument::times("ts_event", "by row; a late row counts at the latest time before it"),
      argument::vector("x", "by row", "ts_event"),
      argument::optional(argument::time("from", "no point before it; left out: the first row")),
      argument::optional(argument::time("to", "no point after it; left out: the last row"))};
  static constexpr std::array outputs{result_times<&Results::times>("grid_ts", "the points"),
                                      result<&Results::filled>("filled", "by point"),
                                      result<&Results::flags>("fill_flag", "by point: 1 where nothing new has come")};

  static Results evaluate(const Params& p, std::span<const Nanos> ts_event, std::span<const double> x, Nanos from,
                          Nanos to) {
    std::vector<Nanos> clock;
    std::vector<double> values;
    Nanos now = no_time;
    for (std::size_t row = 0; row < ts_event.size(); ++row) {
      if (ts_event[row] == no_time) fail(Fault::config, "{}: ts_event[{}] must be a time, was null", doc.name, row);
      now = std::max(now, ts_event[row]);
      if (!has_value(x[row])) continue;
      clock.push_back(now);
      values.push_back(x[row]);
    }
    Results results;
    if (from == no_time) from = ts_event.empty() ? no_time : ts_event.front();
    if (to == no_time) to = now;
    if (from == no_time || to == no_time) return results;
    const Nanos first = from / p.grid + (from % p.grid > 0 ? 1 : 0), end = to / p.grid - (to % p.grid < 0 ? 1 : 0);
    if (end - first >= static_cast<Nanos>(most_elements)) {
      fail(Fault::config, "{}: grid must give at most {} points from {} to {}, was {}", doc.name, most_elements,
           format_time(from), format_time(to), format_duration(p.grid));
    }
    std::size_t next = 0;  // the first value after the point
    for (Nanos n = first; n <= end; ++n) {
      const Nanos point = n * p.grid;
      while (next < clock.size() && clock[next] <= point) ++next;
      const bool is_known = next > 0 && point - clock[next - 1] <= p.max_age;
      const bool is_old = is_known && clock[next - 1] <= point - p.grid;
      results.times.push_back(point);
      results.filled.push_back(is_known ? value_at(p, clock, values, next, point) : no_value);
      results.flags.push_back(is_old && has_value(results.filled.back()) ? 1 : 0);
    }
    return results;
  }

 private:
  static double value_at(const Params& p, const std::vector<Nanos>& clock, const std::vector<double>& values,
                         std::size_t next, Nanos point) {
    const double before = values[next - 1];
    const Nanos passed = point - clock[next - 1];
    if (p.method == last || passed == 0) return before;
    if (next == clock.size()) return no_value;
    const double share = static_cast<double>(passed) / static_cast<double>(clock[next] - clock[next - 1]);
    return before + (values[next] - before) * share;
  }
};

}  // namespace millrace
