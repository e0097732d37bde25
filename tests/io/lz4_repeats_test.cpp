#include "millrace/io/lz4_repeats.h"

#include <cstring>
#include <random>

#include <arrow/util/compression.h>
#include <gmock/gmock.h>

namespace millrace {
namespace {

/// What LZ4 itself makes of a block of `bytes` bytes.
std::vector<std::uint8_t> unpacked(const std::vector<std::byte>& block, std::size_t packed, std::size_t bytes) {
  const auto codec = *arrow::util::Codec::Create(arrow::Compression::LZ4);
  std::vector<std::uint8_t> out(bytes + 1);
  const auto size =
      codec->Decompress(static_cast<std::int64_t>(packed), reinterpret_cast<const std::uint8_t*>(block.data()),
                        static_cast<std::int64_t>(bytes), out.data());
  EXPECT_TRUE(size.ok()) << size.status().ToString();
  EXPECT_EQ(size.ValueOr(-1), static_cast<std::int64_t>(bytes));
  out.resize(bytes);
  return out;
}

/// Packs and unpacks; the size of the block.
template <class Word>
std::size_t expect_same(const std::vector<Word>& values, std::size_t head_bytes) {
  std::vector<std::byte> head(head_bytes);
  for (std::size_t i = 0; i < head_bytes; ++i) head[i] = static_cast<std::byte>(i * 7);
  Lz4Repeats repeats;
  repeats.look(values.data(), values.size(), sizeof(Word));
  std::vector<std::byte> block(repeats.most_bytes(head_bytes));
  const std::size_t packed = repeats.write(head, block.data());
  EXPECT_LE(packed, block.size());
  const std::vector<std::uint8_t> found = unpacked(block, packed, head_bytes + values.size() * sizeof(Word));
  if (!head.empty()) {
    EXPECT_EQ(std::memcmp(found.data(), head.data(), head_bytes), 0);
  }
  if (!values.empty()) {
    EXPECT_EQ(std::memcmp(found.data() + head_bytes, values.data(), values.size() * sizeof(Word)), 0);
  }
  return packed;
}

template <class Word>
void expect_random_runs() {
  std::mt19937_64 random(3);
  for (std::size_t trial = 0; trial < 3000; ++trial) {
    const std::size_t count = random() % (trial % 10 == 0 ? 5000 : 200), longest = 1 + random() % 300;
    std::vector<Word> values;
    while (values.size() < count) {
      const auto value = static_cast<Word>(random() % 50 * 0x0101010101010101U);
      values.insert(values.end(), std::min<std::size_t>(1 + random() % longest, count - values.size()), value);
    }
    expect_same(values, random() % 4 == 0 ? 0 : random() % 600);
  }
}

TEST(Lz4RepeatsTest, AnyLz4ReadsRunsOfAnyLength) {
  expect_random_runs<std::uint32_t>();
  expect_random_runs<std::uint64_t>();
}

TEST(Lz4RepeatsTest, ABlockWithoutValuesOrWithFewIsLiteral) {
  for (std::size_t count = 0; count < 20; ++count) {
    for (const std::size_t head : {0UL, 1UL, 14UL, 15UL, 270UL}) {
      expect_same(std::vector<std::uint32_t>(count, 5), head);
      expect_same(std::vector<std::uint64_t>(count, 5), head);
    }
  }
}

TEST(Lz4RepeatsTest, RepeatsShrinkAndWhatDoesNotRepeatHardlyGrows) {
  std::vector<std::uint32_t> values;
  for (std::uint32_t i = 0; i < 65'536; ++i) values.push_back(i / 8);
  const std::size_t packed = expect_same(values, 0);
  EXPECT_LT(packed, values.size() + 100);  // of a run of 32 bytes: a token, a value, an offset and a byte of length
  Lz4Repeats repeats;
  repeats.look(values.data(), values.size(), 4);
  EXPECT_NEAR(static_cast<double>(repeats.estimate()), static_cast<double>(packed), 0.15 * static_cast<double>(packed));
  for (std::uint32_t i = 0; i < 65'536; ++i) values[i] = i;
  EXPECT_LE(expect_same(values, 0), values.size() * 4 * 256 / 255 + 16);
}

TEST(Lz4RepeatsTest, OneValueThroughoutIsAFewBytes) {
  EXPECT_LT(expect_same(std::vector<std::uint64_t>(65'536, 7), 9), 2200U);
}

}  // namespace
}  // namespace millrace
