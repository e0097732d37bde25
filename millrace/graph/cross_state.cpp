#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "millrace/base/error.h"
#include "millrace/graph/cross_graph.h"
#include "millrace/graph/snapshot.h"

// What a CrossGraph knows, as bytes (little endian):
//   fingerprint u64  universe clock i64
//   fixed stream, template: length u32, snapshot; 0 where there is none
//   row streams u32 × { venue, symbol, length u32, snapshot }
//   universes u32 × { length u32, bytes }: members have the numbers of the instruments, which are to be the same

namespace millrace {

namespace {

void put_stream(ByteWriter& writer, const Program* program, const Stream* stream, std::string_view key) {
  Bytes bytes;
  if (stream != nullptr) {
    AlignedVector<std::byte> settled(stream->state(), stream->state() + program->state_bytes);
    settle_state(*program, settled.data());
    write_snapshot(*program, key, 0, settled.data(), bytes);
  }
  writer.put(static_cast<std::uint32_t>(bytes.size()));
  writer.put_bytes(bytes);
}

void get_stream(ByteReader& reader, const Program* program, Stream* stream, std::string_view key) {
  std::uint32_t length = 0;
  if (!reader.get(length)) fail(Fault::state, "cut short");
  const auto bytes = reader.get_bytes(length);
  if (!bytes || (length == 0) != (stream == nullptr)) fail(Fault::state, "the streams are others");
  if (stream == nullptr) return;
  AlignedVector<std::byte> state(program->state_bytes);
  start_state(*program, state.data());
  read_snapshot(*program, key, *bytes, state.data());
  std::copy(state.begin(), state.end(), stream->state());
}

}  // namespace

void CrossGraph::save(Bytes& out) const {
  ByteWriter writer(out);
  writer.put(plan_.all->fingerprint);
  writer.put(universe_clock_);
  put_stream(writer, fixed_ ? &fixed_->program : nullptr, fixed_stream_ ? &*fixed_stream_ : nullptr, "legs");
  put_stream(writer, row_ ? &row_->program : nullptr, template_ ? &*template_ : nullptr, "legs");
  std::uint32_t streams = 0;
  for (const auto& stream : row_streams_) streams += stream != nullptr ? 1 : 0;
  writer.put(streams);
  for (InstrumentId id = 0; id < row_streams_.size(); ++id) {
    if (row_streams_[id] == nullptr) continue;
    const auto& [venue, symbol] = std::tie(instruments_[id].venue, instruments_[id].symbol);
    writer.put_text(venue);
    writer.put_text(symbol);
    put_stream(writer, &row_->program, row_streams_[id].get(), venue + ":" + symbol);
  }
  writer.put(static_cast<std::uint32_t>(universes_.size()));
  for (const auto& universe : universes_) {
    Bytes bytes;
    ByteWriter inner(bytes);
    universe->save(inner);
    writer.put(static_cast<std::uint32_t>(bytes.size()));
    writer.put_bytes(bytes);
  }
}

void CrossGraph::load(std::span<const std::byte> bytes, Instruments& instruments) {
  ByteReader reader(bytes);
  std::uint64_t fingerprint = 0;
  if (!reader.get(fingerprint) || !reader.get(universe_clock_)) fail(Fault::state, "cut short");
  if (fingerprint != plan_.all->fingerprint) fail(Fault::state, "made by another feature set or kernel version");
  if (universe_clock_ != no_time && !is_row_time(universe_clock_)) fail(Fault::state, "a clock before 1970");
  get_stream(reader, fixed_ ? &fixed_->program : nullptr, fixed_stream_ ? &*fixed_stream_ : nullptr, "legs");
  get_stream(reader, row_ ? &row_->program : nullptr, template_ ? &*template_ : nullptr, "legs");
  load_streams(reader, instruments);
  std::uint32_t count = 0;
  if (!reader.get(count) || count != universes_.size()) fail(Fault::state, "has another number of universes");
  for (const auto& universe : universes_) {
    std::uint32_t length = 0;
    if (!reader.get(length)) fail(Fault::state, "cut short");
    const auto part = reader.get_bytes(length);
    if (!part) fail(Fault::state, "cut short");
    ByteReader inner(*part);
    if (!universe->load(inner) || inner.left() != 0) fail(Fault::state, "a universe's state does not fit");
  }
  if (reader.left() != 0) fail(Fault::state, "has bytes after its end");
}

void CrossGraph::load_streams(ByteReader& reader, Instruments& instruments) {
  std::uint32_t count = 0;
  if (!reader.get(count)) fail(Fault::state, "cut short");
  if (count > 0 && !row_) fail(Fault::state, "the streams are others");
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto venue = reader.get_text();
    const auto symbol = reader.get_text();
    if (!venue || !symbol) fail(Fault::state, "cut short");
    const InstrumentId id = instruments.intern(*venue, *symbol);
    add_row_stream(id);
    get_stream(reader, &row_->program, row_streams_[id].get(), fmt::format("{}:{}", *venue, *symbol));
  }
}

}  // namespace millrace
