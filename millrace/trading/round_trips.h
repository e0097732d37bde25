#pragma once

#include <optional>
#include <string>
#include <vector>

#include "millrace/trading/account.h"
#include "millrace/trading/records.h"

namespace millrace {

/// Follows fills from flat to flat. A fill that turns a position ends one round trip and begins
/// the next; its fee is shared by size.
class RoundTrips {
 public:
  /// Sees a fill that `account` has booked. `rate` is of the settlement asset; `why` the order's reason.
  void on_fill(const Fill& fill, const Account& account, double rate, Nanos now, const std::string& why);

  /// The unrealised profit of an open one, for its best and worst.
  void on_mark(InstrumentId instrument, double unrealised);

  /// Ends what is still open, at `mark`.
  void finish(InstrumentId instrument, const Account& account, double rate, double mark, Nanos now);

  /// Those that ended since.
  std::vector<RoundTrip> take();

 private:
  struct Open {
    RoundTrip trip;
    double entry_size = 0.0, entry_sum = 0.0, exit_size = 0.0, exit_sum = 0.0;  // sums of size * price
    Amount realised = 0, fees = 0, funding = 0;                                 // of the account, before
  };
  void begin(const Fill& fill, const Account& account, Amount opening_fee, Nanos now, const std::string& why);
  /// `opening_fee` of the fill that ends it belongs to the next one.
  void end(InstrumentId instrument, const Position& position, Amount opening_fee, double rate, Nanos now);

  std::vector<std::optional<Open>> open_;  // by instrument
  std::vector<RoundTrip> done_;
};

}  // namespace millrace
