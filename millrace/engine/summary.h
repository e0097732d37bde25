#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "millrace/base/workers.h"
#include "millrace/chunk/door.h"
#include "millrace/chunk/sink.h"
#include "millrace/graph/plan.h"

namespace millrace {

/// Horizons of the returns that features are compared with, in event time.
inline constexpr std::array<Nanos, 4> summary_horizons{one_second, 10 * one_second, 60 * one_second, 300 * one_second};
using ByHorizon = std::array<double, summary_horizons.size()>;

struct FeatureStudy;
struct StudiedFeature;
struct StudiedRows;

/// One feature of one instrument, over the sampled rows. NaN where there are too few values.
struct FeatureSummary {
  std::uint64_t values = 0, nulls = 0;
  double mean = no_value, sd = no_value;
  double min = no_value, lower = no_value, median = no_value, upper = no_value, max = no_value;  // quartiles: type 7
  ByHorizon correlation{no_value, no_value, no_value, no_value};  // with the next mid return
};

struct InstrumentSummary {
  std::string venue, symbol;
  std::uint64_t rows = 0, rejected = 0, sampled = 0;
  Nanos first = no_time, last = no_time, longest_gap = 0;
  std::vector<FeatureSummary> features;
};

/// A feature without a value on any row, and what the input lacks that explains it: capabilities (`trades`, `quotes`,
/// `stats24h`), columns without a value, and, where no column is to blame, kinds of rows that never came.
struct EmptyFeature {
  std::string name;
  std::vector<std::string> missing_capabilities, missing_columns, missing_kinds;
};

/// What a run says at its end: a look for what predicts. Forward returns are computed from the data behind the row;
/// they are never a feature.
struct Summary {
  static constexpr ColumnSet columns{Column::bid, Column::ask};  // read for the mid

  std::vector<std::string> features;
  std::vector<InstrumentSummary> instruments;
  std::vector<EmptyFeature> empty;
  std::uint64_t rows = 0, sampled = 0, stride = 1;  // every stride-th row of each instrument is in the sample

  std::string to_text(std::size_t most_instruments) const;
  std::string to_json() const;
};

/// Watches the rows go by. Counts, spans and gaps are of all rows; distributions are of a sample whose size is bounded
/// and which is spread evenly over the run.
class SummaryCollector {
 public:
  static constexpr std::size_t most_rows = 1'000'000;
  static constexpr std::size_t most_values = 4'000'000;  // doubles: 32 MB

  SummaryCollector(const Plan& plan, const Instruments& instruments);

  /// `features` are the chunk's, clustered by instrument.
  void observe(const Chunk& chunk, const FeatureBlock& features);

  Summary finish(const Door& door, std::size_t threads);

  /// A closer look at the same sample; see feature_study.h.
  FeatureStudy study(std::size_t threads) const;

 private:
  /// Rows of the sample that still wait for their return, oldest first.
  struct Waiting {
    std::vector<std::uint32_t> rows;
    std::size_t next = 0;
  };
  struct Track {
    std::uint64_t rows = 0;
    Nanos first = no_time, last = no_time, longest_gap = 0;
    double mid = no_value;
    std::array<Waiting, summary_horizons.size()> waiting;
  };
  struct Sample {
    InstrumentId instrument;
    std::uint64_t row;  // of the instrument
    Nanos clock;
    double mid;
    ByHorizon later_mid;
  };

  void settle(Track& track, Nanos clock);
  void take(InstrumentId id, Track& track, const FeatureBlock& features, std::size_t row);
  void thin_out();
  FeatureSummary describe(const std::vector<std::uint32_t>& rows, std::size_t feature) const;
  StudiedRows rows_of(const std::vector<std::uint32_t>& places) const;
  std::vector<StudiedFeature> study(const std::vector<std::uint32_t>& places, const StudiedRows& rows, bool is_detailed,
                                    Workers& workers) const;
  void correlate(const std::vector<std::vector<std::uint32_t>>& places, FeatureStudy& study) const;
  void find_empty(Summary& summary) const;
  EmptyFeature explain(const PlannedFeature& feature) const;
  KindSet kinds_missed(const PlannedFeature& feature) const;

  const Plan& plan_;
  const Instruments& instruments_;
  std::vector<Track> tracks_;  // by InstrumentId
  std::vector<Sample> samples_;
  std::vector<double> values_;  // sample by sample
  std::size_t limit_;
  std::uint64_t stride_ = 1;
  ColumnSet columns_seen_;  // with a value on some row
  KindSet kinds_seen_ = 0;
};

}  // namespace millrace
