#include "millrace/engine/run_market.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/engine/strategy_maker.h"
#include "millrace/engine/symbol_filter.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, guard_columns> guard_names{"guard_is_stale", "guard_book_state", "guard_outlier",
                                                                  "guard_breaker", "guard_volume_24h"};

/// Rows that say what was traded; a ticker's last trade and a bar's close are as good.
bool is_traded(const Chunk& chunk) {
  return std::any_of(chunk.kind.begin(), chunk.kind.end(), [](std::uint8_t kind) {
    return kind == static_cast<std::uint8_t>(Kind::trade) || kind == static_cast<std::uint8_t>(Kind::ticker) ||
           kind == static_cast<std::uint8_t>(Kind::bar);
  });
}

}  // namespace

bool RunMarket::is_wanted(InstrumentId id) const {
  const std::vector<std::string>& symbols = options_.symbols;
  const Instrument& one = instruments_[id];
  return symbols.empty() || std::any_of(symbols.begin(), symbols.end(), [&](const std::string& symbol) {
           return symbol == one.symbol || symbol == one.venue + ":" + one.symbol;
         });
}

void RunMarket::check_needs(const StrategySpec& strategy, const Source& source) {
  const ColumnSet has = source.columns();
  struct Need {
    std::string_view name;
    Column column;
  };
  constexpr std::array needs{Need{"prices", Column::price},         Need{"quotes", Column::bid},
                             Need{"quotes", Column::ask},           Need{"trades", Column::price},
                             Need{"sizes", Column::size},           Need{"funding", Column::funding_rate},
                             Need{"quote_sizes", Column::bid_size}, Need{"mark_price", Column::mark_price}};
  for (const std::string& wanted : strategy.needs) {
    bool is_known = wanted == "two_venues" || wanted == "derivatives" || wanted == "ten_instruments";
    for (const Need& one : needs) {
      if (one.name != wanted) continue;
      is_known = true;
      if (has.has(one.column)) continue;
      fail(Fault::input, "{} needs {}: the input has no column `{}`", strategy.name, wanted, info(one.column).name);
    }
    if (!is_known) {
      fail(Fault::config,
           "{}: key `needs`: expected prices, quotes, quote_sizes, trades, sizes, funding, mark_price, "
           "two_venues, derivatives or ten_instruments, was {}",
           strategy.file, json_quoted(wanted));
    }
  }
  has_quotes_ = has.has(Column::bid) && has.has(Column::ask);
}

/// A column may be there and empty: what the first rows hold is what counts.
void RunMarket::begin(const StrategySpec& strategy, const Chunk& chunk) {
  const auto is_empty = [&](Column column) {
    if (!chunk.columns.has(column)) return true;
    const double* values = chunk.f64(column);
    return std::none_of(values, values + chunk.rows(), [](double x) { return has_value(x); });
  };
  const bool has_trades = std::any_of(chunk.kind.begin(), chunk.kind.end(), [](std::uint8_t kind) {
    return kind == static_cast<std::uint8_t>(Kind::trade);  // a ticker's last size is no sum of trades
  });
  const auto refuse = [&](std::string_view what, std::string_view column) {
    fail(Fault::input, "{} needs {}: no row of the first {} has a value in `{}`", strategy.name, what, chunk.rows(),
         column);
  };
  for (const std::string& wanted : strategy.needs) {
    if (wanted == "sizes" && (is_empty(Column::size) || !has_trades)) refuse("trades with sizes", "size");
    if (wanted == "trades" && !is_traded(chunk)) {
      fail(Fault::input, "{} needs trades: no row of the first {} is one", strategy.name, chunk.rows());
    }
    if (wanted == "quotes" && is_empty(Column::bid)) refuse("quotes", "bid");
    if (wanted == "quote_sizes" && is_empty(Column::bid_size)) refuse("sizes of quotes", "bid_size");
    if (wanted == "funding" && is_empty(Column::funding_rate)) refuse("funding rates", "funding_rate");
    if (wanted == "ten_instruments") check_count(strategy, 10);
  }
  check_markets(strategy, chunk);
  if (is_empty(Column::bid) || is_empty(Column::ask)) has_quotes_ = false;
  if (!has_quotes_) {
    notes_.push_back(
        fmt::format("the input has no quotes: the guards against stale and insane quotes are off, and takers pay an "
                    "assumed half spread of {} bps",
                    format_number(options_.lane.sim.assumed_half_spread_bps)));
  }
  find_deposits(chunk);
}

