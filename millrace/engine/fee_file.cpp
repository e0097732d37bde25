#include "millrace/engine/fee_file.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/base/time.h"
#include "millrace/engine/embedded.h"
#include "millrace/engine/toml_tree.h"

namespace millrace {

namespace {

constexpr std::array<std::string_view, 6> venue_keys{"date", "source", "tier", "borrow_apr", "withdrawal", "tiers"};
constexpr std::array<std::string_view, 3> tier_keys{"name", "maker_bps", "taker_bps"};
constexpr double most_bps = 1'000.0;

class FeeReader {
 public:
  explicit FeeReader(const std::string& file) : file_(file) {}

  FeeTable read(const TomlValue& root) {
    FeeTable table;
    for (const TomlValue& one : root.members) table.venues.push_back(read_venue(one));
    if (table.venues.empty()) fail(Fault::config, "{}:1:1: expected a table for each venue, was none", file_);
    return table;
  }

 private:
  VenueFees read_venue(const TomlValue& table) {
    expect(table, TomlValue::Type::table, "a table of fees");
    VenueFees fees{.venue = table.key};
    const TomlValue* tier = nullptr;
    for (const TomlValue& one : table.members) {
      if (one.key == "date" || one.key == "source") {
        expect(one, TomlValue::Type::text, "a text");
        (one.key == "date" ? fees.date : fees.source) = one.text;
      } else if (one.key == "tier") {
        expect(one, TomlValue::Type::text, "the name of a tier");
        tier = &one;
      } else if (one.key == "borrow_apr" || one.key == "withdrawal") {
        (one.key == "borrow_apr" ? fees.borrow_apr : fees.withdrawal) = number_of(one, 0.0, 1e6);
      } else if (one.key == "tiers") {
        expect(one, TomlValue::Type::array, "a list of tiers");
        for (TomlValue member : one.members) {
          member.key = "tiers";
          fees.tiers.push_back(read_tier(member));
        }
      } else {
        unknown(one, venue_keys);
      }
    }
    if (fees.tiers.empty()) wrong(table, "expected `tiers` with at least one, was none");
    if (!parse_time(fees.date))
      wrong(table, fmt::format("expected the `date` it was true, was {}", json_quoted(fees.date)));
    if (tier != nullptr) fees.tier = find_tier(fees, tier->text, place_of(file_, *tier));
    return fees;
  }

  FeeTier read_tier(const TomlValue& table) {
    expect(table, TomlValue::Type::table, "a table with name, maker_bps and taker_bps");
    FeeTier tier;
    for (const TomlValue& one : table.members) {
      if (one.key == "name") {
        expect(one, TomlValue::Type::text, "a text");
        tier.name = one.text;
      } else if (one.key == "maker_bps" || one.key == "taker_bps") {
        (one.key == "maker_bps" ? tier.maker_bps : tier.taker_bps) = number_of(one, -most_bps, most_bps);
      } else {
        unknown(one, tier_keys);
      }
    }
    for (const std::string_view key : tier_keys) {
      if (table.find(key) == nullptr) wrong(table, fmt::format("expected `{}`, was none", key));
    }
    return tier;
  }

 public:
  static std::size_t find_tier(const VenueFees& fees, std::string_view name, const std::string& where) {
    std::vector<std::string_view> names;
    for (const FeeTier& one : fees.tiers) names.push_back(one.name);
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) {
      fail(Fault::config, "{}: expected a tier of {} ({}), was `{}`", where, fees.venue, fmt::join(names, ", "), name);
    }
    return static_cast<std::size_t>(at - names.begin());
  }

 private:
  double number_of(const TomlValue& one, double least, double most) {
    const bool is_number = one.type == TomlValue::Type::integer || one.type == TomlValue::Type::number;
    if (!is_number || !(one.number >= least && one.number <= most)) {
      wrong(one, fmt::format("expected a number from {} to {}, was {}", least, most,
                             is_number ? format_number(one.number) : std::string(one.type_name())));
    }
    return one.number;
  }
  void expect(const TomlValue& one, TomlValue::Type type, std::string_view expected) {
    expect_type(file_, one, type, expected);
  }
  [[noreturn]] void wrong(const TomlValue& one, const std::string& what) { fail_at(file_, one, what); }
  [[noreturn]] void unknown(const TomlValue& one, std::span<const std::string_view> names) {
    fail_unknown(file_, one, names);
  }

  const std::string& file_;
};

}  // namespace

FeeTable parse_fees(std::string_view text, const std::string& file) {
  return FeeReader(file).read(parse_toml(text, file));
}

FeeTable load_fees(const std::string& name) {
  if (name == "shipped") return parse_fees(embedded_fees().front().text, "<embedded fees.toml>");
  return FeeReader(name).read(read_toml_file(name));
}

void set_fee_tier(FeeTable& table, std::string_view text) {
  const std::size_t equal = text.find('=');
  if (equal == std::string_view::npos) fail(Fault::usage, "--tier: expected VENUE=TIER, was `{}`", text);
  std::vector<std::string_view> venues;
  for (VenueFees& one : table.venues) {
    if (one.venue == text.substr(0, equal)) {
      one.tier = FeeReader::find_tier(one, text.substr(equal + 1), "--tier");
      return;
    }
    venues.push_back(one.venue);
  }
  fail(Fault::config, "--tier: expected one of the table's venues {}, was `{}`", fmt::join(venues, ", "),
       text.substr(0, equal));
}

}  // namespace millrace
