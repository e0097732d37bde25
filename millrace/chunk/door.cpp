#include "millrace/chunk/door.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

namespace millrace {

namespace {

constexpr std::array identity_columns{Column::price,    Column::size, Column::bid,
                                      Column::bid_size, Column::ask,  Column::ask_size};

/// What an observation lies between. NaN is "not given"; anything else outside was given and is wrong.
struct Range {
  explicit Range(Valid valid) {
    if (valid == Valid::positive) least = std::numeric_limits<double>::denorm_min();
    if (valid == Valid::not_negative) least = 0.0;
  }
  bool holds(double value) const { return value >= least && value <= most; }

  double least = std::numeric_limits<double>::lowest(), most = std::numeric_limits<double>::max();
};

constexpr std::size_t block_rows = 256;  // are counted without a branch, in wide registers

/// How many of a block are observations.
std::size_t count_of(std::span<const double> values, const Range& range) {
  std::size_t count = 0;
  for (const double value : values) count += range.holds(value) ? 1 : 0;
  return count;
}

std::size_t count_given(std::span<const double> values) {
  std::size_t count = 0;
  for (const double value : values) count += value == value ? 1 : 0;
  return count;
}

bool is_empty(std::span<const double> values) {
  for (std::size_t first = 0; first < values.size(); first += block_rows) {
    if (count_given(values.subspan(first, std::min(block_rows, values.size() - first))) > 0) return false;
  }
  return true;
}

Reason reason_of(Column column) {
  switch (column) {
    case Column::price: return Reason::bad_price;
    case Column::size: return Reason::bad_size;
    case Column::bid:
    case Column::bid_size:
    case Column::ask:
    case Column::ask_size: return Reason::bad_quote;
    default: return Reason::bad_number;
  }
}

/// Bits, not values: a NaN equals itself here.
std::array<std::uint64_t, identity_columns.size()> identity_of(const Chunk& chunk, std::size_t row) {
  std::array<std::uint64_t, identity_columns.size()> bits{};
  for (std::size_t i = 0; i < identity_columns.size(); ++i) {
    if (chunk.columns.has(identity_columns[i])) std::memcpy(&bits[i], chunk.f64(identity_columns[i]) + row, 8);
  }
  return bits;
}

}  // namespace

MarketState::MarketState() {
  std::fill(std::begin(carried), std::end(carried), no_value);
  std::fill(std::begin(last_values), std::end(last_values), no_value);
}

void Door::restore(InstrumentId instrument, const MarketState& state) {
  state_of(instrument) = state;
  seen_ = ColumnSet::all();
}

MarketState& Door::state_of(InstrumentId instrument) {
  if (instrument >= states_.size()) states_.resize(std::max<std::size_t>(instrument + 1, states_.size() * 2));
  return states_[instrument];
}

void Door::admit(Chunk& chunk) {
  ledger_.add_rows(chunk.rows());
  drop_unusable(chunk);
  if (chunk.rows() == 0) return;
  state_of(*std::max_element(chunk.instrument.begin(), chunk.instrument.end()));
  check_order(chunk);
  for (std::size_t i = 0; i < column_count; ++i) {
    const auto column = static_cast<Column>(i);
    if (chunk.columns.has(column) && info(column).type == ColumnType::f64) carry(chunk, column);
  }
  carry_integers(chunk);
  mark_books(chunk);
}

void Door::drop_unusable(Chunk& chunk) {
  const std::size_t rows = chunk.rows();
  keep_.assign(rows, 1);
  std::size_t dropped = 0;
  const auto drop = [&](std::size_t row, Reason reason, double sample = no_value) {
    keep_[row] = 0;
    ++dropped;
    ledger_.note(reason, chunk.place[row], sample);
    const InstrumentId id = chunk.instrument[row];
    if (info(reason).consequence != Consequence::rejected || id == no_instrument) return;
    if (id >= rejected_.size()) rejected_.resize(id + 1, 0);
    ++rejected_[id];
  };
  const auto& wanted = selection_.instruments;
  for (std::size_t i = 0; i < rows; ++i) {
    const Nanos ts = chunk.ts_event[i];
    if (ts < 0) {  // no_time, or before 1970: no venue existed
      drop(i, Reason::unparsable_time);
    } else if (chunk.kind[i] >= kind_count) {
      drop(i, Reason::unknown_kind, chunk.kind[i]);
    } else if (chunk.instrument[i] == no_instrument) {
      drop(i, Reason::missing_symbol);
    } else if (chunk.instrument[i] < wanted.size() && wanted[chunk.instrument[i]] == 0) {
      drop(i, Reason::not_selected);
    } else if (selection_.from != no_time && ts < selection_.from) {
      drop(i, Reason::before_from);
    } else if (selection_.to != no_time && ts >= selection_.to) {
      drop(i, Reason::after_to);
    }
  }
  if (dropped > 0) chunk.compact(keep_);
}

/// Marks rows that step back in time or repeat the row before, and counts gaps and snapshots.
void Door::check_order(Chunk& chunk) {
  const bool has_ids = chunk.columns.has(Column::trade_id);
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    MarketState& state = states_[chunk.instrument[i]];
    const Nanos ts = chunk.ts_event[i];
    std::uint32_t flags = chunk.flags[i];
    const std::uint64_t id = has_ids ? chunk.trade_id[i] : no_u64;
    const auto values = identity_of(chunk, i);
    const bool is_numbered = chunk.seq[i] != no_u64 || id != no_u64;
    if (ts == state.last_ts && chunk.seq[i] == state.last_seq && id == state.last_trade_id &&
        chunk.kind[i] == state.last_kind &&
        (is_numbered || std::memcmp(values.data(), state.last_values, sizeof state.last_values) == 0)) {
      flags |= flag_duplicate;
    }
    if (state.latest != no_time && ts < state.latest) flags |= flag_late;
    if ((flags & flag_late) != 0) ledger_.note(Reason::late, chunk.place[i], std::string_view());
    if ((flags & flag_duplicate) != 0) ledger_.note(Reason::duplicate, chunk.place[i], std::string_view());
    if ((flags & flag_snapshot) != 0) ledger_.note(Reason::snapshot, chunk.place[i], std::string_view());
    if (chunk.kind[i] == static_cast<std::uint8_t>(Kind::gap)) {
      ledger_.note(Reason::gap, chunk.place[i], std::string_view());
    }
    chunk.flags[i] = flags;
    state.latest = std::max(state.latest, ts);
    state.last_ts = ts;
    state.last_seq = chunk.seq[i];
    state.last_trade_id = id;
    state.last_kind = chunk.kind[i];
    std::memcpy(state.last_values, values.data(), sizeof state.last_values);
    ++state.rows;
  }
}

