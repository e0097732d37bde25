#pragma once

#include <map>
#include <optional>

#include "millrace/graph/cross_plan.h"
#include "millrace/graph/graph.h"

namespace millrace {

/// One plan over several instruments, played over their rows in the order in which they come.
class Stream {
 public:
  /// `facts` are those of the plan's legs.
  Stream(const Program& program, BlockRunner& runner, std::vector<InstrumentFacts> facts);
  Stream(const Stream& other);  // the same history
  Stream& operator=(const Stream&) = delete;

  /// Plays the chunk's rows `rows`, of the legs `legs`, and puts the values of those where feature f's leg is among
  /// them into `columns[f]`, which are in the chunk's order.
  void run(const Chunk& chunk, const std::vector<std::uint32_t>& rows, const std::vector<LegSet>& legs,
           std::vector<FeatureColumn>& columns);

  /// Legs that have had a row.
  LegSet begun() const;
  void set_facts(std::size_t leg, const InstrumentFacts& facts) { facts_[leg] = facts; }

  std::byte* state() { return state_.data(); }
  const std::byte* state() const { return state_.data(); }

 private:
  const Program& program_;
  BlockRunner& runner_;
  std::vector<InstrumentFacts> facts_;  // by leg
  AlignedVector<std::byte> state_;
};

/// A feature set over several instruments: what one instrument tells of itself, of itself beside configured ones (its
/// legs), of these among themselves, and of all together. Rows go in as a Graph takes them; the features that come out
/// lie as a Graph lays them.
class CrossGraph {
 public:
  CrossGraph(CrossPlan plan, const Instruments& instruments, std::size_t threads = 1);

  const Plan& plan() const { return *plan_.all; }
  const CrossPlan& parts() const { return plan_; }
  /// The part that looks at one instrument; nullptr where the set has none.
  Graph* own() { return own_ ? &*own_ : nullptr; }
  const Graph* own() const { return own_ ? &*own_ : nullptr; }

  void run(const Chunk& chunk, FeatureBlock& features);

  /// Price steps of the venue, for `tick=instrument`. To be said before the instrument's first row.
  void set_tick_size(InstrumentId id, double tick_size) {
    if (own_) own_->set_tick_size(id, tick_size);
  }

  /// Configured legs that features need and no row has come of, by name.
  std::vector<Leg> unmet_legs() const;

  /// Everything but the own graph's state.
  void save(Bytes& out) const;
  /// Takes what `save` wrote, for instruments that `instruments` knows. Throws Error(Fault::state) with the reason.
  void load(std::span<const std::byte> bytes, Instruments& instruments);

 private:
  struct Part {
    Program program;
    std::optional<BlockRunner> runner;
    std::vector<FeatureColumn> columns;  // by feature, in the chunk's order

    explicit Part(std::shared_ptr<const Plan> plan);
    void clear(std::size_t rows);
  };
  struct Members {
    std::vector<std::uint32_t> group;  // by instrument
    std::map<std::string, std::uint32_t, std::less<>> names;
  };

  std::vector<InstrumentFacts> facts_of(const Part& part) const;
  void add_row_stream(InstrumentId id);
  void tell_expiries();
  LegSet legs_of(const Part& part, InstrumentId id) const;
  void find_legs(const Part& part, const Chunk& chunk);
  void run_fixed(const Chunk& chunk);
  void run_rows(const Chunk& chunk);
  void run_row_stream(const Chunk& chunk, Stream& stream, InstrumentId id);
  void run_universes(const Chunk& chunk, const FeatureBlock& own);
  std::uint32_t group_of(Peers peers, InstrumentId id);
  void lay_out(const Chunk& chunk, FeatureBlock& own, FeatureBlock& features);
  void load_streams(ByteReader& reader, Instruments& instruments);

  CrossPlan plan_;
  const Instruments& instruments_;
  std::optional<Graph> own_;
  FeatureBlock own_features_;
  std::optional<Part> row_, fixed_;
  std::optional<Stream> fixed_stream_;
  std::optional<Stream> template_;                    // a row stream whose own instrument has not appeared
  std::vector<std::unique_ptr<Stream>> row_streams_;  // by instrument
  std::vector<std::unique_ptr<Universe>> universes_;
  std::vector<FeatureColumn> universe_columns_;
  std::array<Members, 3> members_;  // by Peers
  Nanos universe_clock_ = no_time;
  InstrumentId told_ = 0;         // instruments whose expiry the own graph knows
  std::vector<LegSet> leg_sets_;  // by instrument, of the part at hand
  std::vector<std::uint32_t> leg_rows_, rows_;
  std::vector<LegSet> legs_;
};

}  // namespace millrace
