#include "millrace/graph/cross_graph.h"

#include <algorithm>
#include <cstring>

#include "millrace/base/error.h"
#include "millrace/market/symbols.h"

namespace millrace {

namespace {

void resize(FeatureColumn& column, std::size_t rows) {
  column.values.assign(column.type == ValueType::number ? rows : 0, no_value);
  column.flags.assign(column.type == ValueType::flag ? rows : 0, no_flag);
  column.integers.assign(is_integer(column.type) ? rows : 0, no_time);
}

/// Row `from` of one column to row `to` of another of its type.
void copy_value(const FeatureColumn& source, std::size_t from, FeatureColumn& target, std::size_t to) {
  if (source.type == ValueType::number) {
    target.values[to] = source.values[from];
  } else if (source.type == ValueType::flag) {
    target.flags[to] = source.flags[from];
  } else {
    target.integers[to] = source.integers[from];
  }
}

FeatureColumn column_of(const PlannedFeature& feature) { return {.name = feature.name, .type = feature.type}; }

}  // namespace

Stream::Stream(const Program& program, BlockRunner& runner, std::vector<InstrumentFacts> facts)
    : program_(program), runner_(runner), facts_(std::move(facts)) {
  state_.resize(program.state_bytes);
  start_state(program, state_.data());
}

Stream::Stream(const Stream& other)
    : program_(other.program_), runner_(other.runner_), facts_(other.facts_), state_(other.state_) {}

LegSet Stream::begun() const {
  const auto* clocks = reinterpret_cast<const InstrumentClock*>(state_.data());
  LegSet legs = 0;
  for (std::size_t leg = 0; leg < program_.plan->legs.size(); ++leg) {
    if (clocks[leg].rows > 0) legs = static_cast<LegSet>(legs | 1U << leg);
  }
  return legs;
}

void Stream::run(const Chunk& chunk, const std::vector<std::uint32_t>& rows, const std::vector<LegSet>& legs,
                 std::vector<FeatureColumn>& columns) {
  std::vector<FeatureColumn> block;  // of one block of rows
  std::vector<BlockOutput> outputs;
  for (const PlannedFeature& feature : program_.plan->features) {
    resize(block.emplace_back(column_of(feature)), block_rows);
  }
  for (FeatureColumn& column : block) {
    outputs.push_back({column.values.data(), column.flags.data(), column.integers.data()});
  }
  runner_.write_to(outputs);
  LegSet known = begun();
  for (std::size_t from = 0, count = 0; from < rows.size(); from += count) {
    // A leg's first row begins a block: before it the legs have no first row together.
    known = static_cast<LegSet>(known | legs[from]);
    count = 1;
    while (count < block_rows && from + count < rows.size() && (legs[from + count] & ~known) == 0) ++count;
    runner_.run(chunk, rows.data() + from, count, state_.data(), 0, facts_.data(), legs.data() + from);
    for (std::size_t f = 0; f < block.size(); ++f) {
      const std::size_t leg = program_.plan->features[f].leg;
      for (std::size_t i = 0; i < count; ++i) {
        if ((legs[from + i] >> leg & 1U) != 0) copy_value(block[f], i, columns[f], rows[from + i]);
      }
    }
  }
}

CrossGraph::Part::Part(std::shared_ptr<const Plan> plan) : program(make_program(std::move(plan))) {
  runner.emplace(program);
  for (const PlannedFeature& feature : program.plan->features) columns.push_back(column_of(feature));
}

void CrossGraph::Part::clear(std::size_t rows) {
  for (FeatureColumn& column : columns) resize(column, rows);
}

CrossGraph::CrossGraph(CrossPlan plan, const Instruments& instruments, std::size_t threads)
    : plan_(std::move(plan)), instruments_(instruments) {
  if (plan_.own != nullptr) own_.emplace(plan_.own, threads);
  if (plan_.row != nullptr) {
    row_.emplace(plan_.row);
    template_.emplace(row_->program, *row_->runner, facts_of(*row_));
  }
  if (plan_.fixed != nullptr) {
    fixed_.emplace(plan_.fixed);
    fixed_stream_.emplace(fixed_->program, *fixed_->runner, facts_of(*fixed_));
  }
  for (const PlannedUniverse& universe : plan_.universes) {
    universes_.push_back(universe.kernel->make(universe.parameters.data()));
    universe_columns_.emplace_back();
  }
}

/// What a configured leg's name says of it; of the row's own instrument nothing is known yet.
std::vector<InstrumentFacts> CrossGraph::facts_of(const Part& part) const {
  std::vector<InstrumentFacts> facts;
  for (const std::string& name : part.program.plan->legs) {
    InstrumentFacts& one = facts.emplace_back();
    for (const Leg& leg : plan_.legs) {
      if (leg.name == name) one.expiry = expiry_of(leg.instrument).value_or(no_time);
    }
  }
  return facts;
}

/// An instrument that appears takes over what the legs did before from the template.
void CrossGraph::add_row_stream(InstrumentId id) {
  row_streams_.resize(std::max<std::size_t>(row_streams_.size(), id + 1));
  if (row_streams_[id] != nullptr) return;
  row_streams_[id] = std::make_unique<Stream>(*template_);
  row_streams_[id]->set_facts(0, {.expiry = expiry_of(instruments_[id].symbol).value_or(no_time)});
}

void CrossGraph::tell_expiries() {
  for (; told_ < instruments_.size(); ++told_) {
    if (const auto expiry = expiry_of(instruments_[told_].symbol)) own_->set_expiry(told_, *expiry);
  }
}

std::vector<Leg> CrossGraph::unmet_legs() const {
  std::vector<Leg> unmet;
  const auto look = [&](const Part& part, const Stream& stream) {
    const std::vector<std::string>& names = part.program.plan->legs;
    for (const Leg& leg : plan_.legs) {
      const auto at = static_cast<std::size_t>(std::find(names.begin(), names.end(), leg.name) - names.begin());
      const bool is_known =
          std::any_of(unmet.begin(), unmet.end(), [&](const Leg& one) { return one.name == leg.name; });
      if (at < names.size() && (stream.begun() >> at & 1U) == 0 && !is_known) unmet.push_back(leg);
    }
  };
  if (row_) look(*row_, *template_);
  if (fixed_) look(*fixed_, *fixed_stream_);
  return unmet;
}

/// Which legs an instrument is, the row's own not counted.
LegSet CrossGraph::legs_of(const Part& part, InstrumentId id) const {
  const Instrument& instrument = instruments_[id];
  LegSet set = 0;
  const std::vector<std::string>& names = part.program.plan->legs;
  for (std::size_t leg = 0; leg < names.size(); ++leg) {
    for (const Leg& one : plan_.legs) {
      const bool is_it = one.name == names[leg] && one.instrument == instrument.venue + ":" + instrument.symbol;
      if (is_it) set = static_cast<LegSet>(set | 1U << leg);
    }
  }
  return set;
}

/// The chunk's rows of configured legs, in its order.
void CrossGraph::find_legs(const Part& part, const Chunk& chunk) {
  leg_sets_.clear();
  for (InstrumentId id = 0; id < instruments_.size(); ++id) leg_sets_.push_back(legs_of(part, id));
  leg_rows_.clear();
  for (std::uint32_t row = 0; row < chunk.rows(); ++row) {
    if (leg_sets_[chunk.instrument[row]] != 0) leg_rows_.push_back(row);
  }
}

void CrossGraph::run(const Chunk& chunk, FeatureBlock& features) {
  if (own_) tell_expiries();
  if (plan_.is_plain()) return own_->run(chunk, features);
  if (own_) own_->run(chunk, own_features_);
  if (fixed_) run_fixed(chunk);
  if (row_) run_rows(chunk);
  if (!universes_.empty()) run_universes(chunk, own_features_);
  lay_out(chunk, own_features_, features);
}

void CrossGraph::run_fixed(const Chunk& chunk) {
  fixed_->clear(chunk.rows());
  find_legs(*fixed_, chunk);
  legs_.clear();
  for (const std::uint32_t row : leg_rows_) legs_.push_back(leg_sets_[chunk.instrument[row]]);
  fixed_stream_->run(chunk, leg_rows_, legs_, fixed_->columns);
}

/// Each instrument has a stream of its own rows and those of the legs.
void CrossGraph::run_rows(const Chunk& chunk) {
  row_->clear(chunk.rows());
  find_legs(*row_, chunk);
  for (const InstrumentId id : chunk.instrument) add_row_stream(id);
  run_row_stream(chunk, *template_, no_instrument);
  for (InstrumentId id = 0; id < row_streams_.size(); ++id) {
    if (row_streams_[id] != nullptr) run_row_stream(chunk, *row_streams_[id], id);
  }
}

void CrossGraph::run_row_stream(const Chunk& chunk, Stream& stream, InstrumentId id) {
  constexpr LegSet own = 1;  // leg 0 is the row's instrument
  rows_.clear();
  legs_.clear();
  std::size_t next = 0;
  const auto take = [&](std::uint32_t row, LegSet legs) {
    rows_.push_back(row);
    legs_.push_back(legs);
  };
  for (std::uint32_t row = 0; row < chunk.rows() && id != no_instrument; ++row) {
    if (chunk.instrument[row] != id) continue;
    for (; next < leg_rows_.size() && leg_rows_[next] < row; ++next) {
      take(leg_rows_[next], leg_sets_[chunk.instrument[leg_rows_[next]]]);
    }
    if (next < leg_rows_.size() && leg_rows_[next] == row) ++next;
    take(row, static_cast<LegSet>(own | leg_sets_[id]));
  }
  for (; next < leg_rows_.size(); ++next) take(leg_rows_[next], leg_sets_[chunk.instrument[leg_rows_[next]]]);
  stream.run(chunk, rows_, legs_, row_->columns);
}

std::uint32_t CrossGraph::group_of(Peers peers, InstrumentId id) {
  Members& members = members_[static_cast<std::size_t>(peers)];
  while (members.group.size() <= id) {
    const std::string& symbol = instruments_[static_cast<InstrumentId>(members.group.size())].symbol;
    std::string name;
    if (peers == Peers::symbol) name = symbol;
    if (peers == Peers::quote_asset)
      name = symbol.substr(symbol.find('-') + 1, symbol.find(':') - symbol.find('-') - 1);
    members.group.push_back(
        members.names.try_emplace(name, static_cast<std::uint32_t>(members.names.size())).first->second);
  }
  return members.group[id];
}

void CrossGraph::run_universes(const Chunk& chunk, const FeatureBlock& own) {
  const std::size_t rows = chunk.rows();
  std::vector<std::uint32_t> place(rows);  // of a row of the chunk among the clustered ones
  for (std::uint32_t i = 0; i < rows; ++i) place[own.order[i]] = i;
  for (FeatureColumn& column : universe_columns_) resize(column, rows);
  for (std::size_t row = 0; row < rows; ++row) {
    universe_clock_ = std::max(universe_clock_, chunk.ts_event[row]);
    for (std::size_t u = 0; u < universes_.size(); ++u) {
      const PlannedUniverse& about = plan_.universes[u];
      std::array<double, largest_inputs> in;
      in.fill(no_value);
      std::array<double, largest_outputs> out;
      for (std::size_t i = 0; i < about.inputs.size(); ++i) in[i] = own.columns[about.inputs[i]].number(place[row]);
      const InstrumentId id = chunk.instrument[row];
      universes_[u]->observe(id, group_of(about.kernel->peers, id), universe_clock_, in.data(), out.data());
      universe_columns_[u].values[row] = out[about.output];
    }
  }
}

/// Own columns are clustered already; the others are, by the same order.
void CrossGraph::lay_out(const Chunk& chunk, FeatureBlock& own, FeatureBlock& features) {
  const std::size_t rows = chunk.rows();
  if (own_) {
    features.order = own.order;
  } else {
    features.order.resize(rows);
    for (std::uint32_t i = 0; i < rows; ++i) features.order[i] = i;
    std::stable_sort(features.order.begin(), features.order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return chunk.instrument[a] < chunk.instrument[b]; });
  }
  features.columns.resize(plan_.places.size());
  using Part = CrossPlan::Place::Part;
  for (std::size_t f = 0; f < plan_.places.size(); ++f) {
    const auto [part, index] = plan_.places[f];
    FeatureColumn& column = features.columns[f];
    column.name = plan_.all->features[f].name;
    column.type = plan_.all->features[f].type;
    if (part == Part::own) {
      const FeatureColumn& from = own.columns[index];
      column.values = from.values;
      column.flags = from.flags;
      column.integers = from.integers;
      continue;
    }
    resize(column, rows);
    const FeatureColumn* from = nullptr;
    if (part == Part::row) from = &row_->columns[index];
    if (part == Part::fixed) from = &fixed_->columns[index];
    if (part == Part::universe) from = &universe_columns_[index];
    for (std::size_t i = 0; i < rows && from != nullptr; ++i) copy_value(*from, features.order[i], column, i);
  }
}

}  // namespace millrace
