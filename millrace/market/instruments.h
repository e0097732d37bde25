#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "millrace/base/time.h"

namespace millrace {

/// Dense number of one tradable thing on one venue, in the order of first appearance.
using InstrumentId = std::uint32_t;
inline constexpr InstrumentId no_instrument = UINT32_MAX;

/// What is known about an instrument besides its ticks.
struct Instrument {
  std::string venue;   // "coinbase", "binance_usdm"
  std::string symbol;  // "BTC-USD", "BTC-USDT:PERP"
};

/// What is known about an instrument besides its rows.
struct InstrumentFacts {
  double tick_size = 0.0;  // 0 = not known, as for those below
  Nanos expiry = no_time;  // of a dated future
  double lot_size = 0.0, min_size = 0.0, min_notional = 0.0;
  double multiplier = 0.0;  // base of one linear contract, quote of one inverse contract
  double max_leverage = 0.0, maintenance_share = 0.0;
  std::string contract;  // "spot", "linear", "inverse"; empty: as the symbol says
};

/// Gives each (venue, symbol) its number. Numbers and addresses stay valid while the table lives. Any thread may ask
/// while the reader adds.
class Instruments {
 public:
  static constexpr std::size_t limit = 4'000'000;  // beyond it a file is broken, not large: `intern` fails

  InstrumentId intern(std::string_view venue, std::string_view symbol);
  InstrumentId find(std::string_view venue, std::string_view symbol) const;  // no_instrument where unknown
  const Instrument& operator[](InstrumentId id) const;
  std::size_t size() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Instrument> list_;
  std::unordered_map<std::string, InstrumentId> ids_;  // "venue:symbol"; looked up, never iterated
};

}  // namespace millrace
