#pragma once

#include "millrace/sim/sim_exchange.h"

namespace millrace {

/// A fill before it is booked.
struct SimExchange::Deal {
  Lots size = 0;
  Ticks price = 0;
  bool is_maker = false;
  double mid = no_value, touch = no_value;
};

/// A wallet with all that hangs on it, in its asset.
struct SimExchange::Funds {
  Amount cash = 0;
  Amount shorts = 0;      // what buying back borrowed positions takes, negative
  Amount unrealised = 0;  // of derivatives
  Amount losses = 0;      // of those of them that lose, negative
  Amount initial = 0;     // margin of positions and of orders that enlarge them
  Amount reserved = 0;    // for spot orders to buy

  Amount required() const { return initial + reserved; }
  /// What is free as margin: profits count.
  Amount free() const { return cash + shorts + unrealised - required(); }
  /// What is free to be paid out for spot: profits that are not realised cannot be.
  Amount spendable() const { return cash + shorts + losses - required(); }
};

}  // namespace millrace
