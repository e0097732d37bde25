#include "millrace/engine/simulate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "millrace/base/error.h"

namespace millrace {

namespace {

struct Product {
  std::string_view symbol;
  double price;
};
constexpr std::array<Product, 14> products{{{"BTC-USD", 60'000.0},
                                            {"ETH-USD", 3'000.0},
                                            {"DOGE-USD", 0.15},
                                            {"XRP-USD", 0.6},
                                            {"LTC-USD", 80.0},
                                            {"BCH-USD", 400.0},
                                            {"ADA-USD", 0.45},
                                            {"SOL-USD", 150.0},
                                            {"DOT-USD", 6.0},
                                            {"LINK-USD", 15.0},
                                            {"XLM-USD", 0.11},
                                            {"UNI-USD", 8.0},
                                            {"ALGO-USD", 0.18},
                                            {"POL-USD", 0.55}}};

constexpr double rows_per_s_of_products = 2'000.0;
constexpr double market_sigma = 6e-5;  // of the common log price, per sqrt(second)
constexpr double mean_activity_s = 20.0;
constexpr Nanos one_millisecond = 1'000'000;

/// Rows per second of the most active symbol: activity is 1 / rank, and the products' sum is given.
double rows_per_s_of_first() {
  double sum = 0.0;
  for (std::size_t rank = 0; rank < products.size(); ++rank) sum += 1.0 / static_cast<double>(rank + 1);
  return rows_per_s_of_products / sum;
}

Product product_of(std::size_t rank, Random& random, std::string& name) {
  if (rank < products.size()) return products[rank];
  name = fmt::format("SYM{:04}-USD", rank + 1);
  constexpr std::array<double, 6> levels{0.001, 0.01, 0.1, 1.0, 10.0, 100.0};
  const double level = levels[random.bits() % levels.size()];
  return {name, level * (1.0 + 9.0 * random.uniform())};
}

double share(std::uint64_t bits_16) { return static_cast<double>(static_cast<std::int64_t>(bits_16)) * 0x1p-16; }

}  // namespace

/// Where a chunk keeps what a row holds; columns it does not hold point at scratch memory.
struct SimulatedMarket::Target {
  Chunk& chunk;
  std::array<double*, shown_columns.size()> shown;
  bool has_side, has_trade_id, has_trades_24h;
};

SimulatedMarket::SimulatedMarket(const Options& options, Instruments& instruments)
    : options_(options), random_(options.seed), now_(options.start) {
  if (options.symbols < 1 || options.symbols > most_symbols) {
    fail(Fault::config, "simulated market: expected 1 to {} symbols, was {}", most_symbols, options.symbols);
  }
  members_.reserve(options.symbols);
  const double first = rows_per_s_of_first();
  double rows_per_s = 0.0;
  for (std::size_t rank = 0; rank < options.symbols; ++rank) {
    std::string name;
    const Product product = product_of(rank, random_, name);
    const double own = first / static_cast<double>(rank + 1);
    rows_per_s += own;
    members_.push_back({.instrument = SimulatedInstrument(product.price, rank, own, now_, random_),
                        .id = instruments.intern("simulated", product.symbol)});
  }
  mean_gap_ns_ = 1e9 / rows_per_s;
  make_alias_table();
}

/// Walker's alias method in Vose's order (1991, IEEE Trans. Software Eng. 17): a draw costs the same for any number.
void SimulatedMarket::make_alias_table() {
  const std::size_t count = members_.size();
  std::vector<double> weight(count);
  double sum = 0.0;
  for (std::size_t rank = 0; rank < count; ++rank) sum += weight[rank] = 1.0 / static_cast<double>(rank + 1);
  std::vector<std::size_t> small, large;
  for (std::size_t rank = 0; rank < count; ++rank) {
    weight[rank] *= static_cast<double>(count) / sum;
    (weight[rank] < 1.0 ? small : large).push_back(rank);
  }
  constexpr std::uint64_t always = 0xffff'ffffU;
  alias_.resize(count);
  for (std::size_t rank = 0; rank < count; ++rank) alias_[rank] = always << 32U | rank;
  while (!small.empty() && !large.empty()) {
    const std::size_t less = small.back(), more = large.back();
    small.pop_back();
    alias_[less] = static_cast<std::uint64_t>(weight[less] * 0x1p32) << 32U | more;
    weight[more] -= 1.0 - weight[less];
    if (weight[more] >= 1.0) continue;
    large.pop_back();
    small.push_back(more);
  }
}

std::size_t SimulatedMarket::pick() {
  const std::uint64_t word = random_.bits();
  const std::size_t slot = (word >> 32U) * members_.size() >> 32U;
  const std::uint64_t entry = alias_[slot];
  return (word & 0xffff'ffffU) < entry >> 32U ? slot : entry & 0xffff'ffffU;
}

/// Moves the clock to the next event of an instrument that is not silent.
SimulatedMarket::Member& SimulatedMarket::next_member() {
  while (true) {
    if (now_ >= activity_until_) {
      const double drawn = random_.uniform();  // mean 1 over time
      activity_ = drawn < 0.6 ? 0.5 : drawn < 0.85 ? 1.0 : 3.0;
      activity_until_ = now_ + static_cast<Nanos>(1e9 * mean_activity_s * random_.exponential());
    }
    const double gap_ns = random_.exponential() * mean_gap_ns_ / activity_;
    now_ += static_cast<Nanos>(gap_ns);
    level_ += market_sigma * (0.7 + 0.3 * activity_) * std::sqrt(gap_ns * 1e-9) * random_.gaussian();
    Member& member = members_[pick()];
    if (now_ >= member.silent_until) return member;
  }
}

Kind SimulatedMarket::kind_of_row(Member& member, std::uint64_t drawn) {
  constexpr double gaps = 1.0 / 200'000.0;
  const bool is_gap = static_cast<double>(static_cast<std::int64_t>(drawn >> 32U)) * 0x1p-32 < gaps;
  if (is_gap && member.latest != 0) {
    member.silent_until = now_ + one_second + static_cast<Nanos>(9e9 * random_.uniform());
    if (options_.kinds == Kinds::mixed) return Kind::gap;
  }
  if (options_.kinds == Kinds::ticker) return Kind::ticker;
  const double kind = share(drawn & 0xffffU);
  return kind < 0.70 || member.latest == 0 ? Kind::quote : kind < 0.98 ? Kind::trade : Kind::ticker;
}

void SimulatedMarket::write_row(const Target& target, std::size_t row) {
  Member& member = next_member();
  SimulatedInstrument& instrument = member.instrument;
  instrument.advance(now_, level_ - member.seen, random_);
  member.seen = level_;
  const std::uint64_t drawn = random_.bits();
  const Kind kind = kind_of_row(member, drawn);
  if (kind == Kind::trade || (kind == Kind::ticker && options_.kinds == Kinds::ticker)) instrument.trade(random_);
  if (kind == Kind::quote || kind == Kind::ticker) instrument.quote(random_);

  constexpr double delayed = 1.0 / 2'000.0;
  const std::uint64_t delay = drawn >> 16U & 0xffffU;
  Nanos ts_event = now_;
  if (share(delay) < delayed && member.latest != 0) {
    ts_event -= one_millisecond + static_cast<Nanos>(delay) * 900'000;
  }
  if ((drawn & 0xff00U) == 0) {
    const double u = random_.uniform();
    latency_aim_ns_ = 1e6 + 39e6 * u * u * u;
  }
  latency_ns_ += (latency_aim_ns_ - latency_ns_) * (1.0 / 64.0);
  last_recv_ = std::max(last_recv_, now_ + static_cast<Nanos>(latency_ns_));

  const bool is_trade = kind == Kind::trade;
  Chunk& chunk = target.chunk;
  chunk.instrument[row] = member.id;
  chunk.place[row].source = 0;
  chunk.place[row].row = (done_ + row + 1) & 0xffff'ffff'ffffU;
  chunk.ts_event[row] = ts_event;
  chunk.ts_recv[row] = last_recv_;
  chunk.seq[row] = ++member.seq;
  chunk.kind[row] = static_cast<std::uint8_t>(kind);
  chunk.flags[row] = member.flags | (member.latest == 0 ? flag_snapshot : 0U);
  if (target.has_side) chunk.side[row] = is_trade ? instrument.side() : std::int8_t{0};
  if (target.has_trade_id) chunk.trade_id[row] = is_trade ? instrument.trade_id() : no_u64;
  if (target.has_trades_24h) chunk.n_trades_24h[row] = instrument.trades_24h();
  for (std::size_t i = 0; i < shown_columns.size(); ++i) target.shown[i][row] = instrument.shown()[i];
  if (!is_trade) target.shown[1][row] = no_value;

  member.flags = 0;
  member.latest = std::max(member.latest, ts_event);
  if (now_ < member.silent_until) {
    member.flags = flag_gap_before;
    member.seq += 1 + (drawn & 0x3fU);
  }
}

bool SimulatedMarket::next(Chunk& chunk) {
  const auto rows = static_cast<std::size_t>(std::min<std::uint64_t>(options_.rows - done_, chunk.most_rows));
  chunk.resize(rows);
  unwanted_.resize(rows);
  Target target{chunk,
                {},
                chunk.columns.has(Column::side),
                chunk.columns.has(Column::trade_id),
                chunk.columns.has(Column::n_trades_24h)};
  for (std::size_t i = 0; i < shown_columns.size(); ++i) {
    target.shown[i] = chunk.columns.has(shown_columns[i]) ? chunk.f64(shown_columns[i]) : unwanted_.data();
  }
  static_assert(shown_columns[1] == Column::size);
  for_each_column(chunk, [&](Column column, auto& values, auto none) {
    using Value = typename std::remove_reference_t<decltype(values)>::value_type;
    if (!columns().has(column)) std::fill(values.begin(), values.end(), static_cast<Value>(none));
  });
  for (std::size_t row = 0; row < rows; ++row) write_row(target, row);
  done_ += rows;
  return rows > 0;
}

ColumnSet SimulatedMarket::columns() const {
  ColumnSet columns = core_columns | ColumnSet{Column::side, Column::trade_id, Column::n_trades_24h};
  for (const Column column : shown_columns) columns.add(column);
  return columns;
}

std::vector<SourceFile> SimulatedMarket::files() const {
  return {{.path = fmt::format("simulated market of {} symbols, seed {}", options_.symbols, options_.seed),
           .layout = options_.kinds == Kinds::mixed ? "canonical" : "canonical tickers",
           .rows = options_.rows}};
}

double SimulatedMarket::progress() const {
  return options_.rows == 0 ? 1.0 : static_cast<double>(done_) / static_cast<double>(options_.rows);
}

}  // namespace millrace
