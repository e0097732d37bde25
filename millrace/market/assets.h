#pragma once

#include <array>
#include <string_view>
#include <utility>

namespace millrace {

/// One asset under two names: what venues or old files print, and what canonical symbols say.
using AssetAlias = std::pair<std::string_view, std::string_view>;
inline constexpr std::array asset_aliases{
    AssetAlias{"MATIC", "POL"},  // renamed by Polygon in 2024-09
    AssetAlias{"XBT", "BTC"},    // Kraken and BitMEX follow ISO 4217
    AssetAlias{"XDG", "DOGE"},   // Kraken
};

using VenueAlias = std::pair<std::string_view, std::string_view>;
inline constexpr std::array venue_aliases{
    VenueAlias{"binance_spot", "binance"},
    VenueAlias{"coinbase_exchange", "coinbase"},
    VenueAlias{"kraken_spot", "kraken"},
};

/// Assets that Binance quotes prices in. Where two pairs of assets make one text (BTC and BUSD, BTCB and USD), the
/// quote that stands first here is meant.
inline constexpr std::array<std::string_view, 32> binance_quotes{
    "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USDP", "USDS", "PAX", "USD1", "DAI", "AEUR",
    "EURI", "EUR",  "GBP",   "TRY",  "BRL",  "AUD",  "RUB",  "UAH", "NGN",  "ZAR", "JPY",
    "MXN",  "ARS",  "PLN",   "RON",  "CZK",  "IDRT", "BIDR", "BTC", "ETH",  "BNB",
};
inline constexpr std::array<std::string_view, 6> binance_late_quotes{"XRP", "TRX", "DOGE", "DOT", "SOL", "VAI"};

/// Assets that Binance has quoted against others; a list of what was met, to be added to.
inline constexpr std::string_view binance_bases =
    // The default product list and the assets of the recorded files.
    "BTC ETH DOGE XRP LTC BCH ADA SOL DOT LINK XLM UNI ALGO POL MATIC NKN BLZ LRC RUNE SUSHI AKRO KEEP CTK TRX ETC EOS "
    "BNB LPT GNT "
    // Well-known coins.
    "AAVE ACA ACE ACH ACM ADX AERO AEVO AGI AGIX AGLD AI AION AIXBT ALCX ALGO ALICE ALPACA ALPHA ALPINE ALT AMB AMP "
    "ANKR "
    "ANIME ANT APE API3 APT AR ARB ARDR ARK ARKM ARPA ASR AST ASTR ATA ATM ATOM AUCTION AUDIO AUTO AVA AVAX AXL AXS "
    "BABYDOGE BADGER BAKE BAL BAND BANANA BAR BAT BB BCC BCD BCN BCPT BEAM BEAMX BEL BERA BETA BICO BIFI BIGTIME BIO "
    "BLUR "
    "BLUEBIRD BMT BNT BNX BOME BOND BONK BSV BSW BTCB BTCDOM BTCST BTG BTS BTT BTTC BURGER C98 CAKE CATI CELO CELR "
    "CETUS "
    "CFX CGPT CHESS CHR CHZ CITY CKB CLV COCOS COMBO COMP COS COTI COW CREAM CRV CTSI CTXC CVC CVP CVX CYBER DAI DAR "
    "DASH "
    "DATA DCR DEFI DEGO DENT DEXE DF DGB DIA DNT DOCK DODO DOGS DREP DUSK DYDX DYM EDU EGLD EIGEN ELF ENA ENJ ENS EPIC "
    "EPX "
    "ERN ETHFI ETHW EUR EURI FARM FET FDUSD FIDA FIL FIO FIRO FIS FLM FLOKI FLOW FLUX FOR FORM FORTH FRONT FTM FTT FUN "
    "FXS "
    "G GAL GALA GAS GBP GFT GHST GLM GLMR GMT GMX GNO GNS GPS GRT GTC GTO GUN HARD HBAR HC HEI HFT HIFI HIGH HIVE "
    "HMSTR HNT "
    "HOOK HOT HUMA HYPE HYPER ICP ICX ID IDEX ILV IMX INIT INJ IOST IOTA IOTX IQ IRIS JASMY JOE JST JTO JUP JUV KAIA "
    "KAITO "
    "KAVA KDA KERNEL KEY KLAY KMD KMNO KNC KP3R KSM LAYER LAZIO LDO LEVER LINA LISTA LIT LOKA LOOM LPT LQTY LSK LTO "
    "LUMIA "
    "LUNA LUNC LUNA2 MAGIC MANA MANTA MASK MAV MBL MBOX MC MCO MDT MDX ME MEME METIS MINA MIR MITH MKR MLN MOB MOVE "
    "MOVR "
    "MTL MUBARAK MULTI NANO NEAR NEIRO NEO NEXO NFP NIL NMR NOT NTRN NULS NXPC OAX OCEAN OG OGN OM OMG OMNI OMNOM ONDO "
    "ONE "
    "ONG ONT OOKI OP ORCA ORDI ORN OSMO OXT PARTI PAX PAXG PDA PENDLE PENGU PEOPLE PEPE PERL PERP PHA PHB PIVX PIXEL "
    "PNT "
    "PNUT POLS POLY POLYX POND PORTAL PORTO POWR PROM PROS PSG PUNDIX PYR PYTH QI QKC QNT QTUM QUICK RAD RARE RAY RDNT "
    "RED REEF REI REN RENDER REP REQ RESOLV REZ RIF RLC RNDR RONIN ROSE RPL RSR RVN S SAGA SAND SANTOS SC SCR SCRT SEI "
    "SFP "
    "SHELL SHIB SHIDO SIGN SKL SLF SLP SNT SNX SOLV SOPH SPELL SRM SSV STEEM STG STMX STO STORJ STPT STRAX STRK STX "
    "SUI "
    "SUN SUPER SXP SXT SYN SYRUP SYS T TAO TFUEL THE THETA TIA TKO TLM TNSR TOMO TON TORN TRB TROY TRU TRUMP TST TURBO "
    "TUSD "
    "TUT TVK TWT UFT UMA UNFI USD1 USDC USDP USDS USDT USTC UTK VAI VANA VANRY VET VGX VIA VIB VIBE VIC VIDT VIRTUAL "
    "VITE "
    "VOXEL VTHO W WAN WAVES WAXP WBETH WBTC WCT WIF WIN WING WLD WOO WRX XAI XEC XEM XMR XNO XTZ XUSD XVG XVS YFI YFII "
    "YGG "
    "ZEC ZEN ZIL ZK ZRO ZRX "
    // Sold in lots.
    "1000BONK 1000CAT 1000CHEEMS 1000FLOKI 1000LUNC 1000PEPE 1000RATS 1000SATS 1000SHIB 1000XEC 1000000MOG 1000000BOB "
    "1INCH "
    "1MBABYDOGE";

}  // namespace millrace
