#include "millrace/io/instrument_table.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/io/csv_records.h"
#include "millrace/market/symbols.h"

namespace millrace {

namespace {

constexpr std::size_t most_instruments = 1'000'000;

class TableReader {
 public:
  explicit TableReader(const std::string& path) : path_(path), records_(read_file(path)) {}

  InstrumentTable read() {
    if (next() != CsvRecords::Found::record) fail(Fault::input, "{}: expected a header with venue and symbol", path_);
    for (const std::string_view name : records_.fields()) names_.emplace_back(trimmed(name));
    const std::size_t venue = place_of("venue"), symbol = place_of("symbol"), tick = place_of("tick_size");
    while (next() == CsvRecords::Found::record) {
      const auto fields = records_.fields();
      if (fields.size() != names_.size()) {
        fail(Fault::input, "{}:{}: expected {} fields, were {}", path_, records_.line(), names_.size(), fields.size());
      }
      const std::string_view canonical = canonical_venue(trimmed(fields[venue]));
      const auto name = canonical_symbol(canonical, trimmed(fields[symbol]));
      if (!name) {
        fail(Fault::input, "{}:{}: symbol: expected one such as BTC-USD, was `{}`", path_, records_.line(),
             fields[symbol]);
      }
      const std::string key = fmt::format("{}:{}", canonical, *name);
      if (!table_.try_emplace(key, InstrumentFacts{.tick_size = tick_of(fields[tick])}).second) {
        fail(Fault::input, "{}:{}: {} stands there twice", path_, records_.line(), key);
      }
      if (table_.size() > most_instruments) fail(Fault::input, "{}: expected at most {} rows", path_, most_instruments);
    }
    return std::move(table_);
  }

 private:
  CsvRecords::Found next() {
    const CsvRecords::Found found = records_.next();
    if (found == CsvRecords::Found::broken) fail(Fault::input, "{}:{}: broken quotes", path_, records_.line());
    return found;
  }

  std::size_t place_of(std::string_view name) const {
    const auto at = std::find(names_.begin(), names_.end(), name);
    if (at != names_.end()) return static_cast<std::size_t>(at - names_.begin());
    fail(Fault::input, "{}:1: expected a column `{}`, were {}", path_, name, fmt::join(names_, ", "));
  }

  double tick_of(std::string_view text) const {
    if (trimmed(text).empty()) return 0.0;
    const auto number = parse_number(trimmed(text));
    if (number && *number > 0.0 && std::isfinite(*number)) return *number;
    fail(Fault::input, "{}:{}: tick_size: expected a number above 0, was `{}`", path_, records_.line(), text);
  }

  const std::string& path_;
  CsvRecords records_;
  std::vector<std::string> names_;
  InstrumentTable table_;
};

}  // namespace

InstrumentTable read_instrument_table(const std::string& path) { return TableReader(path).read(); }

}  // namespace millrace
