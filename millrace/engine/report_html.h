#pragma once

#include <string>
#include <string_view>

#include "millrace/engine/performance.h"
#include "millrace/engine/run_result.h"

namespace millrace {

/// A report of a run as one page that needs nothing else: figures, charts, trades. Long series are thinned out: equity
/// to `most_equity_points`, which keep the lowest, the highest and the deepest point of each stretch; bars are the
/// run's own, and of more trades the first `most_listed_trades` are listed, which the page says.
std::string report_html(const RunResult& run, const Performance& performance);

inline constexpr std::size_t most_equity_points = 5'000, most_listed_trades = 20'000;

/// web/report/page.html with `data` in it (JSON) and the scripts `names`, in their order. Scripts are allowed by their
/// hash alone, so that nothing in `data` can become one.
std::string report_page(std::string_view title, std::string_view data, std::initializer_list<std::string_view> names);

}  // namespace millrace
