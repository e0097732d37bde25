#include "millrace/engine/summary.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "millrace/base/workers.h"
#include "millrace/io/field_text.h"
#include "millrace/kernels/numerics/log_ratio.h"

namespace millrace {

namespace {

/// The value of rank `at` among values[first, end), and what follows it, moved to their places.
double ranked(std::vector<double>& values, std::ptrdiff_t first, std::size_t at) {
  std::nth_element(values.begin() + first, values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

/// Type-7 quantiles (Hyndman, Fan 1996) for ascending `q`; values are reordered.
template <std::size_t n>
std::array<double, n> quantiles(std::vector<double>& values, const std::array<double, n>& q) {
  std::array<double, n> result;
  std::ptrdiff_t first = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double at = q[i] * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const double low = ranked(values, first, below);
    first = static_cast<std::ptrdiff_t>(below);
    const bool is_last = below + 1 == values.size();
    const double high = is_last ? low : *std::min_element(values.begin() + first + 1, values.end());
    result[i] = low + (at - static_cast<double>(below)) * (high - low);
  }
  return result;
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  if (x.size() < 3) return no_value;
  double mean_x = 0.0, mean_y = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  double xx = 0.0, yy = 0.0, xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double a = x[i] - mean_x, b = y[i] - mean_y;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return xx > 0.0 && yy > 0.0 ? xy / std::sqrt(xx * yy) : no_value;
}

/// What a feed has or lacks as a whole (`features.md` 1); empty for what belongs to none of them.
std::string_view capability_of(KindSet observed) {
  if (observed != 0 && (observed & ~trade_kinds) == 0) return "trades";
  return observed != 0 && (observed & ~quote_kinds) == 0 ? "quotes" : "";
}

std::string_view capability_of(Column column) {
  const bool is_statistic = info(column).carry == Carry::stats && info(column).name.ends_with("_24h");
  return is_statistic ? "stats24h" : capability_of(info(column).observed);
}

void add_once(std::vector<std::string>& list, std::string_view word) {
  if (!word.empty() && std::find(list.begin(), list.end(), word) == list.end()) list.emplace_back(word);
}

}  // namespace

SummaryCollector::SummaryCollector(const Plan& plan, const Instruments& instruments)
    : plan_(plan), instruments_(instruments), limit_(std::min(most_rows, most_values / plan.features.size())) {
  samples_.reserve(limit_);
  values_.reserve(limit_ * plan.features.size());
}

void SummaryCollector::observe(const Chunk& chunk, const FeatureBlock& features) {
  const double* bid = chunk.f64(Column::bid);
  const double* ask = chunk.f64(Column::ask);
  const double* price = chunk.f64(Column::price);
  for_each_column(chunk, [&](Column column, const auto& values, auto none) {
    if (columns_seen_.has(column) || !chunk.columns.has(column)) return;
    const auto has_one = [none](auto value) {
      if constexpr (std::is_floating_point_v<decltype(value)>) return !std::isnan(value);
      return value != static_cast<decltype(value)>(none);
    };
    if (std::any_of(values.begin(), values.end(), has_one)) columns_seen_.add(column);
  });
  for (const std::uint8_t kind : chunk.kind) kinds_seen_ |= only(static_cast<Kind>(kind));
  for (std::size_t i = 0; i < chunk.rows(); ++i) {
    const std::size_t row = features.order[i];
    const InstrumentId id = chunk.instrument[row];
    if (id >= tracks_.size()) tracks_.resize(std::max<std::size_t>(id + 1, tracks_.size() * 2));
    Track& track = tracks_[id];
    const Nanos ts = chunk.ts_event[row];
    if (track.rows == 0) track.first = track.last = ts;
    track.longest_gap = std::max(track.longest_gap, ts - track.last);
    track.last = std::max(track.last, ts);
    settle(track, track.last);
    if (bid[row] > 0.0 && bid[row] <= ask[row]) {
      track.mid = 0.5 * (bid[row] + ask[row]);
    } else if (std::isnan(bid[row]) && std::isnan(ask[row]) && !std::isnan(price[row])) {
      track.mid = price[row];
    }
    if (track.rows % stride_ == 0) take(id, track, features, i);
    ++track.rows;
  }
}

/// The mid at t + h is the last one before the first row behind that time.
void SummaryCollector::settle(Track& track, Nanos clock) {
  for (std::size_t h = 0; h < summary_horizons.size(); ++h) {
    Waiting& waiting = track.waiting[h];
    while (waiting.next < waiting.rows.size()) {
      Sample& sample = samples_[waiting.rows[waiting.next]];
      if (clock - sample.clock <= summary_horizons[h]) break;
      sample.later_mid[h] = track.mid;
      ++waiting.next;
    }
    if (waiting.next > 0 && waiting.next == waiting.rows.size()) {
      waiting.rows.clear();
      waiting.next = 0;
    }
  }
}

void SummaryCollector::take(InstrumentId id, Track& track, const FeatureBlock& features, std::size_t row) {
  if (samples_.size() == limit_) {
    thin_out();
    if (track.rows % stride_ != 0) return;
  }
  for (Waiting& waiting : track.waiting) waiting.rows.push_back(static_cast<std::uint32_t>(samples_.size()));
  samples_.push_back({id, track.rows, track.last, track.mid, {no_value, no_value, no_value, no_value}});
  for (const FeatureColumn& column : features.columns) values_.push_back(column.number(row));
}

/// Keeps every second sample of each instrument until at least half of the room is free.
void SummaryCollector::thin_out() {
  const std::size_t width = plan_.features.size();
  std::vector<std::uint32_t> moved_to(samples_.size());
  std::size_t kept = 0;
  while (kept == 0 || kept > limit_ / 2) {
    const std::size_t before = samples_.size();
    stride_ *= 2;
    kept = static_cast<std::size_t>(std::count_if(samples_.begin(), samples_.end(),
                                                  [&](const Sample& sample) { return sample.row % stride_ == 0; }));
    if (kept == before || stride_ > (std::uint64_t{1} << 40)) break;  // one row of each of very many instruments
  }
  kept = 0;
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    const bool is_kept = samples_[i].row % stride_ == 0 && kept < limit_ - 1;
    moved_to[i] = is_kept ? static_cast<std::uint32_t>(kept) : UINT32_MAX;
    if (!is_kept) continue;
    samples_[kept] = samples_[i];
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                values_.begin() + static_cast<std::ptrdiff_t>(kept * width));
    ++kept;
  }
  samples_.resize(kept);
  values_.resize(kept * width);
  for (Track& track : tracks_) {
    for (Waiting& waiting : track.waiting) {
      std::vector<std::uint32_t> still;
      for (std::size_t i = waiting.next; i < waiting.rows.size(); ++i) {
        if (moved_to[waiting.rows[i]] != UINT32_MAX) still.push_back(moved_to[waiting.rows[i]]);
      }
      waiting = {std::move(still), 0};
    }
  }
}