/// What a strategy needs of the instruments among the first rows.
void RunMarket::check_markets(const StrategySpec& strategy, const Chunk& chunk) const {
  const std::set<InstrumentId> present(chunk.instrument.begin(), chunk.instrument.end());
  std::set<std::string_view> venues, derivatives;
  for (const InstrumentId id : present) {
    venues.insert(specs_[id].venue);
    if (specs_[id].is_derivative()) derivatives.insert(specs_[id].symbol);
  }
  for (const std::string& wanted : strategy.needs) {
    if (wanted == "two_venues" && venues.size() < 2) {
      fail(Fault::input, "{} needs two venues or more: the first {} rows are all of {}", strategy.name, chunk.rows(),
           fmt::join(venues, ", "));
    }
    if (wanted == "derivatives" && derivatives.empty()) {
      fail(Fault::input, "{} needs a perpetual or a dated future: the first {} rows have spot instruments only ({})",
           strategy.name, chunk.rows(), names_of(instruments_));
    }
  }
}

/// "kraken:BTC-USD=2": inventory, worth what its first row says.
void RunMarket::find_inventory(const Deposit& deposit, const Chunk& chunk) {
  const InstrumentId id = instruments_.find(deposit.venue, deposit.asset);
  if (id == no_instrument) {
    fail(Fault::config, "--capital: the first rows have no instrument {}:{}; they have {}", deposit.venue,
         deposit.asset, names_of(instruments_));
  }
  const InstrumentSpec& spec = specs_[id];
  if (spec.is_derivative()) {
    fail(Fault::config, "--capital: expected money or a spot instrument that is held, was {}:{}", deposit.venue,
         deposit.asset);
  }
  for (std::size_t row = 0; row < chunk.rows(); ++row) {
    if (chunk.instrument[row] != id) continue;
    const auto price = spec.ticks(market_row_of(chunk, row).mark());
    const auto size = spec.lots(to_double(deposit.amount));
    if (!price) continue;
    if (!size || *size == 0) {
      fail(Fault::config, "--capital: expected a size of {}:{} of at least {}, was {}", deposit.venue, deposit.asset,
           format_number(spec.size(1)), format_amount(deposit.amount));
    }
    inventory_.push_back({id, *size, *price});
    return;
  }
  fail(Fault::config, "--capital: no row of the first {} has a price of {}:{}, which is to be held", chunk.rows(),
       deposit.venue, deposit.asset);
}

void RunMarket::find_deposits(const Chunk& chunk) {
  std::set<std::pair<std::string, std::string>> wallets;
  for (const InstrumentId id : chunk.instrument) wallets.emplace(specs_[id].venue, specs_[id].settle());
  std::vector<std::string> names;
  for (const auto& [venue, asset] : wallets) names.push_back(venue + ":" + asset);
  for (const Deposit& one : options_.deposits) {
    if (one.asset.find('-') == std::string::npos) {
      deposits_.push_back(one);
    } else {
      find_inventory(one, chunk);
    }
  }
  if (deposits_.empty()) fail(Fault::config, "--capital: expected money besides what is held, was none");
  for (Deposit& one : deposits_) {
    if (!one.venue.empty()) continue;
    if (wallets.size() != 1) {
      fail(Fault::config,
           "--capital: the input settles in {}; expected VENUE:ASSET=AMOUNT for each that is to be funded",
           fmt::join(names, ", "));
    }
    std::tie(one.venue, one.asset) = *wallets.begin();
  }
  for (const Deposit& one : deposits_) {
    if (wallets.contains({one.venue, one.asset})) continue;
    const auto settles = [&](const InstrumentSpec& spec) {
      return spec.venue == one.venue && spec.settle() == one.asset;
    };
    if (std::any_of(specs_.begin(), specs_.end(), settles)) continue;
    notes_.push_back(fmt::format("--capital: nothing of the first {} rows settles in {}:{}; they settle in {}",
                                 chunk.rows(), one.venue, one.asset, fmt::join(names, ", ")));
  }
  account_asset_ = options_.asset.empty() ? deposits_.front().asset : options_.asset;
  for (const Deposit& one : deposits_) {
    if (options_.asset.empty() && one.asset != account_asset_) {
      fail(Fault::config, "--asset: deposits are in {} and {}; expected the asset to count in", account_asset_,
           one.asset);
    }
  }
}

