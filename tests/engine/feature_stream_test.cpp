#include "millrace/engine/feature_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/base/checksum.h"
#include "millrace/base/error.h"
#include "millrace/engine/config.h"
#include "tests/graph/random_rows.h"

namespace millrace {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t rows = 3'000;
constexpr std::uint32_t instruments = 3;

std::unique_ptr<FeatureStream> started() {
  auto stream = std::make_unique<FeatureStream>(load_profile("listed-36"));
  for (const char* symbol : {"BTC-USD", "ETH-USD", "ADA-USD"}) stream->instruments().intern("coinbase", symbol);
  return stream;
}

testing::Bits feed(FeatureStream& stream, const Chunk& all, std::size_t first, std::size_t last, std::size_t step) {
  testing::Bits bits(all.rows());
  FeatureBlock features;
  for (std::size_t row = first; row < last; row += step) {
    Chunk part = testing::rows_of(all, row, std::min(step, last - row));
    stream.run(part, features);
    testing::collect(features, row, bits);
  }
  return bits;
}

TEST(FeatureStream, ASnapshotGoesOnWithTheBitsOfAStreamThatNeverStopped) {
  const Chunk all = testing::random_rows(rows, instruments, 3);
  const auto whole = started();
  const testing::Bits expected = feed(*whole, all, 0, rows, rows);
  for (const std::size_t at : {0UL, 1UL, 777UL, 2'999UL}) {
    const auto first = started();
    feed(*first, all, 0, at, 100);
    const auto second = FeatureStream::restore(first->snapshot());
    const testing::Bits bits = feed(*second, all, at, rows, 1);
    for (std::size_t row = at; row < rows; ++row) ASSERT_EQ(bits[row], expected[row]) << at << " row " << row;
    EXPECT_EQ(second->plan().fingerprint, whole->plan().fingerprint);
  }
}

std::string refusal(std::span<const std::byte> snapshot) {
  try {
    FeatureStream::restore(snapshot);
  } catch (const Error& error) {
    return error.fault() == Fault::state ? error.what() : "another fault";
  }
  return "";
}

TEST(FeatureStream, RefusesWhatIsNoSnapshotOfItsOwn) {
  const Bytes sound = started()->snapshot();
  EXPECT_EQ(refusal({}), "snapshot: expected the mark MRPS");
  EXPECT_EQ(refusal(std::span(sound).first(8)), "snapshot: cut short");
  EXPECT_EQ(refusal(std::span(sound).first(sound.size() - 1)), "snapshot: damaged (checksum differs)");
  Bytes other = sound;
  other[4] = std::byte{9};
  EXPECT_EQ(refusal(other), "snapshot: written by another version");
}

TEST(FeatureStream, RefusesKernelsOfAnotherVersion) {
  const auto stream = started();
  const Chunk all = testing::random_rows(100, instruments, 3);
  feed(*stream, all, 0, 100, 100);
  Bytes snapshot = stream->snapshot();
  const std::uint64_t fingerprint = stream->plan().fingerprint;
  const auto mark = std::as_bytes(std::span(&fingerprint, 1));
  const auto at = std::search(snapshot.begin(), snapshot.end(), mark.begin(), mark.end());
  ASSERT_NE(at, snapshot.end());
  // A change behind both checksums: of the instrument's record, and of the state around it.
  const auto seal = [&](std::size_t first, std::size_t end) {
    const std::uint32_t crc = crc32c(std::span(snapshot).subspan(first, end - first - sizeof(std::uint32_t)));
    std::memcpy(snapshot.data() + end - sizeof crc, &crc, sizeof crc);
  };
  const auto record = static_cast<std::size_t>(at - snapshot.begin()) - 8;  // mark, codec and flags stand before it
  std::uint32_t length = 0;
  std::memcpy(&length, snapshot.data() + record - sizeof length, sizeof length);
  *at ^= std::byte{1};
  seal(record, record + length);
  const std::array<char, 4> state_mark{'M', 'R', 'S', 'F'};
  const auto state = std::search(snapshot.begin(), snapshot.end(), std::as_bytes(std::span(state_mark)).begin(),
                                 std::as_bytes(std::span(state_mark)).end());
  seal(static_cast<std::size_t>(state - snapshot.begin()), snapshot.size() - sizeof(std::uint32_t));
  seal(0, snapshot.size());
  EXPECT_THAT(refusal(snapshot), HasSubstr("made by another feature set or kernel version"));
}

}  // namespace
}  // namespace millrace
