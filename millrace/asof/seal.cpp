#include "millrace/asof/seal.h"

#include <array>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"

namespace millrace {

namespace {

struct Header {
  std::array<char, 4> magic;
  std::uint16_t codec;
  AsofSnapshot kind;
  std::uint64_t fingerprint;
};
static_assert(sizeof(Header) == 16);

constexpr std::array<char, 4> magic{'M', 'R', 'A', '1'};

}  // namespace

void refuse_snapshot(std::string_view reason) { fail(Fault::state, "snapshot of an asof join: {}", reason); }

void begin_snapshot(AsofSnapshot kind, std::uint64_t fingerprint, Bytes& out) {
  ByteWriter(out).put(Header{magic, asof_snapshot_codec, kind, fingerprint});
}

void seal_snapshot(std::size_t start, Bytes& out) { ByteWriter(out).put(crc32c(std::span(out).subspan(start))); }

std::span<const std::byte> open_snapshot(AsofSnapshot kind, std::uint64_t fingerprint,
                                         std::span<const std::byte> snapshot) {
  Header header{};
  std::uint32_t crc = 0;
  ByteReader reader(snapshot);
  if (!reader.get(header) || reader.left() < sizeof crc) refuse_snapshot("cut short");
  if (header.magic != magic) refuse_snapshot("expected the mark MRA1");
  if (header.codec != asof_snapshot_codec) refuse_snapshot("written by another version of the codec");
  if (header.kind != kind) refuse_snapshot("of a join in another order");
  std::memcpy(&crc, snapshot.data() + snapshot.size() - sizeof crc, sizeof crc);
  if (crc != crc32c(snapshot.first(snapshot.size() - sizeof crc))) refuse_snapshot("damaged (checksum differs)");
  if (header.fingerprint != fingerprint) refuse_snapshot("made by a join with other options");
  return snapshot.subspan(sizeof header, snapshot.size() - sizeof header - sizeof crc);
}

}  // namespace millrace
