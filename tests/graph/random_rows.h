#pragma once

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "millrace/chunk/chunk.h"
#include "millrace/chunk/sink.h"
#include "millrace/graph/graph.h"

/// Rows of several instruments as no market would send them, and the graph's answers as bits.
namespace millrace::testing {

/// What a perpetual tells: payments each minute, told somewhat late, now and then nothing.
inline void tell_funding(Chunk& chunk, std::size_t row, double mid) {
  const Nanos minute = 60 * one_second, known = chunk.ts_event[row] - 3 * one_second / 2;
  const auto minutes = static_cast<std::uint64_t>(known / minute);
  chunk.next_funding_ns[row] = row % 31 == 3 ? no_time : (known / minute + 1) * minute;
  chunk.f64(Column::funding_rate)[row] = row % 47 == 5 ? no_value : 1e-4 * (static_cast<double>(minutes % 7) - 3.0);
  chunk.f64(Column::funding_interval_s)[row] = minutes % 5 == 0 ? no_value : minutes % 3 == 0 ? 30.0 : 60.0;
  chunk.f64(Column::mark_price)[row] = row % 41 == 7 ? no_value : mid + 0.01 * static_cast<double>(row % 3);
  chunk.f64(Column::index_price)[row] = row % 43 == 9 ? no_value : mid - 0.01 * static_cast<double>(row % 4);
}

/// Every kind of row, ties, jumps, nulls, one-sided books, equal and late times. Rows are as behind the door.
inline Chunk random_rows(std::size_t rows, std::uint32_t instruments, std::uint64_t seed, double null_share = 0.03) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform;
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  chunk.resize(rows);
  std::vector<double> middle(instruments, 60'000.0);
  Nanos now = 1'700'000'000'123'456'789;
  const auto or_null = [&](double value) { return uniform(random) < null_share ? no_value : value; };
  for (std::size_t i = 0; i < rows; ++i) {
    chunk.clear_row(i);
    const auto id = static_cast<InstrumentId>(std::floor(uniform(random) * uniform(random) * instruments));
    const double share = uniform(random);
    double& mid = middle[id];
    if (uniform(random) < 0.6) mid += std::round(20.0 * (uniform(random) - 0.5)) * 0.01;
    if (uniform(random) < 0.002) mid *= uniform(random) < 0.5 ? 1.1 : 1.0 / 1.1;
    now += static_cast<Nanos>(uniform(random) < 0.3 ? 0.0 : uniform(random) * (share > 0.997 ? 40e9 : 0.3e9));
    const Kind kind = share < 0.4    ? Kind::quote
                      : share < 0.75 ? Kind::trade
                      : share < 0.95 ? Kind::ticker
                      : share < 0.97 ? Kind::funding
                                     : Kind::gap;
    chunk.instrument[i] = id;
    chunk.ts_event[i] = now - (uniform(random) < 0.02 ? 2'000'000'000 : 0);
    chunk.ts_recv[i] = i % 23 == 11 ? no_time : now + 5'000'000 + static_cast<Nanos>(i * i % 101) * 1'000;
    chunk.seq[i] = i;
    chunk.kind[i] = static_cast<std::uint8_t>(kind);
    chunk.f64(Column::price)[i] = or_null(mid);
    chunk.f64(Column::bid)[i] = or_null(mid - 0.01 * std::floor(uniform(random) * 3.0));
    chunk.f64(Column::ask)[i] = or_null(mid + 0.01 * std::floor(uniform(random) * 3.0));
    chunk.f64(Column::bid_size)[i] = or_null(std::floor(uniform(random) * 8.0) * 0.25);
    chunk.f64(Column::ask_size)[i] = or_null(std::floor(uniform(random) * 8.0) * 0.25);
    chunk.f64(Column::vol_24h)[i] = or_null(100.0 + 50.0 * uniform(random));
    tell_funding(chunk, i, mid);
    if (kind == Kind::trade) {
      if (i % 29 != 0) chunk.trade_id[i] = 1000 + i - (i % 5 == 0 ? i % 37 : 0);  // some of them twice
      chunk.f64(Column::size)[i] = or_null(0.1 + uniform(random));
      chunk.side[i] = uniform(random) < 0.1 ? 0 : uniform(random) < 0.5 ? 1 : -1;
    }
  }
  return chunk;
}

inline Chunk rows_of(const Chunk& all, std::size_t first, std::size_t count) {
  Chunk part;
  part.reset(all.columns);
  part.append(all, first, count);
  return part;
}

/// Features by row of the input, as bits, so that a NaN equals itself.
using Bits = std::vector<std::vector<std::uint64_t>>;

inline void collect(const FeatureBlock& features, std::size_t first_row, Bits& bits) {
  for (std::size_t i = 0; i < features.order.size(); ++i) {
    std::vector<std::uint64_t>& row = bits[first_row + features.order[i]];
    for (const FeatureColumn& column : features.columns) {
      std::uint64_t value = 0;
      if (is_integer(column.type)) {
        value = std::bit_cast<std::uint64_t>(column.integers[i]);
      } else if (column.type == ValueType::flag) {
        value = static_cast<std::uint8_t>(column.flags[i]);
      } else {
        std::memcpy(&value, &column.values[i], sizeof value);
        if (std::isnan(column.values[i])) value = 0x7ff8000000000000U;
      }
      row.push_back(value);
    }
  }
}

/// Feeds rows [first, last) in chunks of `chunk_rows`.
inline void feed(Graph& graph, const Chunk& all, std::size_t first, std::size_t last, std::size_t chunk_rows,
                 Bits& bits) {
  FeatureBlock features;
  for (std::size_t row = first; row < last; row += chunk_rows) {
    const std::size_t count = std::min(chunk_rows, last - row);
    graph.run(rows_of(all, row, count), features);
    collect(features, row, bits);
  }
}

inline Bits answers(const std::shared_ptr<const Plan>& plan, const Chunk& all, std::size_t chunk_rows,
                    std::size_t threads = 1) {
  Graph graph(plan, threads);
  Bits bits(all.rows());
  feed(graph, all, 0, all.rows(), chunk_rows, bits);
  return bits;
}

}  // namespace millrace::testing
