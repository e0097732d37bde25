#include "millrace/io/predecessor.h"

#include <array>

namespace millrace {

namespace {

constexpr Nanos one_millisecond = 1'000'000;

constexpr std::array coinbase_fields{
    Field{"parent_timestamp", Part::column, Column::ts_event, 0, true},
    Field{"product_id", Part::symbol, {}, 0, true},
    Field{"parent_sequence_num", Part::column, Column::seq},
    Field{"price", Part::column, Column::price, 0, true},
    Field{"best_bid", Part::column, Column::bid, 0, true},
    Field{"best_ask", Part::column, Column::ask, 0, true},
    Field{"best_bid_quantity", Part::column, Column::bid_size},
    Field{"best_ask_quantity", Part::column, Column::ask_size},
    Field{"volume_24_h", Part::column, Column::vol_24h},
    Field{"high_24_h", Part::column, Column::high_24h},
    Field{"low_24_h", Part::column, Column::low_24h},
    Field{"open_24h", Part::column, Column::open_24h},
    Field{"price_percent_chg_24_h", Part::column, Column::pct_chg_24h},
};

constexpr std::array kraken_fields{
    Field{"timestamp", Part::column, Column::ts_event, 0, true},
    Field{"symbol", Part::symbol, {}, 0, true},
    Field{"last", Part::column, Column::price, 0, true},
    Field{"bid", Part::column, Column::bid, 0, true},
    Field{"ask", Part::column, Column::ask, 0, true},
    Field{"bid_qty", Part::column, Column::bid_size},
    Field{"ask_qty", Part::column, Column::ask_size},
    Field{"volume", Part::column, Column::vol_24h},
    Field{"high", Part::column, Column::high_24h},
    Field{"low", Part::column, Column::low_24h},
    Field{"change", Part::day_change},
    Field{"change_pct", Part::column, Column::pct_chg_24h},
    Field{"vwap", Part::column, Column::vwap_24h},
};

constexpr std::array binance_fields{
    Field{"timestamp", Part::column, Column::ts_event, one_millisecond, true},
    Field{"symbol", Part::symbol, {}, 0, true},
    Field{"last_price", Part::column, Column::price, 0, true},
    Field{"best_bid", Part::column, Column::bid, 0, true},
    Field{"best_ask", Part::column, Column::ask, 0, true},
    Field{"best_bid_qty", Part::column, Column::bid_size},
    Field{"best_ask_qty", Part::column, Column::ask_size},
    Field{"volume", Part::column, Column::vol_24h},
    Field{"quote_volume", Part::column, Column::quote_vol_24h},
    Field{"high_price", Part::column, Column::high_24h},
    Field{"low_price", Part::column, Column::low_24h},
    Field{"open_price", Part::column, Column::open_24h},
    Field{"price_change_pct", Part::column, Column::pct_chg_24h},
    Field{"weighted_avg_price", Part::column, Column::vwap_24h},
    Field{"num_trades", Part::column, Column::n_trades_24h},
};

}  // namespace

constexpr Layout coinbase_flat{"coinbase flat", "coinbase", "product_id", coinbase_fields, Kind::ticker, true};
constexpr Layout kraken_flat{"kraken flat", "kraken", "bid_qty", kraken_fields, Kind::ticker, true};
constexpr Layout binance_flat{"binance flat", "binance", "best_bid_qty", binance_fields, Kind::ticker, true};

}  // namespace millrace
