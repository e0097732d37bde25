#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// Why a row is not what its file says. Nothing leaves the run without being counted under one of these.
enum class Reason : std::uint8_t {
  unparsable_row,
  unparsable_time,
  missing_symbol,
  unknown_symbol,
  unknown_kind,
  control_row,  // the row is not used
  before_from,
  after_to,
  not_selected,  // asked to be left out
  bad_price,
  bad_size,
  bad_quote,
  bad_number,  // one value became null
  late,
  duplicate,
  locked,
  crossed,
  one_sided,
  gap,
  snapshot,  // kept, and marked in `flags`
};
inline constexpr std::size_t reason_count = 20;

enum class Consequence : std::uint8_t { rejected, filtered, repaired, marked };

struct ReasonInfo {
  std::string_view name;
  Consequence consequence;
  std::string_view meaning;
};
const ReasonInfo& info(Reason reason);
std::string_view name_of(Consequence consequence);

/// Where a row was read: the file's number in the ledger's list and its row, counted from 1 (in text files: the line).
struct Place {
  std::uint64_t source : 16 = 0;
  std::uint64_t row : 48 = 0;
};
static_assert(sizeof(Place) == 8);

/// Counts what the door and the readers noticed, each reason with its first and last place in the input and a sample of
/// the first.
class Ledger {
 public:
  struct Entry {
    std::uint64_t count = 0;
    Place first, last;
    std::string sample;  // the offending text or value of the first place
  };

  /// Registers a file; its rows carry the returned number. More than 65,535 files share the last one's name.
  std::uint16_t add_source(std::string name);

  void note(Reason reason, Place at, std::string_view sample = {});
  void note(Reason reason, Place at, double sample);  // makes no text but for the first place

  void add_rows(std::uint64_t rows) { rows_read_ += rows; }
  std::uint64_t rows_read() const { return rows_read_; }
  const Entry& operator[](Reason reason) const { return entries_[static_cast<std::size_t>(reason)]; }

  std::uint64_t total(Consequence consequence) const;

  /// Rejected rows and repaired values, as a share of the rows read; what `--max-bad` limits.
  double bad_share() const;

  /// "ticks.csv:17".
  std::string text_of(Place place) const;

  /// `{"rows_read":…,"reasons":[{"reason":…,"consequence":…,"count":…,"first":…,"last":…,"sample":…}]}`
  std::string to_json() const;

 private:
  bool precedes_first(Reason reason, Place at) const;

  std::uint64_t rows_read_ = 0;
  std::array<Entry, reason_count> entries_;
  std::vector<std::string> sources_;
};

}  // namespace millrace
