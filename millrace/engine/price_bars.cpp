#include "millrace/engine/price_bars.h"

#include <algorithm>

namespace millrace {

void PriceBars::add(Nanos ts, double price, double volume) {
  if (!(price > 0.0)) return;
  const Nanos start = ts / length_ * length_;
  if (bars_.empty() || start > bars_.back().start) {
    if (bars_.size() >= RunResult::most_chart_bars) {
      halve();
      return add(ts, price, volume);
    }
    bars_.push_back({.start = start, .open = price, .high = price, .low = price, .close = price});
  }
  PriceBar& bar = bars_.back();
  bar.high = std::max(bar.high, price);
  bar.low = std::min(bar.low, price);
  bar.close = price;
  if (volume > 0.0) bar.volume += volume;
}

void PriceBars::halve() {
  length_ *= 2;
  std::vector<PriceBar> longer;
  for (const PriceBar& one : bars_) {
    const Nanos start = one.start / length_ * length_;
    if (longer.empty() || longer.back().start != start) {
      longer.push_back(one);
      longer.back().start = start;
      continue;
    }
    PriceBar& bar = longer.back();
    bar.high = std::max(bar.high, one.high);
    bar.low = std::min(bar.low, one.low);
    bar.close = one.close;
    bar.volume += one.volume;
  }
  bars_ = std::move(longer);
}

}  // namespace millrace
