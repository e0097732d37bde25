#include <cmath>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "millrace/engine/config.h"
#include "millrace/engine/feature_stream.h"
#include "millrace/engine/simulate.h"
#include "millrace/io/parquet_source.h"

/// A feature set over rows in memory, with the features kept in the order of the rows: what `millrace.features` does in
/// Python, as a C++ caller would write it. One thread. With a Parquet file and repetitions it tells seconds and a sum
/// of all bits as JSON, for bench/features_python.py.
namespace {

using millrace::Chunk;

constexpr const char* profile = "listed-36";

struct Rows {
  std::vector<Chunk> chunks;  // as read, before the door
  std::size_t count = 0;
};

Rows rows_of(millrace::Source& source) {
  Rows rows;
  const millrace::ColumnSet wanted = millrace::FeatureStream(millrace::load_profile(profile)).wanted();
  Chunk chunk;
  chunk.reset(wanted);
  while (source.next(chunk)) {
    rows.count += chunk.rows();
    rows.chunks.push_back(chunk);
    chunk.reset(wanted);
  }
  return rows;
}

/// Features of some rows, column by column in the order of the rows.
struct Kept {
  std::vector<millrace::AlignedVector<double>> values;
  std::vector<millrace::AlignedVector<std::int8_t>> flags;
  millrace::AlignedVector<millrace::Nanos> event, received;
  millrace::AlignedVector<millrace::InstrumentId> instrument;
  millrace::AlignedVector<std::uint64_t> seq;
  millrace::AlignedVector<std::uint8_t> kind;
  millrace::AlignedVector<double> price;
};

void keep(const Chunk& chunk, const millrace::FeatureBlock& features, std::vector<Kept>& kept) {
  Kept part{.event = chunk.ts_event,
            .received = chunk.ts_recv,
            .instrument = chunk.instrument,
            .seq = chunk.seq,
            .kind = chunk.kind,
            .price = chunk.doubles[static_cast<std::size_t>(millrace::Column::price)]};
  const auto put = [&](const auto& from, auto& columns) {
    auto& to = columns.emplace_back();
    to.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) to[features.order[i]] = from[i];
  };
  for (const millrace::FeatureColumn& column : features.columns) {
    if (column.type == millrace::ValueType::flag) {
      put(column.flags, part.flags);
    } else {
      put(column.values, part.values);
    }
  }
  kept.push_back(std::move(part));
}

std::uint64_t sum_of_bits(const std::vector<Kept>& kept) {
  std::uint64_t sum = 0;
  for (const Kept& part : kept) {
    for (const auto& column : part.values) {
      for (const double value : column) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        if (!std::isnan(value)) sum += bits;
      }
    }
    for (const auto& column : part.flags) {
      for (const std::int8_t flag : column) sum += flag == millrace::no_flag ? 0 : static_cast<std::uint64_t>(flag);
    }
  }
  return sum;
}

double seconds_of(const Rows& rows, std::uint64_t& sum) {
  const std::clock_t start = std::clock();
  millrace::FeatureStream stream(millrace::load_profile(profile));
  Chunk chunk;
  millrace::FeatureBlock features;
  std::vector<Kept> kept;
  for (const Chunk& given : rows.chunks) {
    chunk = given;
    stream.run(chunk, features);
    keep(chunk, features, kept);
  }
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  sum = sum_of_bits(kept);
  return seconds;
}

void simulate(millrace::SimulatedMarket::Kinds kinds, const char* name) {
  millrace::Instruments instruments;
  millrace::SimulatedMarket market({.rows = 1'000'000, .symbols = 14, .seed = 7, .kinds = kinds}, instruments);
  const Rows rows = rows_of(market);
  std::uint64_t first = 0, sum = 0;
  double best = seconds_of(rows, first);
  for (int i = 0; i < 6; ++i) {
    best = std::min(best, seconds_of(rows, sum));
    if (sum != first) throw std::runtime_error("two runs differ");
  }
  fmt::print("{:<24}{:>8.2f} M rows/s\n", name, static_cast<double>(rows.count) / best / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 3) {
      simulate(millrace::SimulatedMarket::Kinds::mixed, "quotes and trades");
      simulate(millrace::SimulatedMarket::Kinds::ticker, "tickers");
      return 0;
    }
    millrace::Instruments instruments;
    millrace::Ledger ledger;
    const auto source = millrace::open_parquet(argv[1], ledger.add_source(argv[1]), instruments, ledger);
    const Rows rows = rows_of(*source);
    std::uint64_t sum = 0;
    std::string seconds;
    for (int i = 0; i < std::stoi(argv[2]); ++i) {
      seconds += fmt::format("{}{}", i == 0 ? "" : ",", seconds_of(rows, sum));
    }
    fmt::print(R"({{"rows":{},"sum":{},"seconds":[{}]}})", rows.count, sum, seconds);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench/features_memory: {}\n", error.what());
    return 1;
  }
}
