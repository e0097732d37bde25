#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "millrace/base/time.h"

namespace millrace {

/// A symbol in canonical form: `BTC-USD`, `BTC-USDT:PERP`, `BTC-USD:20210924`.
struct CanonicalSymbol {
  std::string text;
  bool is_renamed = false;  // an asset has another name today: `MATIC/USD` is `POL-USD`
};

/// Reads a symbol as `venue` prints it: Coinbase's `BTC-USD`, Kraken's `XBT/USD`, Binance's `BTCUSDT`, `BTCUSD_PERP`,
/// `BTCUSD_210924`; the case of letters does not matter. Binance's texts are looked up in a table of known assets,
/// never cut. Canonical symbols of any venue pass, with asset aliases applied; venues without rules print canonical
/// symbols or what they like. Nothing where the venue's rules do not know the text.
std::optional<CanonicalSymbol> read_symbol(std::string_view venue, std::string_view raw);

/// The text of `read_symbol`.
std::optional<std::string> canonical_symbol(std::string_view venue, std::string_view raw);

/// When a dated future ends: 08:00 UTC of the day in its canonical symbol, `BTC-USDT:20260327`. Nothing for a perpetual
/// or a spot pair.
std::optional<Nanos> expiry_of(std::string_view symbol);

/// The venue's name of today: `binance_spot` is `binance`.
std::string_view canonical_venue(std::string_view venue);

}  // namespace millrace
