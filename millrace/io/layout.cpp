#include "millrace/io/layout.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "millrace/base/error.h"
#include "millrace/base/text.h"
#include "millrace/io/predecessor.h"

namespace millrace {

namespace {

constexpr Nanos one_millisecond = 1'000'000;

/// Derived tick rows: every row repeats the last trade, `event` says whether it happened on this row.
constexpr std::array normalized_fields{
    Field{"ts_ns", Part::column, Column::ts_recv, 1, true},
    Field{"exch_ts_ms", Part::column, Column::ts_event, one_millisecond},
    Field{"venue", Part::venue},
    Field{"symbol", Part::symbol, {}, 0, true},
    Field{"event", Part::column, Column::kind, 0, true},
    Field{"price", Part::column, Column::price, 0, true},
    Field{"last_size", Part::column, Column::size},
    Field{"side", Part::column, Column::side},
    Field{"best_bid", Part::column, Column::bid, 0, true},
    Field{"best_ask", Part::column, Column::ask, 0, true},
    Field{"best_bid_quantity", Part::column, Column::bid_size},
    Field{"best_ask_quantity", Part::column, Column::ask_size},
};

/// The canonical row; its other fields are those of the column table, under today's or the predecessor's names.
constexpr std::array canonical_fields{
    Field{"ts_event", Part::column, Column::ts_event, 1, true},
    Field{"venue", Part::venue},
    Field{"symbol", Part::symbol},
};

const Layout& canonical() { return layouts().front(); }

std::optional<Field> canonical_field(std::string_view name) {
  if (name == "venue") return Field{name, Part::venue};
  if (name == "symbol") return Field{name, Part::symbol};
  const auto column = find_column(name);
  if (!column) return std::nullopt;
  return Field{info(*column).name, Part::column, *column, info(*column).type == ColumnType::time ? 1 : 0};
}

bool is_same(const Field& a, const Field& b) {
  return a.part == b.part && (a.part != Part::column || a.column == b.column);
}

/// Finds the fields of the canonical layout; a column's own name goes before an alias.
void bind_canonical(BoundLayout& bound, std::span<const std::string> names) {
  for (const bool by_alias : {false, true}) {
    for (std::size_t at = 0; at < names.size(); ++at) {
      const auto field = canonical_field(names[at]);
      if (!field || (field->name != names[at]) != by_alias) continue;
      const auto is_bound = [&](const Binding& binding) { return is_same(binding.field, *field); };
      if (std::none_of(bound.bindings.begin(), bound.bindings.end(), is_bound)) bound.bindings.push_back({at, *field});
    }
  }
}

void bind_fields(BoundLayout& bound, std::span<const std::string> names) {
  for (const Field& field : bound.layout->fields) {
    const auto at = std::find(names.begin(), names.end(), field.name);
    if (at != names.end()) bound.bindings.push_back({static_cast<std::size_t>(at - names.begin()), field});
  }
}

[[noreturn]] void fail_missing(const std::string& path, const Layout& layout, std::string_view name,
                               std::span<const std::string> names) {
  fail(Fault::input, "{}: column `{}` is missing; expected in layout \"{}\", found {}", path, name, layout.name,
       fmt::join(names, ", "));
}

void check_single(const std::string& path, const BoundLayout& bound, std::span<const std::string> names) {
  for (const Binding& binding : bound.bindings) {
    if (std::count(names.begin(), names.end(), names[binding.at]) < 2) continue;
    fail(Fault::input, "{}: column `{}` is there twice; expected it once", path, names[binding.at]);
  }
}

void check_required(const std::string& path, const BoundLayout& bound, std::span<const std::string> names) {
  for (const Field& field : bound.layout->fields) {
    const auto is_it = [&](const Binding& binding) { return is_same(binding.field, field); };
    if (field.is_required && std::none_of(bound.bindings.begin(), bound.bindings.end(), is_it)) {
      fail_missing(path, *bound.layout, field.name, names);
    }
  }
  if (bound.layout->venue.empty() && bound.keys.venue.empty() && bound.find(Part::venue) == nullptr) {
    fail_missing(path, *bound.layout, "venue", names);
  }
  if (bound.keys.symbol.empty() && bound.find(Part::symbol) == nullptr) {
    fail_missing(path, *bound.layout, "symbol", names);
  }
}

std::string decoded(std::string_view text) {  // "BTC%2FUSD"
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) {
      return at < text.size() ? std::string_view("0123456789ABCDEFabcdef").find(text[at]) : std::string_view::npos;
    };
    const std::size_t high = digit(i + 1), low = digit(i + 2);
    if (text[i] == '%' && high != std::string_view::npos && low != std::string_view::npos) {
      const auto nibble = [](std::size_t d) { return d < 16 ? d : d - 6; };
      result += static_cast<char>(nibble(high) * 16 + nibble(low));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

}  // namespace

std::span<const Layout> layouts() {
  static const std::array list{
      Layout{"canonical", "", "ts_event", canonical_fields, std::nullopt, false},
      Layout{"normalized", "", "exch_ts_ms", normalized_fields, std::nullopt, false},
      coinbase_flat,
      kraken_flat,
      binance_flat,
  };
  return list;
}

PathKeys keys_of_path(std::string_view path) {
  PathKeys keys;
  for (const std::string_view part : split(path, '/')) {
    if (part.starts_with("venue=")) keys.venue = decoded(part.substr(6));
    if (part.starts_with("symbol=")) keys.symbol = decoded(part.substr(7));
  }
  return keys;
}

ColumnSet BoundLayout::columns() const {
  ColumnSet set{Column::ts_event, Column::kind, Column::flags};
  if (find(Part::day_change) != nullptr && find(Column::price) != nullptr) set.add(Column::open_24h);
  for (const Binding& binding : bindings) {
    if (binding.field.part == Part::column) set.add(binding.field.column);
  }
  return set;
}

const Binding* BoundLayout::find(Column column) const {
  for (const Binding& binding : bindings) {
    if (binding.field.part == Part::column && binding.field.column == column) return &binding;
  }
  return nullptr;
}

const Binding* BoundLayout::find(Part part) const {
  for (const Binding& binding : bindings) {
    if (binding.field.part == part) return &binding;
  }
  return nullptr;
}

std::string_view BoundLayout::implied_text(Part part) const {
  if (part == Part::symbol) return keys.symbol;
  return layout->venue.empty() ? std::string_view(keys.venue) : layout->venue;
}

Kind implied_kind(std::string_view path, ColumnSet columns) {
  const bool has_quote = columns.has(Column::bid) || columns.has(Column::ask);
  const bool has_trade = columns.has(Column::size) || columns.has(Column::side) || columns.has(Column::trade_id);
  if (has_quote && has_trade) {
    fail(Fault::input, "{}: column `kind` is missing; without it trades and quotes cannot be told apart", path);
  }
  if (has_trade) return Kind::trade;
  return columns.has(Column::price) ? Kind::ticker : Kind::quote;
}

BoundLayout bind_layout(const std::string& path, std::span<const std::string> names, const PathKeys& keys) {
  BoundLayout bound;
  bound.keys = keys_of_path(path);
  if (bound.keys.venue.empty()) bound.keys.venue = keys.venue;
  if (bound.keys.symbol.empty()) bound.keys.symbol = keys.symbol;
  for (const Layout& layout : layouts()) {
    if (bound.layout == nullptr && std::find(names.begin(), names.end(), layout.mark) != names.end()) {
      bound.layout = &layout;
    }
  }
  if (bound.layout == nullptr) {
    std::string known;
    for (const Layout& layout : layouts()) {
      known += fmt::format("{}{} (has `{}`)", known.empty() ? "" : ", ", layout.name, layout.mark);
    }
    fail(Fault::input, "{}: its layout is not known; found columns {}; known layouts: {}", path, fmt::join(names, ", "),
         known);
  }
  if (bound.layout == &canonical()) {
    bind_canonical(bound, names);
  } else {
    bind_fields(bound, names);
  }
  check_single(path, bound, names);
  check_required(path, bound, names);
  const bool has_kind = bound.find(Column::kind) != nullptr;
  bound.implied = bound.layout->kind ? *bound.layout->kind
                  : has_kind         ? Kind::quote
                                     : implied_kind(path, bound.columns());
  return bound;
}

}  // namespace millrace