Summary SummaryCollector::finish(const Door& door, std::size_t threads) {
  Workers workers(threads);
  Summary summary{.sampled = samples_.size(), .stride = stride_};
  for (const PlannedFeature& feature : plan_.features) summary.features.push_back(feature.name);
  std::vector<std::vector<std::uint32_t>> rows(tracks_.size());
  for (std::uint32_t i = 0; i < samples_.size(); ++i) rows[samples_[i].instrument].push_back(i);
  for (InstrumentId id = 0; id < instruments_.size(); ++id) {
    const Track& track = id < tracks_.size() ? tracks_[id] : Track{};
    if (track.rows == 0 && door.rejected(id) == 0) continue;
    InstrumentSummary one{.venue = instruments_[id].venue,
                          .symbol = instruments_[id].symbol,
                          .rows = track.rows,
                          .rejected = door.rejected(id),
                          .first = track.first,
                          .last = track.last,
                          .longest_gap = track.longest_gap};
    if (id < rows.size()) {
      one.sampled = rows[id].size();
      one.features.resize(plan_.features.size());
      workers.run([&](std::size_t worker) {
        for (std::size_t f = worker; f < one.features.size(); f += workers.size())
          one.features[f] = describe(rows[id], f);
      });
    }
    summary.rows += track.rows;
    summary.instruments.push_back(std::move(one));
  }
  find_empty(summary);
  return summary;
}

