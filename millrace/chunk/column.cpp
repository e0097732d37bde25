#include "millrace/chunk/column.h"

#include <utility>

namespace millrace {

namespace {

using Alias = std::pair<std::string_view, Column>;
constexpr std::array aliases{
    Alias{"best_bid", Column::bid},
    Alias{"best_ask", Column::ask},
    Alias{"best_bid_quantity", Column::bid_size},
    Alias{"best_ask_quantity", Column::ask_size},
    Alias{"last_size", Column::size},
    Alias{"volume_24_h", Column::vol_24h},
};

}  // namespace

std::optional<Column> find_column(std::string_view name) {
  for (std::size_t i = 0; i < column_count; ++i) {
    if (column_table[i].name == name) return static_cast<Column>(i);
  }
  for (const auto& [alias, column] : aliases) {
    if (alias == name) return column;
  }
  return std::nullopt;
}

}  // namespace millrace
