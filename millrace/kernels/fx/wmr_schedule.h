#pragma once

#include <array>
#include <chrono>

#include "millrace/base/error.h"
#include "millrace/kernels/function_family.h"

namespace millrace {

/// The fix is at 16:00 in London, which is not a fixed time of the UTC day.
struct WmrSchedule {
  static constexpr Doc doc{
      .name = "wmr_schedule",
      .title = "Slices that trade the 4 pm London fix",
      .formula =
          "slice_times = 16:00 Europe/London - window / 2 + i * window / slices, UTC;  slice_qty = quantity / slices",
      .unit = "unit of the quantity",
      .warmup = "none; no holiday calendar",
      .reference = "WM/Refinitiv, Spot and Forward Rates Methodology Guide (5 minute window since 15 February 2015)",
  };

  struct Params {
    std::int64_t slices = 5;
    Nanos window = 300 * one_second;
  };
  static constexpr std::array params{
      number<&Params::slices>("slices", 1, 1e6, "number of equal slices"),
      duration<&Params::window>("window", one_second, 3600 * one_second, "of the fix, centred on it")};

  struct Results {
    std::vector<Nanos> times;
    std::vector<double> sizes;
  };
  static constexpr std::array inputs{argument::time("date", "any time of the UTC day"),
                                     argument::scalar("quantity", "to trade, of either sign")};
  static constexpr std::array outputs{result_times<&Results::times>("slice_times", "start of each slice, UTC"),
                                      result<&Results::sizes>("slice_qty", "of each slice")};

  /// Summer time holds from the last Sunday of March up to the day before the last Sunday of October.
  static bool is_summer_time(std::chrono::sys_days day) noexcept {
    const auto year = std::chrono::year_month_day(day).year();
    const std::chrono::sys_days first = year / std::chrono::March / std::chrono::Sunday[std::chrono::last];
    const std::chrono::sys_days after = year / std::chrono::October / std::chrono::Sunday[std::chrono::last];
    return day >= first && day < after;
  }
  /// 16:00 in London on the UTC day of `date`.
  static Nanos fix_of(Nanos date) noexcept {
    const std::int64_t day = date / one_day - (date % one_day < 0 ? 1 : 0);
    const std::int64_t hour = is_summer_time(std::chrono::sys_days{std::chrono::days{day}}) ? 15 : 16;
    return day * one_day + hour * 3600 * one_second;
  }

  static Results evaluate(const Params& p, Nanos date, double quantity) {
    if (date == no_time) fail(Fault::config, "{}: date must be a time, was null", doc.name);
    if (date < INT64_MIN + 2 * one_day || date > INT64_MAX - 2 * one_day) {
      fail(Fault::config, "{}: date must be from 1678 to 2261, was {} ns", doc.name, date);
    }
    const Nanos start = fix_of(date) - p.window / 2;
    Results results{
        .times = {},
        .sizes = std::vector<double>(static_cast<std::size_t>(p.slices), quantity / static_cast<double>(p.slices))};
    for (std::int64_t i = 0; i < p.slices; ++i) results.times.push_back(start + p.window * i / p.slices);
    return results;
  }
};

}  // namespace millrace
