#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "millrace/market/instruments.h"

namespace millrace {

/// "coinbase:BTC-USD, kraken:ETH-USD, …", for messages.
std::string names_of(const Instruments& instruments);

/// Which instruments the user named ("BTC-USD" or "coinbase:BTC-USD"), decided as they appear.
class SymbolFilter {
 public:
  /// Both live longer.
  SymbolFilter(const std::vector<std::string>& symbols, const Instruments& instruments)
      : symbols_(symbols), instruments_(instruments), is_met_(symbols.size(), false) {}

  /// Says of instruments that are new whether they are wanted; without symbols all are, and `wanted` stays empty.
  void extend(std::vector<std::uint8_t>& wanted);

  /// Throws Error(Fault::input) for a symbol that no instrument had.
  void complain_of_unmet() const;

 private:
  bool matches(const Instrument& instrument);

  const std::vector<std::string>& symbols_;
  const Instruments& instruments_;
  std::vector<bool> is_met_;
};

}  // namespace millrace
