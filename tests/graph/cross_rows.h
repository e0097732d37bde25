#pragma once

#include "millrace/engine/config.h"
#include "millrace/graph/cross_graph.h"
#include "tests/graph/random_rows.h"

/// Rows of several instruments, by hand or at random, through a CrossGraph.
namespace millrace::testing {

/// One row: a trade at `price`, or a quote where `ask` is given.
struct HandRow {
  InstrumentId instrument;
  double seconds, price, ask = no_value;
};

inline constexpr Nanos hand_start = 1'700'000'000 * one_second;  // a multiple of 100 s

inline Chunk hand_rows(const std::vector<HandRow>& rows) {
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  chunk.resize(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    chunk.clear_row(i);
    const bool is_quote = has_value(rows[i].ask);
    chunk.instrument[i] = rows[i].instrument;
    chunk.ts_event[i] = hand_start + static_cast<Nanos>(std::llround(rows[i].seconds * 1e9));
    chunk.ts_recv[i] = chunk.ts_event[i];
    chunk.seq[i] = i;
    chunk.kind[i] = static_cast<std::uint8_t>(is_quote ? Kind::quote : Kind::trade);
    chunk.f64(is_quote ? Column::bid : Column::price)[i] = rows[i].price;
    if (is_quote) chunk.f64(Column::ask)[i] = rows[i].ask;
  }
  return chunk;
}

/// Random rows with all that derivatives and 24 h statistics bring, `pace` times as slow.
inline Chunk random_market(std::size_t rows, std::uint32_t instruments, std::uint64_t seed, Nanos pace) {
  Chunk chunk = random_rows(rows, instruments, seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  const Nanos start = chunk.ts_event[0];
  for (std::size_t i = 0; i < rows; ++i) {
    chunk.ts_event[i] = start + (chunk.ts_event[i] - start) * pace;
    chunk.ts_recv[i] = chunk.ts_event[i] + 5'000'000;
    chunk.f64(Column::funding_rate)[i] = 1e-4 * uniform(random);
    chunk.f64(Column::funding_interval_s)[i] = 28'800.0;
    chunk.f64(Column::open_interest)[i] = 1000.0 + std::floor(100.0 * uniform(random));
    chunk.f64(Column::quote_vol_24h)[i] = uniform(random) < 0.05 ? no_value : 1e6 * (1.0 + uniform(random));
  }
  return chunk;
}

/// A feature set over instruments with these names, and what it says about rows.
class CrossRun {
 public:
  CrossRun(const FeatureSet& set, const std::vector<std::string>& names) : names_(names), plan_(make_cross_plan(set)) {
    start();
  }

  const CrossPlan& plan() const { return plan_; }
  CrossGraph& graph() { return *graph_; }

  /// From the beginning.
  Bits play(const Chunk& rows, std::size_t chunk_rows) {
    start();
    Bits bits(rows.rows());
    play(rows, 0, rows.rows(), chunk_rows, bits);
    return bits;
  }
  void play(const Chunk& rows, std::size_t from, std::size_t to, std::size_t chunk_rows, Bits& bits) {
    FeatureBlock features;
    for (std::size_t row = from; row < to; row += chunk_rows) {
      const std::size_t count = std::min(chunk_rows, to - row);
      graph_->run(rows_of(rows, row, count), features);
      collect(features, row, bits);
    }
  }
  /// A feature's values by row.
  std::vector<double> values(const Chunk& rows, std::string_view feature) {
    const auto& all = plan_.all->features;
    std::size_t f = 0;
    while (f < all.size() && all[f].name != feature) ++f;
    std::vector<double> values;
    for (const auto& row : play(rows, rows.rows())) values.push_back(std::bit_cast<double>(row.at(f)));
    return values;
  }

  /// Everything known, written down and read by a run that has just begun.
  void restart() {
    Bytes across;
    graph_->save(across);
    std::vector<Bytes> own(graph_->own() == nullptr ? 0 : graph_->own()->instruments());
    for (InstrumentId id = 0; id < own.size(); ++id) graph_->own()->snapshot(id, names_[id], 0, own[id]);
    start();
    for (InstrumentId id = 0; id < own.size(); ++id) graph_->own()->restore(id, names_[id], own[id]);
    graph_->load(across, *instruments_);
  }

 private:
  void start() {
    instruments_ = std::make_unique<Instruments>();
    for (const std::string& name : names_) {
      instruments_->intern(name.substr(0, name.find(':')), name.substr(name.find(':') + 1));
    }
    graph_ = std::make_unique<CrossGraph>(plan_, *instruments_);
  }

  std::vector<std::string> names_;
  CrossPlan plan_;
  std::unique_ptr<Instruments> instruments_;
  std::unique_ptr<CrossGraph> graph_;
};

}  // namespace millrace::testing
