#include "millrace/market/instruments.h"

#include "millrace/base/error.h"

namespace millrace {

namespace {

std::string key_of(std::string_view venue, std::string_view symbol) {
  std::string key;
  key.reserve(venue.size() + symbol.size() + 1);
  return key.append(venue).append(1, ':').append(symbol);
}

}  // namespace

InstrumentId Instruments::intern(std::string_view venue, std::string_view symbol) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = ids_.try_emplace(key_of(venue, symbol), static_cast<InstrumentId>(list_.size()));
  if (is_new) {
    if (list_.size() >= limit) {
      ids_.erase(at);
      fail(Fault::input, "instrument {}:{}: expected at most {} instruments", venue, symbol, limit);
    }
    list_.push_back({std::string(venue), std::string(symbol)});
  }
  return at->second;
}

InstrumentId Instruments::find(std::string_view venue, std::string_view symbol) const {
  const std::lock_guard lock(mutex_);
  const auto at = ids_.find(key_of(venue, symbol));
  return at == ids_.end() ? no_instrument : at->second;
}

const Instrument& Instruments::operator[](InstrumentId id) const {
  const std::lock_guard lock(mutex_);
  return list_[id];
}

std::size_t Instruments::size() const {
  const std::lock_guard lock(mutex_);
  return list_.size();
}

}  // namespace millrace
