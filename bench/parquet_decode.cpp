// How fast canonical Parquet becomes chunks: 15 numeric columns besides venue and symbol, one thread.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/io/parquet_sink.h"
#include "millrace/io/parquet_source.h"

namespace {

using namespace millrace;

constexpr std::size_t chunks = 64;
constexpr ColumnSet columns{Column::ts_event, Column::ts_recv, Column::seq,           Column::kind,     Column::price,
                            Column::size,     Column::side,    Column::bid,           Column::bid_size, Column::ask,
                            Column::ask_size, Column::vol_24h, Column::quote_vol_24h, Column::open_24h, Column::flags};

/// Prices walk in ticks, sizes are cut to 1e-5, as venues print them.
void fill(Chunk& chunk, std::mt19937_64& random, double& price, Nanos& time, InstrumentId instruments) {
  chunk.reset(columns);
  chunk.resize(default_chunk_rows);
  for (std::size_t row = 0; row < chunk.rows(); ++row) {
    chunk.clear_row(row);
    time += static_cast<Nanos>(random() % 2'000'000);
    price += 0.01 * (static_cast<double>(random() % 3) - 1.0);
    chunk.instrument[row] = static_cast<InstrumentId>(random() % instruments);
    chunk.ts_event[row] = time;
    chunk.ts_recv[row] = time + 1'000'000;
    chunk.seq[row] = static_cast<std::uint64_t>(time / 1000);
    chunk.kind[row] = static_cast<std::uint8_t>(random() % 2);
    chunk.side[row] = random() % 2 == 0 ? 1 : -1;
    for (const Column column : {Column::price, Column::bid, Column::ask, Column::open_24h})
      chunk.f64(column)[row] = price;
    for (const Column column :
         {Column::size, Column::bid_size, Column::ask_size, Column::vol_24h, Column::quote_vol_24h}) {
      chunk.f64(column)[row] = static_cast<double>(random() % 1'000'000) * 1e-5;
    }
  }
}

double write(const std::string& path, Codec codec) {
  Instruments instruments;
  for (int i = 0; i < 14; ++i) instruments.intern("coinbase", fmt::format("A{}-USD", i));
  const auto sink = make_parquet_sink({.path = path, .columns = columns, .codec = codec}, instruments);
  std::mt19937_64 random(7);
  double price = 60'000.0, sum = 0.0;
  Nanos time = 1'700'000'000'000'000'000;
  Chunk chunk;
  FeatureBlock none;
  for (std::size_t i = 0; i < chunks; ++i) {
    fill(chunk, random, price, time, 14);
    for (std::size_t row = 0; row < chunk.rows(); ++row) sum += chunk.f64(Column::bid_size)[row];
    none.order.resize(chunk.rows());
    for (std::size_t row = 0; row < chunk.rows(); ++row) none.order[row] = static_cast<std::uint32_t>(row);
    sink->write(chunk, none);
  }
  sink->close({});
  return sum;
}

double read(const std::string& path, std::size_t& rows) {
  Instruments instruments;
  Ledger ledger;
  const auto source = open_parquet(path, ledger.add_source(path), instruments, ledger);
  Chunk chunk;
  chunk.reset(columns);
  double sum = 0.0;
  for (rows = 0; source->next(chunk); rows += chunk.rows()) {
    for (std::size_t row = 0; row < chunk.rows(); ++row) sum += chunk.f64(Column::bid_size)[row];
  }
  return sum;
}

}  // namespace

int main() {
  const std::string path = (std::filesystem::temp_directory_path() / "millrace-decode.parquet").string();
  for (const auto& [codec, name] : {std::pair{Codec::lz4, "lz4"}, std::pair{Codec::zstd, "zstd"}}) {
    const double expected = write(path, codec);
    std::size_t rows = 0;
    if (read(path, rows) != expected) {
      fmt::print("wrong sum\n");
      return EXIT_FAILURE;
    }
    double best = 0.0;
    for (int round = 0; round < 5; ++round) {
      const std::clock_t start = std::clock();  // of this process: other load does not count
      read(path, rows);
      const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
      best = std::max(best, static_cast<double>(rows) / seconds);
    }
    fmt::print("parquet_decode {}: {:.1f} M rows per CPU-second, {} rows, {} MB\n", name, best / 1e6, rows,
               std::filesystem::file_size(path) / 1'000'000);
  }
  std::filesystem::remove(path);
}
