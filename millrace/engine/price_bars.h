#pragma once

#include <vector>

#include "millrace/engine/run_result.h"

namespace millrace {

/// Bars of one instrument for a chart, as fine as the limit on their number allows: when they become too many, each two
/// neighbours become one of twice the length.
class PriceBars {
 public:
  void add(Nanos ts, double price, double volume);
  std::vector<PriceBar> take() { return std::move(bars_); }

 private:
  void halve();

  Nanos length_ = one_second;
  std::vector<PriceBar> bars_;
};

}  // namespace millrace
