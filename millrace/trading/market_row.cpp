#include "millrace/trading/market_row.h"

#include <cstdint>

namespace millrace {

namespace {

/// A column, or one value for all rows where the chunk lacks it.
template <class T>
struct Values {
  const T* first;
  std::size_t mask;  // all bits, or none: then every row is the first
  T operator[](std::size_t row) const { return first[row & mask]; }
};

constexpr double missing_number = no_value;
constexpr Nanos missing_time = no_time;
constexpr std::int8_t missing_side = 0;

/// Where a chunk keeps what makes a row: looked up once for many rows.
class RowReader {
 public:
  explicit RowReader(const Chunk& chunk)
      : chunk_(chunk),
        side_(values(Column::side, chunk.side.data(), missing_side)),
        price_(numbers(Column::price)),
        size_(numbers(Column::size)),
        bid_(numbers(Column::bid)),
        bid_size_(numbers(Column::bid_size)),
        ask_(numbers(Column::ask)),
        ask_size_(numbers(Column::ask_size)),
        vol_24h_(numbers(Column::vol_24h)),
        mark_price_(numbers(Column::mark_price)),
        index_price_(numbers(Column::index_price)),
        funding_rate_(numbers(Column::funding_rate)),
        next_funding_ns_(values(Column::next_funding_ns, chunk.next_funding_ns.data(), missing_time)) {}

  void read(std::size_t row, MarketRow& out) const {
    out.instrument = chunk_.instrument[row];
    out.kind = static_cast<Kind>(chunk_.kind[row]);
    out.side = static_cast<Side>(side_[row]);
    out.flags = chunk_.flags[row];
    out.ts_event = chunk_.ts_event[row];
    out.ts_recv = chunk_.ts_recv[row];
    out.price = price_[row];
    out.size = size_[row];
    out.bid = bid_[row];
    out.bid_size = bid_size_[row];
    out.ask = ask_[row];
    out.ask_size = ask_size_[row];
    out.vol_24h = vol_24h_[row];
    out.mark_price = mark_price_[row];
    out.index_price = index_price_[row];
    out.funding_rate = funding_rate_[row];
    out.next_funding_ns = next_funding_ns_[row];
  }

 private:
  template <class T>
  Values<T> values(Column column, const T* first, const T& missing) const {
    return chunk_.columns.has(column) ? Values<T>{first, SIZE_MAX} : Values<T>{&missing, 0};
  }
  Values<double> numbers(Column column) const { return values(column, chunk_.f64(column), missing_number); }

  const Chunk& chunk_;
  Values<std::int8_t> side_;
  Values<double> price_, size_, bid_, bid_size_, ask_, ask_size_, vol_24h_, mark_price_, index_price_, funding_rate_;
  Values<Nanos> next_funding_ns_;
};

}  // namespace

MarketRow market_row_of(const Chunk& chunk, std::size_t row) {
  MarketRow result;
  RowReader(chunk).read(row, result);
  return result;
}

void read_market_rows(const Chunk& chunk, std::vector<MarketRow>& out) {
  out.resize(chunk.rows());
  const RowReader reader(chunk);
  for (std::size_t row = 0; row < out.size(); ++row) reader.read(row, out[row]);
}

}  // namespace millrace
