#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "millrace/market/instruments.h"

namespace millrace {

/// Marks a row whose symbol the venue's rules do not know; readers count and drop it. `no_instrument` marks a row
/// without venue or symbol; that one the door counts.
inline constexpr InstrumentId unknown_instrument = no_instrument - 1;

/// Turns the venue and symbol texts of one file into instruments and remembers which were renamed.
class InstrumentReader {
 public:
  explicit InstrumentReader(Instruments& instruments) : instruments_(instruments) {}

  InstrumentId find(std::string_view venue, std::string_view symbol);
  const std::vector<std::string>& renamed() const { return renamed_; }  // "MATIC/USD -> POL-USD"

 private:
  InstrumentId read(std::string_view venue, std::string_view symbol);

  Instruments& instruments_;
  std::unordered_map<std::string, InstrumentId> known_;  // "venue\nsymbol" as printed
  std::string key_;                                      // reused
  InstrumentId last_ = no_instrument;                    // of `key_`
  std::vector<std::string> renamed_;
};

}  // namespace millrace
