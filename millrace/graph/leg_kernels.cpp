#include "millrace/graph/leg_kernels.h"

#include <algorithm>

#include "millrace/kernels/family.h"
#include "millrace/kernels/numerics/recent.h"

namespace millrace {

namespace {

/// The newest row of another leg at or before this one in time, of those that stand before it in the log (`asof.md` 5,
/// order=log). Rows may come late, so the newest and the 16 before it are kept, by time.
struct AsOf {
  static constexpr Doc doc{
      .name = "asof",
      .title = "Value of another leg as of the row",
      .formula = "newest value with time <= the row's, null where it is older than the tolerance",
      .unit = "unit of x",
      .warmup = "first row of the leg",
      .reference = "backward ASOF join",
  };

  struct Params {
    Nanos tolerance = one_second / 2;
  };
  static constexpr std::array params{
      duration<&Params::tolerance>("tolerance", 1, 400 * one_day, "oldest value that counts")};

  using State = Recent;
  static constexpr std::array inputs{InputInfo{.name = "x", .is_nullable = true}};
  static constexpr std::array outputs{OutputInfo{"asof"}};

  static constexpr bool watches_every_row = true;
  static double update(const Params& p, State& s, double x, Stamps row, Seen seen) noexcept {
    if (seen != unobserved) s.insert(row.event, x);
    return s.as_of(row.event, p.tolerance);
  }
};

/// Observations at equal times, so that legs which tick at different moments can be paired. A null is an observation
/// too: legs stay in step.
struct Grid {
  static constexpr Doc doc{
      .name = "grid",
      .title = "Values at equal times",
      .formula = "at each multiple of `every` the last value at or before it, taken on the first row later than it",
      .unit = "unit of x",
      .warmup = "first multiple after the first row of every leg",
      .reference = "previous-tick sampling; Dacorogna et al. (2001), An Introduction to High-Frequency Finance, 2.1",
  };

  struct Params {
    Nanos every = 0;
  };
  static constexpr std::array params{
      duration<&Params::every>("every", one_second / 1000, 400 * one_day, "step, from 1970 on")};

  struct State {
    double value = no_value;
    Nanos next = no_time;  // multiple that is still to be passed
  };
  static constexpr std::array inputs{InputInfo{"x"}};
  static constexpr std::array outputs{OutputInfo{"grid"}};

  static constexpr bool watches_every_row = true;
  static void update(const Params& p, State& s, double x, Seen seen, Now now, Emit<1> emit) noexcept {
    if (now.clock >= now.first) {
      if (s.next == no_time) s.next = next_multiple(now.first, p.every);
      if (s.next < now.clock) pass(p, s, now.clock, emit);
    }
    if (seen == observed) s.value = x;
  }

 private:
  static Nanos next_multiple(Nanos time, Nanos every) noexcept {
    const Nanos rest = time % every;
    return time - rest + (rest > 0 ? every : 0);
  }
  static void pass(const Params& p, State& s, Nanos clock, const Emit<1>& emit) noexcept {
    const Nanos last = next_multiple(clock, p.every) - p.every;  // the last one below the clock
    s.next = std::max(s.next, last - static_cast<Nanos>(Emissions::most_by_row - 1) * p.every);
    for (; s.next <= last; s.next += p.every) emit({s.value});
  }
};

constexpr auto kernels = family<AsOf, Grid>("legs");

}  // namespace

const KernelInfo* find_leg_kernel(std::string_view name) {
  for (const KernelInfo& kernel : kernels) {
    if (kernel.doc.name == name) return &kernel;
  }
  return nullptr;
}

}  // namespace millrace
