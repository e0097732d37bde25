#include "millrace/market/symbols.h"

#include <algorithm>
#include <unordered_map>
#include <utility>
#include <vector>

#include "millrace/base/text.h"
#include "millrace/market/assets.h"

namespace millrace {

namespace {

/// Base and quote asset.
using Pair = std::pair<std::string_view, std::string_view>;
using PairTable = std::unordered_map<std::string, Pair>;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_asset(std::string_view text) {
  const auto is_part = [](char c) { return is_upper(c) || is_digit(c) || c == '.' || c == '_'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_part);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

std::string_view today(std::string_view asset) {
  for (const auto& [old, now] : asset_aliases) {
    if (asset == old) return now;
  }
  return asset;
}

/// `suffix` holds its colon, or is empty.
CanonicalSymbol symbol_of(Pair assets, std::string_view suffix) {
  const Pair now{today(assets.first), today(assets.second)};
  return {std::string(now.first).append("-").append(now.second).append(suffix), now != assets};
}

/// "BTC-USD" and "BTC-USD:PERP", split at `separator`.
std::optional<CanonicalSymbol> split_symbol(std::string_view text, char separator) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view suffix = text.substr(colon);
  const std::string_view assets = text.substr(0, colon);
  const std::size_t at = assets.rfind(separator);
  if (at == std::string_view::npos || suffix.size() == 1) return std::nullopt;
  const Pair pair{assets.substr(0, at), assets.substr(at + 1)};
  if (!is_asset(pair.first) || !is_asset(pair.second)) return std::nullopt;
  return symbol_of(pair, suffix);
}

void add_quote(PairTable& table, std::string_view quote) {
  for (const std::string_view base : split(binance_bases, ' ')) {
    if (base != quote) table.try_emplace(std::string(base).append(quote), base, quote);
  }
}

/// Every text that a known base and quote asset make together.
PairTable table_of_pairs() {
  PairTable table;
  for (const std::string_view quote : binance_quotes) add_quote(table, quote);
  for (const std::string_view quote : binance_late_quotes) add_quote(table, quote);
  add_quote(table, "USD");  // Binance.US, and the coin-margined futures
  return table;
}

std::optional<Pair> find_pair(std::string_view text, bool is_coin_margined) {
  static const PairTable pairs = table_of_pairs();
  static const PairTable coin_margined = [] {
    PairTable table;
    add_quote(table, "USD");
    return table;
  }();
  const PairTable& table = is_coin_margined ? coin_margined : pairs;
  const auto at = table.find(std::string(text));
  return at == table.end() ? std::nullopt : std::optional(at->second);
}

/// "_PERP" or "_210924" at the end of a future's name, as ":PERP" or ":20210924"; the rest in `text`.
std::optional<std::string> take_suffix(std::string_view& text) {
  const std::size_t at = text.rfind('_');
  if (at == std::string_view::npos) return std::string();
  const std::string_view suffix = text.substr(at + 1);
  text = text.substr(0, at);
  if (suffix == "PERP") return ":PERP";
  if (suffix.size() != 6 || !std::all_of(suffix.begin(), suffix.end(), is_digit)) return std::nullopt;
  return std::string(":20").append(suffix);
}

std::optional<CanonicalSymbol> read_binance(std::string_view venue, std::string_view text) {
  const auto suffix = take_suffix(text);
  const auto pair = find_pair(text, venue == "binance_coinm");
  if (!suffix || !pair) return std::nullopt;
  const bool is_future = venue == "binance_usdm" || venue == "binance_coinm";
  if (is_future) return symbol_of(*pair, suffix->empty() ? std::string_view(":PERP") : std::string_view(*suffix));
  return suffix->empty() ? std::optional(symbol_of(*pair, "")) : std::nullopt;
}

}  // namespace

std::optional<Nanos> expiry_of(std::string_view symbol) {
  const std::size_t colon = symbol.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string day(symbol.substr(colon + 1));
  if (day.size() != 8 || !std::all_of(day.begin(), day.end(), is_digit)) return std::nullopt;
  const auto midnight = parse_time(day.substr(0, 4) + "-" + day.substr(4, 2) + "-" + day.substr(6));
  if (!midnight) return std::nullopt;
  return *midnight + 8 * 3600 * one_second;
}

std::string_view canonical_venue(std::string_view venue) {
  for (const auto& [old, now] : venue_aliases) {
    if (venue == old) return now;
  }
  return venue;
}

std::optional<CanonicalSymbol> read_symbol(std::string_view venue, std::string_view raw) {
  venue = canonical_venue(venue);
  const std::string text = upper(trimmed(raw));
  if (text.empty()) return std::nullopt;
  if (auto canonical = split_symbol(text, '-')) return canonical;
  if (venue == "coinbase") return std::nullopt;
  if (venue == "kraken") return split_symbol(text, '/');
  if (venue.starts_with("binance")) return read_binance(venue, text);
  return CanonicalSymbol{std::string(trimmed(raw))};
}

std::optional<std::string> canonical_symbol(std::string_view venue, std::string_view raw) {
  auto symbol = read_symbol(venue, raw);
  return symbol ? std::optional(std::move(symbol->text)) : std::nullopt;
}

}  // namespace millrace
