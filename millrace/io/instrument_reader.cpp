#include "millrace/io/instrument_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "millrace/market/symbols.h"

namespace millrace {

namespace {

constexpr std::size_t known_limit = 1'000'000;  // texts remembered; beyond it (a broken file) each is read anew

bool is_key(std::string_view key, std::string_view venue, std::string_view symbol) {
  return key.size() == venue.size() + symbol.size() + 1 && key.ends_with(symbol) && key.starts_with(venue) &&
         key[venue.size()] == '\n';
}

}  // namespace

InstrumentId InstrumentReader::find(std::string_view venue, std::string_view symbol) {
  if (venue.empty() || symbol.empty()) return no_instrument;
  if (is_key(key_, venue, symbol)) return last_;
  key_.assign(venue).append(1, '\n').append(symbol);
  if (const auto at = known_.find(key_); at != known_.end()) return last_ = at->second;
  last_ = read(venue, symbol);
  if (known_.size() < known_limit) known_.emplace(key_, last_);
  return last_;
}

InstrumentId InstrumentReader::read(std::string_view venue, std::string_view symbol) {
  const auto canonical = read_symbol(venue, symbol);
  if (!canonical) return unknown_instrument;
  if (canonical->is_renamed) {
    std::string note = fmt::format("{} -> {}", symbol, canonical->text);
    if (std::find(renamed_.begin(), renamed_.end(), note) == renamed_.end()) renamed_.push_back(std::move(note));
  }
  return instruments_.intern(canonical_venue(venue), canonical->text);
}

}  // namespace millrace