Rates RunMarket::make_rates() const {
  Rates rates(account_asset_);
  for (const RateText& one : options_.rates) {
    if (const auto number = parse_number(one.rate)) {
      rates.set({.asset = one.asset, .constant = *number});
      continue;
    }
    const std::size_t colon = one.rate.find(':');
    const InstrumentId id = instruments_.find(one.rate.substr(0, colon), one.rate.substr(colon + 1));
    if (id == no_instrument) {
      fail(Fault::config, "--rate {}: the first rows have no instrument `{}`; they have {}", one.asset, one.rate,
           names_of(instruments_));
    }
    rates.set({.asset = one.asset, .instrument = id, .is_inverted = specs_[id].quote == one.asset});
  }
  for (InstrumentId id = 0; id < specs_.size(); ++id) {  // an inverse contract prices what it settles in
    const InstrumentSpec& spec = specs_[id];
    if (spec.contract == Contract::inverse && spec.quote == account_asset_ && !rates.knows(spec.base)) {
      rates.set({.asset = spec.base, .instrument = id});
    }
  }
  for (const Deposit& one : deposits_) {
    if (rates.knows(one.asset)) continue;
    fail(Fault::config,
         "--capital: {}:{} is counted in {}: expected --rate {}=NUMBER or --rate {}=VENUE:SYMBOL, since no asset is "
         "taken for another",
         one.venue, one.asset, account_asset_, one.asset, one.asset);
  }
  for (InstrumentId id = 0; id < specs_.size(); ++id) {
    if (!is_wanted(id) || rates.knows(specs_[id].settle())) continue;
    fail(Fault::config,
         "{}:{} settles in {}, the account counts in {}: expected --rate {}=NUMBER or --rate {}=VENUE:SYMBOL, since "
         "no "
         "asset is taken for another",
         specs_[id].venue, specs_[id].symbol, specs_[id].settle(), account_asset_, specs_[id].settle(),
         specs_[id].settle());
  }
  return rates;
}

void RunMarket::check_count(const StrategySpec& strategy, std::size_t least) const {
  std::size_t count = 0;
  for (InstrumentId id = 0; id < instruments_.size(); ++id) count += is_wanted(id) ? 1 : 0;
  if (count >= least) return;
  fail(Fault::input, "{} needs {} instruments or more: the first rows have {}", strategy.name, least, count);
}

void RunMarket::check_fees(const FeeTable& fees) const {
  for (InstrumentId id = 0; id < specs_.size(); ++id) {
    if (!is_wanted(id) || fees.find(specs_[id].venue) != nullptr) continue;
    std::vector<std::string_view> told;
    for (const VenueFees& one : fees.venues) told.push_back(one.venue);
    fail(Fault::config, "--fees: the table has no fees of {}; it has {}. A run without fees is refused",
         specs_[id].venue, fmt::join(told, ", "));
  }
}

std::unique_ptr<Lane> RunMarket::make_lane(const StrategySpec& strategy, const RuleSet& rules, const Plan& plan,
                                           const Lane::Options& wanted, const FeeTable& fees, double multiple) const {
  check_fees(fees);
  Lane::Options options = wanted;
  for (std::size_t i = 0; i < guard_columns; ++i) {
    const auto at = std::find_if(plan.features.begin(), plan.features.end(),
                                 [&](const PlannedFeature& one) { return one.name == guard_names[i]; });
    options.desk.guards[i] = static_cast<std::size_t>(at - plan.features.begin());
  }
  options.desk.scope.has_quotes = has_quotes_;
  options.desk.assumed_half_spread_bps = options.sim.assumed_half_spread_bps;
  options.desk.limits.notional_max *= multiple;
  auto made = options_.maker ? options_.maker(strategy, rules, plan) : make_strategy(strategy, rules, plan);
  auto lane = std::make_unique<Lane>(std::move(made), options, specs_, fees, make_rates());
  for (const Deposit& one : deposits_) {
    const double amount = static_cast<double>(one.amount) * multiple;
    lane->deposit(one.venue, one.asset, multiple == 1.0 ? one.amount : static_cast<Amount>(std::llround(amount)));
  }
  for (const Inventory& one : inventory_) {
    const double size = static_cast<double>(one.size) * multiple;
    lane->deposit_inventory(one.instrument, static_cast<Lots>(std::llround(size)), one.price);
  }
  return lane;
}

}  // namespace millrace