FeatureSummary SummaryCollector::describe(const std::vector<std::uint32_t>& rows, std::size_t feature) const {
  FeatureSummary one;
  std::vector<double> values;
  std::array<std::vector<double>, summary_horizons.size()> before, after;
  for (const std::uint32_t row : rows) {
    const double value = values_[row * plan_.features.size() + feature];
    if (std::isnan(value)) continue;
    values.push_back(value);
    for (std::size_t h = 0; h < summary_horizons.size(); ++h) {
      const double from = samples_[row].mid, to = samples_[row].later_mid[h];
      if (!(from > 0.0) || !(to > 0.0)) continue;
      before[h].push_back(value);
      after[h].push_back(log_ratio(to, from));
    }
  }
  one.values = values.size();
  one.nulls = rows.size() - values.size();
  if (values.empty()) return one;
  const auto n = static_cast<double>(values.size());
  double mean = 0.0, m2 = 0.0;
  for (const double value : values) mean += value / n;
  for (const double value : values) m2 += (value - mean) * (value - mean);
  one.mean = mean;
  if (values.size() > 1) one.sd = std::sqrt(m2 / (n - 1.0));
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  one.min = *least;
  one.max = *greatest;
  std::tie(one.lower, one.median, one.upper) = std::tuple_cat(quantiles(values, std::array{0.25, 0.5, 0.75}));
  for (std::size_t h = 0; h < summary_horizons.size(); ++h) one.correlation[h] = correlation(before[h], after[h]);
  return one;
}

void SummaryCollector::find_empty(Summary& summary) const {
  for (std::size_t f = 0; f < plan_.features.size(); ++f) {
    const auto has_value = [f](const InstrumentSummary& one) {
      return f < one.features.size() && one.features[f].values > 0;
    };
    if (summary.rows == 0 || std::any_of(summary.instruments.begin(), summary.instruments.end(), has_value)) continue;
    summary.empty.push_back(explain(plan_.features[f]));
  }
}

EmptyFeature SummaryCollector::explain(const PlannedFeature& feature) const {
  EmptyFeature empty{.name = feature.name};
  for (std::size_t c = 0; c < column_count; ++c) {
    const auto column = static_cast<Column>(c);
    if (!feature.columns.has(column) || columns_seen_.has(column)) continue;
    empty.missing_columns.emplace_back(info(column).name);
    add_once(empty.missing_capabilities, capability_of(column));
  }
  if (!empty.missing_columns.empty()) return empty;
  const KindSet missed = kinds_missed(feature);
  add_once(empty.missing_capabilities, capability_of(missed));
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    if ((missed >> kind & 1U) != 0) empty.missing_kinds.emplace_back(kind_names[kind]);
  }
  return empty;
}

/// Rows on which a kernel below the feature takes its observations, where none of them came.
KindSet SummaryCollector::kinds_missed(const PlannedFeature& feature) const {
  KindSet missed = 0;
  if (feature.value.node >= plan_.nodes.size()) return missed;  // the nodes of a cross plan lie in its parts
  std::vector<std::uint32_t> open{feature.value.node};
  std::vector<bool> is_visited(plan_.nodes.size(), false);
  while (!open.empty()) {
    const std::uint32_t at = open.back();
    open.pop_back();
    if (is_visited[at]) continue;
    is_visited[at] = true;
    const Node& node = plan_.nodes[at];
    for (const ValueRef& input : node.inputs) open.push_back(input.node);
    if (node.type != Node::Type::kernel || node.taken.events != 0) continue;
    const auto taken = static_cast<KindSet>(node.taken.kinds & every_kind);
    if ((taken & kinds_seen_) == 0) missed |= taken;
  }
  return missed;
}

}  // namespace millrace
