#include "millrace/chunk/ledger.h"

#include <fmt/format.h>

#include "millrace/base/text.h"

namespace millrace {

namespace {

constexpr std::array<ReasonInfo, reason_count> reasons{{
    {"unparsable_row", Consequence::rejected, "the row has not the columns or types of its layout"},
    {"unparsable_time", Consequence::rejected, "ts_event is missing or no time"},
    {"missing_symbol", Consequence::rejected, "venue or symbol is missing"},
    {"unknown_symbol", Consequence::rejected, "the venue's symbol table does not know it"},
    {"unknown_kind", Consequence::rejected, "kind is none of 0 to 5"},
    {"control_row", Consequence::filtered, "carries no market data"},
    {"before_from", Consequence::filtered, "earlier than --from"},
    {"after_to", Consequence::filtered, "not earlier than --to"},
    {"not_selected", Consequence::filtered, "not among --symbols"},
    {"bad_price", Consequence::repaired, "price not a number above 0: null"},
    {"bad_size", Consequence::repaired, "size below 0 or not a number: null"},
    {"bad_quote", Consequence::repaired, "bid or ask, or its size, not a valid number: null"},
    {"bad_number", Consequence::repaired, "another value not a finite number: null"},
    {"late", Consequence::marked, "ts_event below an earlier one of the instrument"},
    {"duplicate", Consequence::marked, "the same event as the row before"},
    {"locked", Consequence::marked, "bid equals ask"},
    {"crossed", Consequence::marked, "bid above ask"},
    {"one_sided", Consequence::marked, "bid or ask is missing"},
    {"gap", Consequence::marked, "the source reports lost events"},
    {"snapshot", Consequence::marked, "the row restates the book"},
}};

bool is_before(Place a, Place b) { return a.source != b.source ? a.source < b.source : a.row < b.row; }

}  // namespace

const ReasonInfo& info(Reason reason) { return reasons[static_cast<std::size_t>(reason)]; }

std::string_view name_of(Consequence consequence) {
  constexpr std::array<std::string_view, 4> names{"rejected", "filtered", "repaired", "marked"};
  return names[static_cast<std::size_t>(consequence)];
}

std::uint16_t Ledger::add_source(std::string name) {
  if (sources_.size() < UINT16_MAX) sources_.push_back(std::move(name));
  return static_cast<std::uint16_t>(sources_.size() - 1);
}

void Ledger::note(Reason reason, Place at, std::string_view sample) {
  constexpr std::size_t longest_sample = 120;
  const bool is_first = precedes_first(reason, at);
  Entry& entry = entries_[static_cast<std::size_t>(reason)];
  if (is_first) {
    entry.first = at;
    entry.sample = sample.substr(0, longest_sample);
  }
  if (entry.count++ == 0 || is_before(entry.last, at)) entry.last = at;
}

void Ledger::note(Reason reason, Place at, double sample) {
  note(reason, at, precedes_first(reason, at) ? std::string_view(format_number(sample)) : std::string_view());
}

/// The door goes over a chunk column by column, so a place may be noted after a later one; which does not show.
bool Ledger::precedes_first(Reason reason, Place at) const {
  const Entry& entry = (*this)[reason];
  return entry.count == 0 || is_before(at, entry.first);
}

std::string Ledger::text_of(Place place) const {
  if (place.source >= sources_.size()) return fmt::format("row {}", std::uint64_t{place.row});
  return fmt::format("{}:{}", sources_[place.source], std::uint64_t{place.row});
}

std::uint64_t Ledger::total(Consequence consequence) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < reason_count; ++i) {
    if (reasons[i].consequence == consequence) sum += entries_[i].count;
  }
  return sum;
}

double Ledger::bad_share() const {
  const std::uint64_t bad = total(Consequence::rejected) + total(Consequence::repaired);
  return rows_read_ == 0 ? (bad == 0 ? 0.0 : 1.0) : static_cast<double>(bad) / static_cast<double>(rows_read_);
}

std::string Ledger::to_json() const {
  std::string list;
  for (std::size_t i = 0; i < reason_count; ++i) {
    const Entry& entry = entries_[i];
    if (entry.count == 0) continue;
    list += fmt::format(R"({}{{"reason":"{}","consequence":"{}","count":{},"first":{},"last":{},"sample":{}}})",
                        list.empty() ? "" : ",", reasons[i].name, name_of(reasons[i].consequence), entry.count,
                        json_quoted(text_of(entry.first)), json_quoted(text_of(entry.last)), json_quoted(entry.sample));
  }
  return fmt::format(R"({{"rows_read":{},"reasons":[{}]}})", rows_read_, list);
}

}  // namespace millrace
