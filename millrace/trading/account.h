#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/trading/exchange.h"
#include "millrace/trading/instrument_spec.h"

namespace millrace {

/// Specifications by instrument number; they stay where they are as instruments appear.
using SpecBook = std::deque<InstrumentSpec>;

/// What is held of one instrument, and what it has brought. Amounts are in its settlement asset.
struct Position {
  Lots size = 0;    // negative: short
  Amount cost = 0;  // value at entry of what is open, with its sign
  Amount realised = 0;
  Amount fees = 0;     // paid
  Amount funding = 0;  // received
  Amount borrow = 0;   // received, so negative
  std::uint64_t fills = 0;

  /// In quote per base; NaN when flat.
  double entry_price(const InstrumentSpec& spec) const;
};

/// One asset at one venue.
struct Wallet {
  std::string venue, asset;
  Amount deposits = 0;
  Amount cash = 0;
};

/// Cash by venue and asset, and positions. Everything is booked once, in whole units, so that for each wallet
///
///   cash = deposits + sum over its instruments of (realised - fees + funding + borrow - cost of open spot positions)
///
/// after every event. A spot trade moves the cash by what it is worth, a derivative by profits as they are realised.
class Account {
 public:
  explicit Account(const SpecBook& specs) : specs_(specs) {}

  void deposit(std::string_view venue, std::string_view asset, Amount amount);

  /// Inventory of a spot instrument that is there from the start: worth `price` each, which counts as deposited.
  void deposit_inventory(InstrumentId instrument, Lots size, Ticks price);

  /// Moves inventory and cash between venues. What leaves or comes counts as deposits, at cost; the venues' fees count
  /// as fees of the two instruments.
  void apply(const Transfer& transfer);

  /// Books the fill. Returns the profit it realises, before fees.
  Amount apply(const Fill& fill);
  void apply_funding(InstrumentId instrument, Amount amount);
  void apply_borrow(InstrumentId instrument, Amount amount);

  const Position& position(InstrumentId instrument) const;
  std::size_t instruments() const { return positions_.size(); }
  const SpecBook& specs() const { return specs_; }

  /// In the settlement asset; 0 when flat.
  Amount unrealised(InstrumentId instrument, double mark) const;

  const std::vector<Wallet>& wallets() const { return wallets_; }
  /// The wallet that the instrument settles in, made where it is not there.
  Wallet& wallet_of(InstrumentId instrument);
  Amount cash(std::string_view venue, std::string_view asset) const;

  /// Whether each wallet adds up as above, to the last unit.
  bool is_balanced() const;

 private:
  Wallet& wallet(std::string_view venue, std::string_view asset);
  void grow(InstrumentId instrument);

  const SpecBook& specs_;
  std::vector<Position> positions_;       // by instrument
  std::vector<std::uint32_t> wallet_at_;  // by instrument, + 1; 0 = not made
  std::vector<Wallet> wallets_;
};

}  // namespace millrace
