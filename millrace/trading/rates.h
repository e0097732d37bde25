#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/market/instruments.h"
#include "millrace/market/tick.h"

namespace millrace {

/// What one unit of an asset is worth in the account's. Nothing is assumed: USD, USDT and USDC are three assets.
struct AssetRate {
  std::string asset;
  double constant = no_value;               // a number, or
  InstrumentId instrument = no_instrument;  // an instrument's mark
  bool is_inverted = false;                 // one over it
};

class Rates {
 public:
  explicit Rates(std::string account_asset) : account_asset_(std::move(account_asset)) {}

  const std::string& account_asset() const { return account_asset_; }
  void set(AssetRate rate);
  bool knows(std::string_view asset) const { return asset == account_asset_ || find(asset) != nullptr; }

  /// The instrument that an asset's rate is the mark of; none where it is a number or not known.
  InstrumentId source(std::string_view asset) const;

  /// NaN where the rate is unknown, or its instrument has had no row yet.
  double rate(std::string_view asset, const std::function<double(InstrumentId)>& mark_of) const;

 private:
  const AssetRate* find(std::string_view asset) const;

  std::string account_asset_;
  std::vector<AssetRate> rates_;
};

}  // namespace millrace
