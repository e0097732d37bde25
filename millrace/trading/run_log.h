#pragma once

#include <string>
#include <vector>

#include "millrace/trading/records.h"

namespace millrace {

/// What happened since the engine took it last. Whoever runs the desk empties it after each batch, so it stays small.
struct RunLog {
  std::vector<OrderRecord> orders;  // that have ended
  std::vector<FillRecord> fills;    // whose markouts are known
  std::vector<RoundTrip> trades;
  std::vector<SignalRecord> signals;
  std::vector<EquityPoint> equity;
  std::vector<std::string> notes;

  void clear() {
    orders.clear();
    fills.clear();
    trades.clear();
    signals.clear();
    equity.clear();
    notes.clear();
  }
};

}  // namespace millrace
