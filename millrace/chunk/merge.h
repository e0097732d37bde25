#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "millrace/chunk/source.h"

namespace millrace {

/// Reads several sources as one, in the order of event time. Rows of one source keep their order: a source counts as
/// being where its greatest ts_event so far is, so rows that step back follow at once. Equal times go in the order of
/// the files in the ledger, then of the list. Holds one chunk of each source.
std::unique_ptr<Source> merge_sources(std::vector<std::unique_ptr<Source>> sources);

/// A source that is opened when it is its turn, and what is known of it before.
struct LateSource {
  std::function<std::unique_ptr<Source>()> open;
  ColumnSet columns;
  SourceFile file;
};

/// Reads sources one after another; only one is open.
std::unique_ptr<Source> chain_sources(std::vector<LateSource> sources);

}  // namespace millrace
