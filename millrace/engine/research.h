#pragma once

#include <memory>
#include <string>
#include <vector>

#include "millrace/chunk/ledger.h"
#include "millrace/chunk/source.h"
#include "millrace/engine/feature_study.h"
#include "millrace/engine/progress.h"
#include "millrace/engine/summary.h"
#include "millrace/graph/cross_plan.h"
#include "millrace/io/instrument_table.h"
#include "millrace/io/parquet_sink.h"

namespace millrace {

struct ResearchOptions {
  std::string output;                // a .parquet file
  std::vector<std::string> symbols;  // "BTC-USD" or "coinbase:BTC-USD"; empty = all
  Nanos from = no_time, to = no_time;
  std::size_t threads = 1;
  RowOrder order = RowOrder::instrument;
  bool is_float32 = false;
  std::string projection;  // of the output, by name; empty = every column
  Codec codec = Codec::lz4;
  bool has_where = false;              // the last feature says which rows are written; see row_filter.h
  InstrumentTable instruments;         // what is known of them; may be empty
  std::string save_state, load_state;  // files; empty = none
  bool has_progress = true;
  bool has_summary = true;  // without, the result's summary is empty and the run a little faster
  bool has_study = false;   // for a report; asks for a summary
};

struct ResearchResult {
  Ledger ledger;
  std::vector<SourceFile> files;
  Summary summary;
  FeatureStudy study;
  std::uint64_t rows = 0, left_out = 0;  // written, and dropped by --where
  double seconds = 0.0;
};

/// Opens the run's input; the instruments and the ledger are the run's own.
using OpenSource = std::function<std::unique_ptr<Source>(Instruments&, Ledger&)>;

/// History to features: reads, checks, computes and writes at the same time, in memory that does not grow with the
/// input. Reader, graph and writer are three stages with at most `chunks_in_flight` chunks between them. The result
/// does not depend on `threads`.
ResearchResult run_research(const ResearchOptions& options, CrossPlan plan, const OpenSource& open);

}  // namespace millrace
