#include "millrace/engine/research.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/chunk/door.h"
#include "millrace/engine/build_info.h"
#include "millrace/engine/channel.h"
#include "millrace/engine/interrupt.h"
#include "millrace/engine/projection.h"
#include "millrace/engine/row_filter.h"
#include "millrace/engine/state_file.h"
#include "millrace/engine/symbol_filter.h"
#include "millrace/graph/graph.h"

namespace millrace {

namespace {

constexpr std::size_t most_chunks = 4;  // on their way at the same time; each holds some 30 MB of listed-36

/// One chunk on its way through the stages; its memory is used again.
struct Job {
  Chunk chunk;
  FeatureBlock features;
};
using JobPtr = std::unique_ptr<Job>;

class ResearchRun {
 public:
  ResearchRun(const ResearchOptions& options, CrossPlan plan, const OpenSource& open)
      : options_(options),
        source_(open(instruments_, ledger_)),
        door_(ledger_),
        filter_(options.symbols, instruments_),
        graph_(std::move(plan), instruments_, options.threads),
        shown_(graph_.plan()),
        sink_(make_parquet_sink({.path = options.output,
                                 .columns = core_columns_of_output(),
                                 .live_features = features_of_projection(options.projection, shown_),
                                 .codec = options.codec,
                                 .order = options.order,
                                 .is_float32 = options.is_float32,
                                 .threads = options.threads},
                                instruments_)) {
    if (options.has_where) shown_.features.pop_back();
    if (options.has_summary) summary_.emplace(shown_, instruments_);
    door_.select({.instruments = {}, .from = options.from, .to = options.to});
    if (!options.load_state.empty()) load_state(options.load_state, instruments_, door_, graph_);
    for (std::size_t i = 0; i < std::clamp<std::size_t>(options.threads, 2, most_chunks); ++i)
      free_.push(std::make_unique<Job>());
  }

  ResearchResult run() {
    const auto start = std::chrono::steady_clock::now();
    {
      std::optional<Progress> progress;
      if (options_.has_progress) progress.emplace(counters_);
      std::array<std::thread, 2> threads;
      const auto start_and_compute = [&] {  // a thread that cannot be started ends the run as any failure does
        threads[0] = std::thread([this] { stage([this] { read(); }, read_); });
        threads[1] = std::thread([this] { stage([this] { write(); }, free_); });
        compute();
      };
      stage(start_and_compute, written_);
      for (std::thread& thread : threads) {
        if (thread.joinable()) thread.join();
      }
    }
    if (problem_) std::rethrow_exception(problem_);
    filter_.complain_of_unmet();
    for (const Leg& leg : graph_.unmet_legs()) {
      fail(Fault::input, "leg {}: no row of `{}` came in; the input has {}", leg.name, leg.instrument,
           names_of(instruments_));
    }
    stop_if_asked();
    finish();
    ResearchResult result{.ledger = ledger_, .files = source_->files()};
    if (summary_) result.summary = summary_->finish(door_, options_.threads);
    if (summary_ && options_.has_study) result.study = summary_->study(options_.threads);
    result.rows = counters_.rows_written;
    result.left_out = left_out_;
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

 private:
  static ColumnSet core_columns_of_output() {
    return {Column::ts_event, Column::ts_recv, Column::seq, Column::kind, Column::price};
  }

  /// Runs one stage; its end or failure closes what the next one waits for, a failure everything.
  template <class Work>
  void stage(Work&& work, Channel<JobPtr>& next) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!problem_) problem_ = std::current_exception();
      for (Channel<JobPtr>* channel : {&free_, &read_, &written_}) channel->close();
    }
    next.close();
  }

