#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "millrace/chunk/source.h"

namespace millrace {

/// A source that is opened when its time comes, and what is known of it before.
struct LateSource {
  std::function<std::unique_ptr<Source>()> open;
  ColumnSet columns;
  SourceFile file;
  std::uint16_t number = 0;   // in the ledger
  Nanos starts_at = no_time;  // its first ts_event, or less; no_time = open it at once
};

/// Reads several sources as one, in the order of event time. Rows of one source keep their order: a source counts as
/// being where its greatest ts_event so far is, so rows that step back follow at once. Equal times go in the order of
/// the files in the ledger, then of the list. A source is open from the time it starts at to its end, and holds one
/// chunk then; fails where more than `open_limit` would be.
std::unique_ptr<Source> merge_sources(std::vector<LateSource> sources, std::size_t open_limit);

}  // namespace millrace
