#include "millrace/graph/rows.h"

#include <fmt/format.h>

namespace millrace {

std::string text_of(Rows rows) {
  return rows.events == 0 ? fmt::format("{:x}", rows.kinds) : fmt::format("{:x}+e{:x}", rows.kinds, rows.events);
}

}  // namespace millrace
