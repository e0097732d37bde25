#include "millrace/market/symbols.h"

#include <string>
#include <string_view>
#include <tuple>

#include <gtest/gtest.h>

namespace millrace {
namespace {

std::string read(std::string_view venue, std::string_view raw) {
  return canonical_symbol(venue, raw).value_or("unknown");
}

TEST(Symbols, every_venue_prints_the_default_products_its_own_way) {
  for (const std::string asset :
       {"BTC", "ETH", "DOGE", "XRP", "LTC", "BCH", "ADA", "SOL", "DOT", "LINK", "XLM", "UNI", "ALGO", "POL"}) {
    EXPECT_EQ(read("coinbase", asset + "-USD"), asset + "-USD");
    EXPECT_EQ(read("kraken", asset + "/USD"), asset + "-USD");
    EXPECT_EQ(read("binance", asset + "USDT"), asset + "-USDT");
    EXPECT_EQ(read("binance_usdm", asset + "USDT"), asset + "-USDT:PERP");
  }
}

TEST(Symbols, binance_names_are_looked_up_not_cut) {
  EXPECT_EQ(read("binance", "BTCBUSD"), "BTC-BUSD");
  EXPECT_EQ(read("binance", "ethbtc"), "ETH-BTC");
  EXPECT_EQ(read("binance", "BLZETH"), "BLZ-ETH");
  EXPECT_EQ(read("binance", "RUNEEUR"), "RUNE-EUR");
  EXPECT_EQ(read("binance", "DOGEBNB"), "DOGE-BNB");
  EXPECT_EQ(read("binance", "BTCFDUSD"), "BTC-FDUSD");
  EXPECT_EQ(read("binance", "USDCUSDT"), "USDC-USDT");
  EXPECT_EQ(read("binance", "1000SATSUSDT"), "1000SATS-USDT");
  EXPECT_EQ(read("binance", "NOSUCHUSDT"), "unknown");
  EXPECT_EQ(read("binance", "USDT"), "unknown");
}

TEST(Symbols, futures_get_a_suffix) {
  EXPECT_EQ(read("binance_usdm", "BTCUSDT_210924"), "BTC-USDT:20210924");
  EXPECT_EQ(read("binance_coinm", "BTCUSD_PERP"), "BTC-USD:PERP");
  EXPECT_EQ(read("binance_coinm", "BCHUSD_210924"), "BCH-USD:20210924");
  EXPECT_EQ(read("binance_coinm", "BTCUSDT"), "unknown");
  EXPECT_EQ(read("binance_coinm", "BTCUSD_2109"), "unknown");
  EXPECT_EQ(read("binance", "BTCUSDT_210924"), "unknown");
}

TEST(Symbols, assets_are_read_under_todays_names) {
  EXPECT_EQ(read("binance", "maticusdt"), "POL-USDT");
  EXPECT_EQ(read("coinbase", "MATIC-USD"), "POL-USD");
  EXPECT_EQ(read("kraken", "XBT/USD"), "BTC-USD");
  EXPECT_EQ(read("kraken", "XDG/USD"), "DOGE-USD");
  EXPECT_EQ(read("kraken", "KSM/XBT"), "KSM-BTC");
  EXPECT_TRUE(read_symbol("coinbase", "MATIC-USD")->is_renamed);
  EXPECT_FALSE(read_symbol("binance", "BTCUSDT")->is_renamed);
}

TEST(Symbols, usd_and_its_stablecoins_stay_apart) {
  EXPECT_EQ(read("coinbase", "BTC-USDT"), "BTC-USDT");
  EXPECT_EQ(read("kraken", "BTC/USDC"), "BTC-USDC");
  EXPECT_EQ(read("kraken", "BTC/USD"), "BTC-USD");
}

TEST(Symbols, canonical_symbols_pass_on_every_venue) {
  EXPECT_EQ(read("binance_usdm", "BTC-USDT:PERP"), "BTC-USDT:PERP");
  EXPECT_EQ(read("binance", "MATIC-USDT"), "POL-USDT");
  EXPECT_EQ(read("kraken", "BTC-USD"), "BTC-USD");
  EXPECT_EQ(read("someone", "BTC-USD"), "BTC-USD");
}

TEST(Symbols, what_no_rule_knows_is_nothing) {
  EXPECT_EQ(read("coinbase", "BTCUSD"), "unknown");
  EXPECT_EQ(read("coinbase", "-USD"), "unknown");
  EXPECT_EQ(read("kraken", "/"), "unknown");
  EXPECT_EQ(read("kraken", ""), "unknown");
  EXPECT_EQ(read("binance", "BTC-USDT:"), "unknown");
  EXPECT_EQ(read("someone", "PI_XBTUSD"), "PI_XBTUSD") << "a venue without rules prints what it likes";
}

TEST(Symbols, venues_have_one_name) {
  EXPECT_EQ(canonical_venue("binance_spot"), "binance");
  EXPECT_EQ(canonical_venue("coinbase_exchange"), "coinbase");
  EXPECT_EQ(canonical_venue("kraken_spot"), "kraken");
  EXPECT_EQ(canonical_venue("binance_usdm"), "binance_usdm");
  EXPECT_EQ(read("binance_spot", "BTCUSDT"), "BTC-USDT");
}

}  // namespace
}  // namespace millrace
