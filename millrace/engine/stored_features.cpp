#include "millrace/engine/stored_features.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"

namespace millrace {

StoredFeatures::StoredFeatures(const std::string& path, const Plan& plan) : path_(path), file_(path) {
  for (const PlannedFeature& one : plan.features) names_.push_back(one.name);
  if (const auto missing = file_.missing(names_); !missing.empty()) {
    fail(Fault::input, "{}: expected the features of {}, {} are missing; write it with `research --strategy`", path,
         plan.profile, fmt::join(missing, ", "));
  }
  const std::string fingerprint = fmt::format("{:016x}", plan.fingerprint);
  if (file_.metadata("millrace.fingerprint") != fingerprint) {
    fail(Fault::input,
         "{}: expected features of plan {}, was written by plan {}: other expressions, parameters or kernels", path,
         fingerprint, file_.metadata("millrace.fingerprint"));
  }
}

/// As the graph lays rows: instruments in the order of their numbers, each one's rows in their order.
void StoredFeatures::cluster(const Chunk& chunk, std::vector<std::uint32_t>& order) {
  const std::size_t rows = chunk.rows();
  order.resize(rows);
  if (!file_.is_clustered()) {
    std::iota(order.begin(), order.end(), 0U);
    return;
  }
  const InstrumentId most = *std::max_element(chunk.instrument.begin(), chunk.instrument.end());
  first_.assign(most + 2, 0);
  for (const InstrumentId id : chunk.instrument) ++first_[id + 1];
  std::partial_sum(first_.begin(), first_.end(), first_.begin());
  for (std::uint32_t row = 0; row < rows; ++row) order[first_[chunk.instrument[row]]++] = row;
}

void StoredFeatures::run(MarketBatch& batch) {
  const Chunk& chunk = batch.chunk;
  if (group_ >= file_.groups()) {
    fail(Fault::input,
         "{}: expected features of more rows: it was made from other ticks, or between other --from and --to", path_);
  }
  file_.read(group_++, names_, batch.features, ts_event_);
  if (ts_event_.size() != chunk.rows()) {
    fail(Fault::input, "{}: row group {} has {} rows where the ticks give {}: it was made from other ticks", path_,
         group_ - 1, ts_event_.size(), chunk.rows());
  }
  cluster(chunk, batch.features.order);
  for (std::size_t i = 0; i < ts_event_.size(); ++i) {
    if (ts_event_[i] == chunk.ts_event[batch.features.order[i]]) continue;
    fail(Fault::input, "{}: row group {}, row {}: expected ts_event {}, was {}: it was made from other ticks", path_,
         group_ - 1, i, format_time(chunk.ts_event[batch.features.order[i]]), format_time(ts_event_[i]));
  }
}

void StoredFeatures::finish() const {
  if (group_ == file_.groups()) return;
  fail(Fault::input, "{}: has features of more rows than the ticks that were given", path_);
}

}  // namespace millrace
