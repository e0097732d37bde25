#include "millrace/engine/sweep_html.h"

#include <fmt/format.h>

#include "millrace/engine/report_html.h"

namespace millrace {

std::string sweep_html(const SweepResult& result) {
  return report_page(fmt::format("Sweep of {}", result.strategy), to_json(result), {"widgets", "sweep"});
}

}  // namespace millrace
