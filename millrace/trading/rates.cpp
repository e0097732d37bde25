#include "millrace/trading/rates.h"

#include <algorithm>
#include <utility>

namespace millrace {

const AssetRate* Rates::find(std::string_view asset) const {
  const auto at = std::find_if(rates_.begin(), rates_.end(), [&](const AssetRate& one) { return one.asset == asset; });
  return at == rates_.end() ? nullptr : &*at;
}

void Rates::set(AssetRate rate) {
  for (AssetRate& one : rates_) {
    if (one.asset == rate.asset) {
      one = std::move(rate);
      return;
    }
  }
  rates_.push_back(std::move(rate));
}

InstrumentId Rates::source(std::string_view asset) const {
  const AssetRate* one = asset == account_asset_ ? nullptr : find(asset);
  return one == nullptr ? no_instrument : one->instrument;
}

double Rates::rate(std::string_view asset, const std::function<double(InstrumentId)>& mark_of) const {
  if (asset == account_asset_) return 1.0;
  const AssetRate* one = find(asset);
  if (one == nullptr) return no_value;
  if (one->instrument == no_instrument) return one->constant;
  const double mark = mark_of(one->instrument);
  return one->is_inverted ? 1.0 / mark : mark;
}

}  // namespace millrace
