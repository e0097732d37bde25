#include "millrace/engine/symbol_filter.h"

#include <fmt/format.h>

#include "millrace/base/error.h"

namespace millrace {

std::string names_of(const Instruments& instruments) {
  std::string names;
  for (InstrumentId id = 0; id < instruments.size() && id < 20; ++id) {
    names += fmt::format("{}{}:{}", id == 0 ? "" : ", ", instruments[id].venue, instruments[id].symbol);
  }
  return names.empty() ? "none" : instruments.size() > 20 ? names + ", …" : names;
}

void SymbolFilter::extend(std::vector<std::uint8_t>& wanted) {
  if (symbols_.empty()) return;
  for (auto id = static_cast<InstrumentId>(wanted.size()); id < instruments_.size(); ++id) {
    wanted.push_back(matches(instruments_[id]) ? 1 : 0);
  }
}

void SymbolFilter::complain_of_unmet() const {
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    if (is_met_[i]) continue;
    fail(Fault::input, "--symbols: the input has no `{}`; it has {}", symbols_[i], names_of(instruments_));
  }
}

bool SymbolFilter::matches(const Instrument& instrument) {
  bool is_wanted = false;
  for (std::size_t i = 0; i < symbols_.size(); ++i) {
    if (symbols_[i] != instrument.symbol && symbols_[i] != instrument.venue + ":" + instrument.symbol) continue;
    is_met_[i] = true;
    is_wanted = true;
  }
  return is_wanted;
}

}  // namespace millrace
