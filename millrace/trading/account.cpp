#include "millrace/trading/account.h"

#include <algorithm>
#include <cstdlib>

namespace millrace {

double Position::entry_price(const InstrumentSpec& spec) const {
  if (size == 0) return no_value;
  const double at_one = to_double(spec.value_at(size, 1.0));  // units, or minus what they buy at a price of 1
  return spec.contract == Contract::inverse ? at_one / to_double(cost) : to_double(cost) / at_one;
}

void Account::grow(InstrumentId instrument) {
  if (instrument < positions_.size()) return;
  positions_.resize(instrument + 1);
  wallet_at_.resize(instrument + 1, 0);
}

Wallet& Account::wallet(std::string_view venue, std::string_view asset) {
  const auto at = std::find_if(wallets_.begin(), wallets_.end(),
                               [&](const Wallet& one) { return one.venue == venue && one.asset == asset; });
  if (at != wallets_.end()) return *at;
  wallets_.push_back({.venue = std::string(venue), .asset = std::string(asset)});
  return wallets_.back();
}

Wallet& Account::wallet_of(InstrumentId instrument) {
  grow(instrument);
  std::uint32_t& at = wallet_at_[instrument];
  if (at == 0) {
    const InstrumentSpec& spec = specs_[instrument];
    at = static_cast<std::uint32_t>(&wallet(spec.venue, spec.settle()) - wallets_.data()) + 1;
  }
  return wallets_[at - 1];
}

void Account::deposit(std::string_view venue, std::string_view asset, Amount amount) {
  Wallet& one = wallet(venue, asset);
  one.deposits += amount;
  one.cash += amount;
}

void Account::deposit_inventory(InstrumentId instrument, Lots size, Ticks price) {
  Wallet& wallet = wallet_of(instrument);
  const Amount worth = specs_[instrument].value(size, price);
  positions_[instrument].size += size;
  positions_[instrument].cost += worth;
  wallet.deposits += worth;
}

void Account::apply(const Transfer& transfer) {
  wallet_of(transfer.from);  // may move the wallets
  wallet_of(transfer.to);
  Wallet &left = wallet_of(transfer.from), &joined = wallet_of(transfer.to);
  Position &from = positions_[transfer.from], &to = positions_[transfer.to];
  const Amount cost = transfer.size_from == from.size ? from.cost : share_of(from.cost, transfer.size_from, from.size);
  from.size -= transfer.size_from;
  from.cost -= cost;
  from.fees += transfer.fee_from;
  left.deposits += transfer.cash_from - cost;
  left.cash += transfer.cash_from - transfer.fee_from;
  to.size += transfer.size_to;
  to.cost += transfer.cash_to;  // what was paid for it
  to.fees += transfer.fee_to;
  joined.cash -= transfer.cash_to + transfer.fee_to;
}

Amount Account::apply(const Fill& fill) {
  const InstrumentSpec& spec = specs_[fill.instrument];
  Wallet& wallet = wallet_of(fill.instrument);
  Position& position = positions_[fill.instrument];
  const Lots change = sign_of(fill.side) * fill.size;
  // What closes leaves at the average cost, what is left of the fill opens at its own price.
  const bool reduces = position.size != 0 && (position.size > 0) != (change > 0);
  const Lots closed = reduces ? std::min(std::abs(change), std::abs(position.size)) : 0;
  const Lots opened = std::abs(change) - closed;
  Amount realised = 0;
  if (closed > 0) {
    const Lots signed_closed = position.size > 0 ? closed : -closed;
    const Amount cost =
        closed == std::abs(position.size) ? position.cost : share_of(position.cost, signed_closed, position.size);
    realised = spec.value(signed_closed, fill.price) - cost;
    position.cost -= cost;
    if (!spec.is_derivative()) wallet.cash += cost;
  }
  if (opened > 0) {
    const Amount cost = spec.value(change > 0 ? opened : -opened, fill.price);
    position.cost += cost;
    if (!spec.is_derivative()) wallet.cash -= cost;
  }
  position.size += change;
  position.realised += realised;
  position.fees += fill.fee;
  ++position.fills;
  wallet.cash += realised - fill.fee;
  return realised;
}

void Account::apply_funding(InstrumentId instrument, Amount amount) {
  wallet_of(instrument).cash += amount;
  positions_[instrument].funding += amount;
}

void Account::apply_borrow(InstrumentId instrument, Amount amount) {
  wallet_of(instrument).cash += amount;
  positions_[instrument].borrow += amount;
}

const Position& Account::position(InstrumentId instrument) const {
  static constexpr Position flat{};
  return instrument < positions_.size() ? positions_[instrument] : flat;
}

Amount Account::unrealised(InstrumentId instrument, double mark) const {
  const Position& held = position(instrument);
  return held.size == 0 ? 0 : specs_[instrument].value_at(held.size, mark) - held.cost;
}

Amount Account::cash(std::string_view venue, std::string_view asset) const {
  for (const Wallet& one : wallets_) {
    if (one.venue == venue && one.asset == asset) return one.cash;
  }
  return 0;
}

bool Account::is_balanced() const {
  for (std::size_t i = 0; i < wallets_.size(); ++i) {
    Amount expected = wallets_[i].deposits;
    for (InstrumentId id = 0; id < positions_.size(); ++id) {
      if (wallet_at_[id] != i + 1) continue;
      const Position& one = positions_[id];
      expected += one.realised - one.fees + one.funding + one.borrow;
      if (!specs_[id].is_derivative()) expected -= one.cost;
    }
    if (expected != wallets_[i].cash) return false;
  }
  return true;
}

}  // namespace millrace
