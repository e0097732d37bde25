#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/graph/feature_set.h"

namespace millrace {

/// Collects what is wrong with a feature set, each with file, line, column, the line of text and a caret below the
/// place:
///
///   my.toml:3:17: `fast`: unknown kernel `ewna` (did you mean `ewma`?)
///     ewna(price)
///     ^
class Complaints {
 public:
  static constexpr std::size_t limit = 100;  // the next one is not kept: `add` throws what there is

  explicit Complaints(const FeatureSet& set) : set_(set) {}

  /// `at` is a character of the definition's expression.
  void add(const Definition& definition, std::size_t at, std::string_view what);

  bool empty() const { return messages_.empty(); }

  /// Throws Error(Fault::config) unless there are none.
  void check() const;

 private:
  const FeatureSet& set_;
  std::vector<std::string> messages_;
};

}  // namespace millrace
