#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "millrace/base/random.h"
#include "millrace/chunk/source.h"
#include "millrace/engine/simulated_instrument.h"
#include "millrace/market/instruments.h"

namespace millrace {

/// A market made up from a seed, in canonical rows: for demonstrations, tests and benchmarks. The same options give the
/// same bytes in every build, and fewer rows are the beginning of more. A row costs the same however many there are,
/// and memory depends on the number of symbols alone.
///
/// The venue is `simulated`; its symbols are the 14 default products, then SYM0015-USD and so on. Activity falls as
/// 1 / rank; 14 symbols give 2,000 rows/s, and a symbol has the same rate however many others there are. Moves have a
/// part in common. Rows arrive in order of ts_recv, 1 to 40 ms after ts_event; 1 in 2,000 takes up to 30 ms
/// more, and is late where a newer row of the instrument overtook it. About once in 200,000 rows an instrument reports
/// a gap and is silent for 1 to 10 s.
class SimulatedMarket : public Source {
 public:
  enum class Kinds : std::uint8_t {
    mixed,   // 70 % quotes, 28 % trades, 2 % tickers that restate both with the 24 h statistics
    ticker,  // a trade and a new quote in each row, and no size, as the predecessor's feeds
  };
  struct Options {
    std::uint64_t rows = 1'000'000;
    std::size_t symbols = 14;
    std::uint64_t seed = 1;
    Kinds kinds = Kinds::mixed;
    Nanos start = 1'767'225'600 * one_second;  // 2026-01-01
  };
  static constexpr std::size_t most_symbols = 100'000;

  SimulatedMarket(const Options& options, Instruments& instruments);

  bool next(Chunk& chunk) override;
  ColumnSet columns() const override;
  std::vector<SourceFile> files() const override;
  double progress() const override;

 private:
  struct Member {  // of the market, by rank
    SimulatedInstrument instrument;
    InstrumentId id;
    double seen = 0.0;  // of `level_`
    Nanos latest = 0;   // greatest ts_event; 0 = no row yet
    Nanos silent_until = 0;
    std::uint64_t seq = 0;
    std::uint32_t flags = 0;  // of its next row
  };
  struct Target;

  void make_alias_table();
  std::size_t pick();
  Member& next_member();
  Kind kind_of_row(Member& member, std::uint64_t drawn);
  void write_row(const Target& target, std::size_t row);

  Options options_;
  Random random_;
  std::vector<Member> members_;
  std::vector<std::uint64_t> alias_;  // Walker's method: chance to stay << 32 | the other member
  std::vector<double> unwanted_;      // takes columns the chunk does not hold
  std::uint64_t done_ = 0;
  double mean_gap_ns_ = 0.0;  // between rows, at activity 1
  double activity_ = 1.0, level_ = 0.0;
  double latency_ns_ = 3e6, latency_aim_ns_ = 3e6;
  Nanos now_ = 0, activity_until_ = 0, last_recv_ = 0;
};

}  // namespace millrace
