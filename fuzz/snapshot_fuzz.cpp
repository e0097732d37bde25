#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "millrace/base/bytes.h"
#include "millrace/base/checksum.h"
#include "millrace/base/error.h"
#include "millrace/engine/simulate.h"
#include "millrace/graph/graph.h"

namespace {

using namespace millrace;

constexpr std::string_view key = "simulated:BTC-USD";

/// Row and time windows, several outputs, a history and a value that changes as time passes.
std::shared_ptr<const Plan> plan() {
  return make_plan({.name = "fuzz",
                    .features = {{"z", "rolling_zscore(price, window=10)"},
                                 {"z_1m", "rolling_zscore(price, window=60s, buckets=6)"},
                                 {"gap", "ewma(price, half_life=10s) - midprice(bid, ask)"}}});
}

Bytes sound_snapshot() {
  Instruments instruments;
  SimulatedMarket market({.rows = 64, .symbols = 1}, instruments);
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  market.next(chunk);
  Graph graph(plan());
  FeatureBlock features;
  graph.run(chunk, features);
  Bytes bytes;
  graph.snapshot(0, key, 7, bytes);
  return bytes;
}

void seal(Bytes& bytes) {
  std::uint32_t crc = 0;
  if (bytes.size() < sizeof crc) return;
  crc = crc32c(std::span(bytes).first(bytes.size() - sizeof crc));
  std::memcpy(bytes.data() + bytes.size() - sizeof crc, &crc, sizeof crc);
}

/// Changes a sound snapshot: three bytes (place, place, value) each; a place beyond its end cuts it short.
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

/// Any bytes are a state, which then can be saved again, or one Error(Fault::state). By the first byte: 0, 1 = the rest
/// is the snapshot; 2, 3 = the rest damages a sound one; 1, 3 = with a right checksum, so that the inside is reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Graph graph(plan());
  static const Bytes sound = sound_snapshot();
  if (size == 0) return 0;
  const auto rest = std::as_bytes(std::span(data, size)).subspan(1);
  Bytes bytes = (data[0] & 2U) != 0 ? damaged(sound, rest) : Bytes(rest.begin(), rest.end());
  if ((data[0] & 1U) != 0) seal(bytes);
  try {
    graph.restore(0, key, bytes);
    Bytes again;
    graph.snapshot(0, key, 7, again);
    if (again.size() != bytes.size()) __builtin_trap();
  } catch (const Error& error) {
    if (error.fault() != Fault::state) throw;
  }
  return 0;
}
