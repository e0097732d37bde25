#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "millrace/base/bytes.h"
#include "millrace/base/error.h"
#include "millrace/engine/config.h"
#include "millrace/engine/simulate.h"
#include "millrace/graph/cross_graph.h"

namespace {

using namespace millrace;

/// Legs among themselves, each row beside a leg, and a universe.
const CrossPlan& plan() {
  static const CrossPlan made = make_cross_plan(parse_feature_text(
      "tolerance = \"2s\"\n[legs]\nbtc = \"simulated:BTC-USD\"\neth = \"simulated:ETH-USD\"\n[features]\n"
      "gap = \"btc.price - eth.price\"\nratio = \"x.price/asof(btc.price, tolerance=5s)\"\n"
      "corr = \"hayashi_yoshida_corr(log_returns(x.price), log_returns(btc.price), window=60s)\"\n"
      "rank = \"cs_rank(log_returns(price))\"\nshare = \"dominance_index(price)\"\n"
      "score = \"venue_score(ask - bid, w_spread=1)\"\n",
      "fuzz.toml"));
  return made;
}

Bytes sound_state() {
  Instruments instruments;
  SimulatedMarket market({.rows = 200, .symbols = 3}, instruments);
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  market.next(chunk);
  CrossGraph graph(plan(), instruments);
  FeatureBlock features;
  graph.run(chunk, features);
  Bytes bytes;
  graph.save(bytes);
  return bytes;
}

/// Changes a sound state: three bytes (place, place, value) each; a place beyond its end cuts it short.
Bytes damaged(Bytes bytes, std::span<const std::byte> changes) {
  for (; changes.size() >= 3; changes = changes.subspan(3)) {
    const std::size_t place = std::to_integer<std::size_t>(changes[0]) << 8U | std::to_integer<std::size_t>(changes[1]);
    if (place < bytes.size()) {
      bytes[place] = changes[2];
    } else {
      bytes.resize(bytes.size() - bytes.size() / 8);
    }
  }
  return bytes;
}

}  // namespace

/// Any bytes are the state of legs and universes, with which rows can be played on, or one Error(Fault::state). By the
/// first byte: even = the rest is the state; odd = the rest damages a sound one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Bytes sound = sound_state();
  if (size == 0) return 0;
  const auto rest = std::as_bytes(std::span(data, size)).subspan(1);
  const Bytes bytes = (data[0] & 1U) != 0 ? damaged(sound, rest) : Bytes(rest.begin(), rest.end());
  Instruments instruments;
  SimulatedMarket market({.rows = 20, .symbols = 3}, instruments);
  CrossGraph graph(plan(), instruments);
  try {
    graph.load(bytes, instruments);
    Chunk chunk;
    chunk.reset(ColumnSet::all());
    market.next(chunk);
    FeatureBlock features;
    graph.run(chunk, features);
    Bytes again;
    graph.save(again);
    if (again.empty()) __builtin_trap();
  } catch (const Error& error) {
    if (error.fault() != Fault::state) throw;
  }
  return 0;
}
