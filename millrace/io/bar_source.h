#pragma once

#include <memory>
#include <optional>
#include <string>

#include "millrace/chunk/ledger.h"
#include "millrace/chunk/source.h"
#include "millrace/market/instruments.h"

namespace millrace {

/// A file of bars: columns open, high, low, close, a start time (ts_ms, ts_us, ts_ns, ts_event, timestamp or time), and
/// perhaps volume, venue and symbol; without the last two, `venue=…/symbol=…` in the path name the instrument.
struct BarTable {
  std::string path, time_column, venue, symbol;  // the last two by the path; empty = by columns
  Nanos time_unit = 0;                           // of integer times; 0 = the column is a timestamp
  Nanos length = 0;                              // of a bar: the smallest step between the first ones
  Nanos starts_at = no_time;
  bool has_volume = false;
};

/// Nothing where the file has no such columns. Throws Error(Fault::input) where it has, but no bars can be read.
std::optional<BarTable> look_at_bars(const std::string& path);

/// Reads bars as ticks. A bar becomes five trades of a fifth of its volume: its open when it begins and once more a
/// tenth of its length later, its extremes (the one nearer to the open first), and its close 1 ns before it ends. The
/// extremes are `flag_within_bar`: nobody can decide on them, since what came first is not known. So what is decided at
/// a bar's end trades at the next one's open, or worse.
std::unique_ptr<Source> open_bars(const BarTable& table, std::uint16_t number, Instruments& instruments,
                                  Ledger& ledger);

}  // namespace millrace