  void read() {
    const ColumnSet wanted = graph_.plan().columns | core_columns | Summary::columns | Door::columns;
    std::size_t jobs = 0;
    while (auto job = free_.pop()) {
      stop_if_asked();
      (*job)->chunk.reset(wanted);
      const bool is_more = source_->next((*job)->chunk);
      if (!is_more && jobs > 0) return;
      filter_.extend(door_.selection().instruments);
      counters_.rows_read += (*job)->chunk.rows();
      counters_.share = source_->progress();
      door_.admit((*job)->chunk);
      ++jobs;
      if (!read_.push(std::move(*job)) || !is_more) return;
    }
  }

  void compute() {
    while (auto job = read_.pop()) {
      stop_if_asked();
      tell_tick_sizes();
      graph_.run((*job)->chunk, (*job)->features);
      if (options_.has_where) left_out_ += where_.apply((*job)->chunk, (*job)->features);
      if (summary_) summary_->observe((*job)->chunk, (*job)->features);
      if (!written_.push(std::move(*job))) return;
    }
  }

  void tell_tick_sizes() {
    for (; told_ < instruments_.size() && !options_.instruments.empty(); ++told_) {
      const Instrument& one = instruments_[told_];
      const auto facts = options_.instruments.find(one.venue + ":" + one.symbol);
      if (facts != options_.instruments.end()) graph_.set_tick_size(told_, facts->second.tick_size);
    }
  }

  void write() {
    while (auto job = written_.pop()) {
      stop_if_asked();
      sink_->write((*job)->chunk, (*job)->features);
      counters_.rows_written += (*job)->chunk.rows();
      free_.push(std::move(*job));  // has room for all jobs; closed only after a failure
    }
  }

  /// The output appears first: a state that is ahead of its output would lose rows.
  void finish() {
    sink_->close(provenance());
    if (!options_.save_state.empty()) save_state(options_.save_state, instruments_, door_, graph_, ledger_.rows_read());
  }

  Provenance provenance() const {
    const Plan& plan = shown_;
    std::string expressions, inputs;
    for (const PlannedFeature& feature : plan.features) {
      expressions += fmt::format("{}{}:{}", expressions.empty() ? "" : ",", json_quoted(feature.name),
                                 json_quoted(feature.expression));
    }
    for (const SourceFile& file : source_->files()) {
      inputs += fmt::format(R"({}{{"path":{},"layout":{},"bytes":{},"rows":{},"modified":{}}})",
                            inputs.empty() ? "" : ",", json_quoted(file.path), json_quoted(file.layout), file.bytes,
                            file.rows, json_quoted(format_time(file.modified)));
    }
    Provenance provenance{{"millrace.schema", "features 1"},
                          {"millrace.profile", plan.profile},
                          {"millrace.expressions", "{" + expressions + "}"},
                          {"millrace.fingerprint", fmt::format("{:016x}", plan.fingerprint)},
                          {"millrace.inputs", "[" + inputs + "]"},
                          {"millrace.ledger", ledger_.to_json()},
                          {"millrace.order", options_.order == RowOrder::time ? "time" : "instrument"},
                          {"millrace.build", std::string(build_id())}};
    if (options_.has_where) provenance.emplace_back("millrace.where", graph_.plan().features.back().expression);
    if (!options_.projection.empty()) provenance.emplace_back("millrace.projection", options_.projection);
    return provenance;
  }

  const ResearchOptions& options_;
  Instruments instruments_;
  Ledger ledger_;
  std::unique_ptr<Source> source_;
  Door door_;
  SymbolFilter filter_;
  CrossGraph graph_;
  Plan shown_;  // what is written
  RowFilter where_;
  std::uint64_t left_out_ = 0;
  std::optional<SummaryCollector> summary_;
  std::unique_ptr<Sink> sink_;
  InstrumentId told_ = 0;  // instruments whose facts the graph knows
  Counters counters_;
  Channel<JobPtr> free_{most_chunks}, read_{most_chunks}, written_{most_chunks};
  std::mutex mutex_;
  std::exception_ptr problem_;
};

}  // namespace

ResearchResult run_research(const ResearchOptions& options, CrossPlan plan, const OpenSource& open) {
  return ResearchRun(options, std::move(plan), open).run();
}

}  // namespace millrace