void Door::carry(Chunk& chunk, Column column) {
  const auto at = static_cast<std::size_t>(column);
  const double* values = chunk.f64(column);
  if (!seen_.has(column)) {
    if (is_empty({values, chunk.rows()})) return;
    seen_ = seen_ | ColumnSet{column};
  }
  const Range range(info(column).valid);
  const bool is_own = info(column).carry == Carry::row;
  for (std::size_t first = 0; first < chunk.rows(); first += block_rows) {
    const std::size_t end = std::min(first + block_rows, chunk.rows());
    if (is_own || count_of({values + first, end - first}, range) < end - first) {
      carry_rows(chunk, column, first, end);
      continue;
    }
    // All is given, as in most files.
    for (std::size_t i = first; i < end; ++i) states_[chunk.instrument[i]].carried[at] = values[i];
  }
}

void Door::carry_rows(Chunk& chunk, Column column, std::size_t first, std::size_t end) {
  const ColumnInfo& about = info(column);
  const Reason reason = reason_of(column);
  const auto at = static_cast<std::size_t>(column);
  double* values = chunk.f64(column);
  // On these kinds a missing value stays missing; on trades the price is the observation itself.
  const KindSet fresh = about.carry == Carry::trade ? trade_kinds : KindSet{0};
  const bool is_quote = about.carry == Carry::quote;
  const bool is_own = about.carry == Carry::row;
  const Range range(about.valid);
  for (std::size_t i = first; i < end; ++i) {
    double& value = values[i];
    const bool is_given = value == value;
    if (is_given && !range.holds(value)) [[unlikely]] {
      ledger_.note(reason, chunk.place[i], value);
      value = no_value;
      continue;
    }
    const auto kind = static_cast<Kind>(chunk.kind[i]);
    // What is given alternates with the kinds, too fast to be predicted: values are chosen, not branched to.
    if (is_own) {
      value = kind == Kind::trade ? value : no_value;
      continue;
    }
    double& carried = states_[chunk.instrument[i]].carried[at];
    if (is_quote && (chunk.flags[i] & flag_one_sided) != 0 && (quote_kinds & only(kind)) != 0) [[unlikely]] {
      carried = is_given ? value : no_value;  // an empty side stays so until a quote fills it
      continue;
    }
    const bool stays = is_given || (fresh & only(kind)) != 0;
    carried = is_given ? value : carried;
    value = stays ? value : carried;
  }
}

void Door::carry_integers(Chunk& chunk) {
  const bool has_count = chunk.columns.has(Column::n_trades_24h);
  const bool has_funding = chunk.columns.has(Column::next_funding_ns);
  const bool has_side = chunk.columns.has(Column::side);
  const bool has_id = chunk.columns.has(Column::trade_id);
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    MarketState& state = states_[chunk.instrument[i]];
    if (has_count) {
      if (chunk.n_trades_24h[i] == no_i64) chunk.n_trades_24h[i] = state.n_trades_24h;
      state.n_trades_24h = chunk.n_trades_24h[i];
    }
    if (has_funding) {
      if (chunk.next_funding_ns[i] == no_time) chunk.next_funding_ns[i] = state.next_funding_ns;
      state.next_funding_ns = chunk.next_funding_ns[i];
    }
    if (chunk.kind[i] == static_cast<std::uint8_t>(Kind::trade)) continue;
    if (has_side) chunk.side[i] = 0;
    if (has_id) chunk.trade_id[i] = no_u64;
  }
}

void Door::mark_books(Chunk& chunk) {
  if (!chunk.columns.has(Column::bid) || !chunk.columns.has(Column::ask)) return;
  const double* bid = chunk.f64(Column::bid);
  const double* ask = chunk.f64(Column::ask);
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    if ((quote_kinds & only(static_cast<Kind>(chunk.kind[i]))) == 0 || bid[i] < ask[i]) continue;
    const bool is_one_sided = std::isnan(bid[i]) || std::isnan(ask[i]);
    const bool is_locked = bid[i] == ask[i];
    chunk.flags[i] |= is_one_sided ? flag_one_sided : is_locked ? flag_locked : flag_crossed;
    const Reason reason = is_one_sided ? Reason::one_sided : is_locked ? Reason::locked : Reason::crossed;
    ledger_.note(reason, chunk.place[i], is_one_sided ? no_value : bid[i]);
  }
}

}  // namespace millrace
