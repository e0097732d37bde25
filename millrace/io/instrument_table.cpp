#include "millrace/io/instrument_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/io/csv_records.h"
#include "millrace/market/symbols.h"

namespace millrace {

namespace {

constexpr std::size_t most_instruments = 1'000'000;

using NumberColumn = std::pair<std::string_view, double InstrumentFacts::*>;
constexpr std::array number_columns{
    NumberColumn{"tick_size", &InstrumentFacts::tick_size},
    NumberColumn{"lot_size", &InstrumentFacts::lot_size},
    NumberColumn{"min_size", &InstrumentFacts::min_size},
    NumberColumn{"min_notional", &InstrumentFacts::min_notional},
    NumberColumn{"multiplier", &InstrumentFacts::multiplier},
    NumberColumn{"max_leverage", &InstrumentFacts::max_leverage},
    NumberColumn{"maintenance_share", &InstrumentFacts::maintenance_share},
};

class TableReader {
 public:
  TableReader(const std::string& path, ReadBytes bytes) : path_(path), records_(std::move(bytes)) {}

  InstrumentTable read() {
    if (next() != CsvRecords::Found::record) fail(Fault::input, "{}: expected a header with venue and symbol", path_);
    for (const std::string_view name : records_.fields()) names_.emplace_back(trimmed(name));
    const std::size_t venue = place_of("venue"), symbol = place_of("symbol");
    place_of("tick_size");
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
      if (!table_.try_emplace(key, facts_of(fields)).second) {
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

  InstrumentFacts facts_of(std::span<const std::string_view> fields) const {
    InstrumentFacts facts;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      for (const auto& [name, member] : number_columns) {
        if (names_[i] == name) facts.*member = number_of(name, fields[i]);
      }
      if (names_[i] == "contract") facts.contract = contract_of(trimmed(fields[i]));
    }
    return facts;
  }

  std::string contract_of(std::string_view text) const {
    if (text.empty() || text == "spot" || text == "linear" || text == "inverse") return std::string(text);
    fail(Fault::input, "{}:{}: contract: expected spot, linear or inverse, was `{}`", path_, records_.line(), text);
  }

  double number_of(std::string_view name, std::string_view text) const {
    if (trimmed(text).empty()) return 0.0;
    const auto number = parse_number(trimmed(text));
    if (number && *number > 0.0 && std::isfinite(*number)) return *number;
    fail(Fault::input, "{}:{}: {}: expected a number above 0, was `{}`", path_, records_.line(), name, text);
  }

  const std::string& path_;
  CsvRecords records_;
  std::vector<std::string> names_;
  InstrumentTable table_;
};

}  // namespace

InstrumentTable read_instrument_table(const std::string& path) { return TableReader(path, read_file(path)).read(); }

InstrumentTable parse_instrument_table(std::string_view text, const std::string& path) {
  std::string_view left = text;
  const auto bytes = [&left](std::span<char> out) {
    const std::size_t taken = std::min(out.size(), left.size());
    std::copy_n(left.data(), taken, out.data());
    left.remove_prefix(taken);
    return taken;
  };
  return TableReader(path, bytes).read();
}

}  // namespace millrace
