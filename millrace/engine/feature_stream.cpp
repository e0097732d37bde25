#include "millrace/engine/feature_stream.h"

#include <array>
#include <cstring>
#include <optional>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"
#include "millrace/engine/state_bytes.h"

namespace millrace {

namespace {

constexpr std::array<char, 4> magic{'M', 'R', 'P', 'S'};
constexpr std::uint16_t version = 2;
constexpr const char* where = "snapshot";

void put(ByteWriter& writer, std::string_view text) {
  writer.put(static_cast<std::uint32_t>(text.size()));
  writer.put_bytes(std::as_bytes(std::span(text)));
}

void put(ByteWriter& writer, const std::vector<Definition>& definitions) {
  writer.put(static_cast<std::uint32_t>(definitions.size()));
  for (const Definition& one : definitions) {
    for (const std::string* text : {&one.name, &one.expression, &one.unit, &one.warmup}) put(writer, *text);
  }
}

[[noreturn]] void refuse(std::string_view reason) { fail(Fault::state, "{}: {}", where, reason); }

std::string text_of(ByteReader& reader) {
  std::uint32_t size = 0;
  if (!reader.get(size)) refuse("cut short");
  const auto bytes = reader.get_bytes(size);
  if (!bytes) refuse("cut short");
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

std::vector<Definition> definitions_of(ByteReader& reader) {
  std::uint32_t count = 0;
  if (!reader.get(count) || count > most_definitions) refuse("cut short");
  std::vector<Definition> definitions(count);
  for (Definition& one : definitions) {
    for (std::string* text : {&one.name, &one.expression, &one.unit, &one.warmup}) *text = text_of(reader);
  }
  return definitions;
}

}  // namespace

FeatureStream::FeatureStream(FeatureSet set, std::size_t threads)
    : set_(std::move(set)), door_(ledger_), graph_(make_cross_plan(set_), instruments_, threads) {}

void FeatureStream::run(Chunk& chunk, FeatureBlock& features) {
  door_.admit(chunk);
  graph_.run(chunk, features);
}

Bytes FeatureStream::snapshot() const {
  Bytes bytes;
  ByteWriter writer(bytes);
  writer.put(magic);
  writer.put(version);
  put(writer, set_.name);
  put(writer, set_.lets);
  put(writer, set_.features);
  writer.put(set_.tolerance);
  writer.put(static_cast<std::uint32_t>(set_.legs.size()));
  for (const Leg& leg : set_.legs) {
    put(writer, leg.name);
    put(writer, leg.instrument);
  }
  const Bytes state = write_state(instruments_, door_, graph_, rows_before_ + ledger_.rows_read());
  writer.put(static_cast<std::uint64_t>(state.size()));
  writer.put_bytes(state);
  writer.put(crc32c(bytes));
  return bytes;
}

std::unique_ptr<FeatureStream> FeatureStream::restore(std::span<const std::byte> snapshot, std::size_t threads) {
  ByteReader reader(snapshot);
  std::array<char, 4> mark{};
  std::uint16_t written_by = 0;
  std::uint32_t crc = 0;
  std::uint64_t length = 0;
  if (!reader.get(mark) || mark != magic) refuse("expected the mark MRPS");
  if (!reader.get(written_by) || written_by != version) refuse("written by another version");
  if (reader.left() < sizeof crc) refuse("cut short");
  std::memcpy(&crc, snapshot.data() + snapshot.size() - sizeof crc, sizeof crc);
  if (crc != crc32c(snapshot.first(snapshot.size() - sizeof crc))) refuse("damaged (checksum differs)");
  FeatureSet set{.name = text_of(reader)};
  set.lets = definitions_of(reader);
  set.features = definitions_of(reader);
  std::uint32_t legs = 0;
  if (!reader.get(set.tolerance) || !reader.get(legs) || legs > most_definitions) refuse("cut short");
  for (std::uint32_t i = 0; i < legs; ++i) {
    std::string name = text_of(reader);
    set.legs.push_back({std::move(name), text_of(reader)});
  }
  const auto state = reader.get(length) ? reader.get_bytes(length) : std::nullopt;
  if (!state || reader.left() != sizeof crc) refuse("cut short");
  auto stream = std::make_unique<FeatureStream>(std::move(set), threads);
  stream->rows_before_ = read_state(*state, where, stream->instruments_, stream->door_, stream->graph_);
  return stream;
}

}  // namespace millrace
