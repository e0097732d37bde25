#include "millrace/engine/simulated_instrument.h"

#include <algorithm>
#include <cmath>

namespace millrace {

namespace {

constexpr std::array<double, 9> powers_of_ten{1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};

constexpr double mean_trade_notional = 300.0;
constexpr double trade_share = 0.28;
constexpr double depth_trades = 6.0;      // mean size of a quote, in mean trades
constexpr double longest_step_s = 60.0;   // a longer silence moves the price as this one: rare instruments stay sane
constexpr double largest_move = 0.05;     // of the log price in one step
constexpr double lowest_mid = 40.0;       // ticks
constexpr double reversion_per_s = 1e-6;  // home within a fortnight or so
constexpr double variance_pull_per_s = 1.0 / 90.0;
constexpr double variance_noise = 0.15;  // per sqrt(second)

struct RegimeInfo {
  double variance, drift;  // multiples of the calm variance; of sigma per second
  double mean_dwell_s;
};
constexpr std::array<RegimeInfo, 3> regimes{{{0.6, 0.0, 300.0}, {1.2, 0.02, 120.0}, {6.0, 0.0, 45.0}}};

/// The price step of a price: six digits or so, a cent at most.
double ticks_per_unit_of(double price) {
  std::size_t digits = 2;
  for (double level = 100.0; price < level && digits < powers_of_ten.size() - 1; level *= 0.1) ++digits;
  return powers_of_ten[digits];
}

double lots_per_unit_of(double mean_size) {
  const auto enough = std::find_if(powers_of_ten.begin(), powers_of_ten.end() - 1,
                                   [&](double lots) { return mean_size * lots >= 1000.0; });
  return *enough;
}

consteval std::size_t place_of(Column column) {
  std::size_t place = 0;
  while (shown_columns[place] != column) ++place;
  return place;
}

double rounded(double x) { return std::floor(x + 0.5); }

}  // namespace

SimulatedInstrument::SimulatedInstrument(double price, std::size_t rank, double rows_per_s, Nanos now, Random& random)
    : now_(now), last_trade_(now) {
  ticks_per_unit_ = ticks_per_unit_of(price);
  lots_per_unit_ = lots_per_unit_of(mean_trade_notional / price);
  mean_lots_ = mean_trade_notional / price * lots_per_unit_;
  home_ = price * ticks_per_unit_;
  mid_ = std::max(home_ * (0.99 + 0.02 * random.uniform()), lowest_mid);
  sigma_ = 5e-5 + 1e-4 * random.uniform();
  beta_ = 0.5 + random.uniform();
  spread_share_ = 4e-5 + 2e-5 * static_cast<double>(std::min<std::size_t>(rank, 100));
  trade_id_ = 1000 + (random.bits() >> 40U);
  last_ = rounded(mid_);
  open_ = mid_ * (0.985 + 0.03 * random.uniform());
  high_ = std::max(open_, last_) * (1.0 + 0.02 * random.uniform());
  low_ = std::min(open_, last_) * (1.0 - 0.02 * random.uniform());
  trades_24h_ = rows_per_s * trade_share * 86'400.0;
  volume_ = trades_24h_ * mean_lots_ / lots_per_unit_;
  notional_ = volume_ * 0.5 * (open_ + last_) / ticks_per_unit_;
  bid_lots_ = ask_lots_ = depth_trades * mean_lots_;
  shown_[place_of(Column::price)] = last_ / ticks_per_unit_;
  quote(random);
  count_trade(0.0);
}

void SimulatedInstrument::advance(Nanos now, double market_move, Random& random) {
  const double seconds = std::min(static_cast<double>(now - now_) * 1e-9, longest_step_s);
  now_ = now;
  const double root = std::sqrt(seconds);
  const RegimeInfo& regime = regimes[static_cast<std::size_t>(regime_)];
  const double news = random.gaussian();
  const std::uint64_t word = random.bits();
  const double shock =
      (static_cast<double>(static_cast<std::int64_t>(word >> 32U)) * 0x1p-32 - 0.5) * 3.4641016151377544;
  if (static_cast<double>(static_cast<std::int64_t>(word & 0xffff'ffffU)) * 0x1p-32 * regime.mean_dwell_s < seconds) {
    change_regime(random);
  }
  variance_ += variance_pull_per_s * (regime.variance - variance_) * seconds +
               variance_noise * std::sqrt(variance_) * root * shock;
  variance_ = std::clamp(variance_, 0.05, 50.0);
  const double own = sigma_ * std::sqrt(variance_) * root * news;
  const double pull = reversion_per_s * (1.0 - mid_ / home_);
  const double move = std::clamp(own + beta_ * market_move + (drift_ + pull) * seconds, -largest_move, largest_move);
  mid_ = std::max(mid_ * (1.0 + move * (1.0 + 0.5 * move)), lowest_mid);
  push_ = 0.7 * push_ + news;
}

void SimulatedInstrument::change_regime(Random& random) {
  // From calm to a trend or, less often, a storm; from a trend mostly back; a storm ends in calm or a trend.
  constexpr std::array<std::array<double, 2>, 3> first_two{{{0.0, 0.7}, {0.75, 0.75}, {0.6, 1.0}}};
  const auto& chances = first_two[static_cast<std::size_t>(regime_)];
  const double drawn = random.uniform();
  regime_ = drawn < chances[0] ? Regime::calm : drawn < chances[1] ? Regime::trending : Regime::stormy;
  const double towards = random.uniform() < 0.5 ? -1.0 : 1.0;
  drift_ = towards * sigma_ * regimes[static_cast<std::size_t>(regime_)].drift;
}

/// Both sides are placed anew; sizes remember the last ones, lose what was traded, and lean towards the move.
void SimulatedInstrument::quote(Random& random) {
  const std::uint64_t word = random.bits();
  const auto part = [&](unsigned shift) {
    return static_cast<double>(static_cast<int>((word >> shift) & 0xffffU)) * 0x1p-16;
  };
  const double wanted = mid_ * spread_share_ * std::sqrt(variance_) * (0.5 + part(0));
  const double spread = std::clamp(rounded(wanted), 1.0, rounded(0.5 * mid_));
  bid_ = std::max(std::floor(mid_ - 0.5 * spread + part(16)), 1.0);
  ask_ = bid_ + spread;
  const double lean = std::clamp(0.15 * push_, -0.6, 0.6);
  const double depth = depth_trades * mean_lots_ * 3.0;  // u² has mean 1/3
  bid_lots_ = 0.7 * (bid_lots_ - std::min(taken_bid_, bid_lots_)) + 0.3 * depth * part(32) * part(32) * (1.0 + lean);
  ask_lots_ = 0.7 * (ask_lots_ - std::min(taken_ask_, ask_lots_)) + 0.3 * depth * part(48) * part(48) * (1.0 - lean);
  bid_lots_ = std::floor(bid_lots_) + 1.0;
  ask_lots_ = std::floor(ask_lots_) + 1.0;
  taken_bid_ = taken_ask_ = 0.0;
  shown_[place_of(Column::bid)] = bid_ / ticks_per_unit_;
  shown_[place_of(Column::ask)] = ask_ / ticks_per_unit_;
  shown_[place_of(Column::bid_size)] = bid_lots_ / lots_per_unit_;
  shown_[place_of(Column::ask_size)] = ask_lots_ / lots_per_unit_;
}

void SimulatedInstrument::trade(Random& random) {
  const std::uint64_t word = random.bits();
  const bool is_buy = push_ + 4.0 * (static_cast<double>(static_cast<std::int64_t>(word >> 32U)) * 0x1p-32 - 0.5) > 0.0;
  const bool is_inside = (word & 0xfU) == 0;
  side_ = is_buy ? 1 : -1;
  const double touch = is_buy ? ask_ : bid_;
  last_ = is_inside ? bid_ + std::floor(0.5 * (ask_ - bid_)) : touch;
  const double drawn = random.exponential();
  const double lots = std::floor(0.5 * mean_lots_ * drawn * drawn) + 1.0;
  (is_buy ? taken_ask_ : taken_bid_) += lots;
  mid_ += (is_buy ? 0.05 : -0.05) * (ask_ - bid_);
  mid_ = std::max(mid_, lowest_mid);
  ++trade_id_;
  shown_[place_of(Column::price)] = last_ / ticks_per_unit_;
  shown_[place_of(Column::size)] = lots / lots_per_unit_;
  count_trade(lots / lots_per_unit_);
}

/// Statistics of 24 h forget exponentially: a sum loses dt / 24 h of itself, the extremes close in on the price.
void SimulatedInstrument::count_trade(double size) {
  const double price = last_ / ticks_per_unit_;
  const double forgotten =
      std::min(static_cast<double>(now_ - last_trade_) * (1.0 / static_cast<double>(one_day)), 1.0);
  last_trade_ = now_;
  trades_24h_ += (size > 0.0 ? 1.0 : 0.0) - trades_24h_ * forgotten;
  volume_ += size - volume_ * forgotten;
  notional_ += size * price - notional_ * forgotten;
  open_ += (last_ - open_) * forgotten;
  high_ = std::max(high_ - (high_ - last_) * forgotten, last_);
  low_ = std::min(low_ + (last_ - low_) * forgotten, last_);
  const double high = std::ceil(high_), low = std::floor(low_);
  const double open = std::clamp(rounded(open_), low, high);
  const double per_unit = ticks_per_unit_;
  shown_[place_of(Column::vol_24h)] = rounded(volume_ * lots_per_unit_) / lots_per_unit_;
  shown_[place_of(Column::quote_vol_24h)] = rounded(notional_ * 100.0) / 100.0;
  shown_[place_of(Column::open_24h)] = open / per_unit;
  shown_[place_of(Column::high_24h)] = high / per_unit;
  shown_[place_of(Column::low_24h)] = low / per_unit;
  shown_[place_of(Column::vwap_24h)] =
      volume_ > 0.0 ? std::clamp(notional_ / volume_ * per_unit, low, high) / per_unit : price;
  shown_[place_of(Column::pct_chg_24h)] = 100.0 * (last_ / open - 1.0);
}

}  // namespace millrace
