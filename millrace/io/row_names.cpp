#include "millrace/io/row_names.h"

namespace millrace {

namespace {

constexpr InstrumentId not_looked_up = unknown_instrument - 1;
constexpr std::size_t table_limit = 1U << 20U;  // pairs of venue and symbol; beyond it each row is looked up

}  // namespace

void RowNames::name(const TextCodes& venues, const TextCodes& symbols, const RowTarget& target) {
  Chunk& chunk = target.chunk;
  const std::size_t pairs = venues.texts.size() * symbols.texts.size();
  const bool has_table = pairs <= table_limit;
  table_.assign(has_table ? pairs : 1, not_looked_up);
  for (std::size_t row = target.at; row < chunk.rows(); ++row) {
    const std::int32_t venue = venues.codes.empty() ? 0 : venues.codes[row - target.at];
    const std::int32_t symbol = symbols.codes.empty() ? 0 : symbols.codes[row - target.at];
    InstrumentId& id = chunk.instrument[row];
    id = no_instrument;
    if (venue < 0 || symbol < 0) continue;
    const auto v = static_cast<std::size_t>(venue), s = static_cast<std::size_t>(symbol);
    InstrumentId& known = table_[has_table ? v * symbols.texts.size() + s : 0];
    if (known == not_looked_up || !has_table) known = reader_.find(venues.texts[v], symbols.texts[s]);
    id = known;
    if (id != unknown_instrument || target.keep[row] == 0) continue;
    target.ledger.note(Reason::unknown_symbol, chunk.place[row], symbols.texts[s]);
    target.ledger.add_rows(1);
    target.keep[row] = 0;
  }
}

}  // namespace millrace
