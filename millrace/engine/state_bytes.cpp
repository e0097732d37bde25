#include "millrace/engine/state_bytes.h"

#include <array>
#include <cstring>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr std::array<char, 4> magic{'M', 'R', 'S', 'F'};
constexpr std::uint16_t version = 2;

std::string key_of(const Instrument& instrument) { return instrument.venue + ":" + instrument.symbol; }

}  // namespace

Bytes write_state(const Instruments& instruments, const Door& door, const CrossGraph& graph, std::uint64_t rows) {
  Bytes bytes;
  ByteWriter writer(bytes);
  const Graph* own = graph.own();
  const std::size_t count = own == nullptr ? door.states().size() : std::min(door.states().size(), own->instruments());
  writer.put(magic);
  writer.put(version);
  writer.put(static_cast<std::uint32_t>(std::min(count, instruments.size())));
  writer.put(rows);
  for (InstrumentId id = 0; id < count && id < instruments.size(); ++id) {
    writer.put_text(instruments[id].venue);
    writer.put_text(instruments[id].symbol);
    writer.put(door.states()[id]);
    Bytes snapshot;
    if (own != nullptr) own->snapshot(id, key_of(instruments[id]), door.states()[id].rows, snapshot);
    writer.put(static_cast<std::uint32_t>(snapshot.size()));
    writer.put_bytes(snapshot);
  }
  Bytes across;
  if (!graph.parts().is_plain()) graph.save(across);
  writer.put(static_cast<std::uint32_t>(across.size()));
  writer.put_bytes(across);
  writer.put(crc32c(bytes));
  return bytes;
}

std::uint64_t read_state(std::span<const std::byte> bytes, const std::string& where, Instruments& instruments,
                         Door& door, CrossGraph& graph) {
  const auto refuse = [&](std::string_view reason) { fail(Fault::state, "{}: {}", where, reason); };
  ByteReader reader(bytes);
  std::array<char, 4> mark{};
  std::uint16_t written_by = 0;
  std::uint32_t count = 0, crc = 0;
  std::uint64_t rows = 0;
  if (!reader.get(mark) || mark != magic) refuse("expected a state file (mark MRSF)");
  if (!reader.get(written_by) || written_by != version) refuse("written by another version");
  if (bytes.size() < sizeof crc) refuse("cut short");
  std::memcpy(&crc, bytes.data() + bytes.size() - sizeof crc, sizeof crc);
  if (crc != crc32c(bytes.first(bytes.size() - sizeof crc))) refuse("damaged (checksum differs)");
  if (!reader.get(count) || !reader.get(rows)) refuse("cut short");
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto venue = reader.get_text();
    const auto symbol = reader.get_text();
    MarketState market;
    std::uint32_t length = 0;
    if (!venue || !symbol || !reader.get(market) || !reader.get(length)) refuse("cut short");
    const auto snapshot = reader.get_bytes(length);
    if (!snapshot) refuse("cut short");
    const InstrumentId id = instruments.intern(*venue, *symbol);
    try {
      if (graph.own() != nullptr) graph.own()->restore(id, key_of(instruments[id]), *snapshot);
    } catch (const Error& error) {
      fail(Fault::state, "{}: {}", where, error.what());
    }
    door.restore(id, market);
  }
  std::uint32_t length = 0;
  if (!reader.get(length)) refuse("cut short");
  const auto across = reader.get_bytes(length);
  if (!across) refuse("cut short");
  if ((length == 0) != graph.parts().is_plain()) refuse("made by another feature set or kernel version");
  try {
    if (length > 0) graph.load(*across, instruments);
  } catch (const Error& error) {
    fail(Fault::state, "{}: {}", where, error.what());
  }
  if (reader.left() != sizeof crc) refuse("has bytes after its end");
  return rows;
}

}  // namespace millrace
