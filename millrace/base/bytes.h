#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace millrace {

using Bytes = std::vector<std::byte>;

/// Appends plain values in the machine's (little-endian) layout.
class ByteWriter {
 public:
  explicit ByteWriter(Bytes& out) : out_(out) {}

  template <class T>
    requires std::is_trivially_copyable_v<T>
  void put(const T& value) { put_bytes(std::as_bytes(std::span(&value, 1))); }
  void put_bytes(std::span<const std::byte> bytes) {
    const std::size_t at = out_.size();
    out_.resize(at + bytes.size());
    if (!bytes.empty()) std::memcpy(out_.data() + at, bytes.data(), bytes.size());
  }
  void put_text(std::string_view text) {  // REQUIRES: shorter than 64 KiB
    put(static_cast<std::uint16_t>(text.size()));
    put_bytes(std::as_bytes(std::span(text)));
  }

 private:
  Bytes& out_;
};

/// Reads them back; every read says whether the bytes were there, so that damaged input is a value, not a crash.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : left_(bytes) {}

  template <class T>
    requires std::is_trivially_copyable_v<T>
  bool get(T& value) {
    const auto bytes = get_bytes(sizeof(T));
    if (!bytes) return false;
    std::memcpy(&value, bytes->data(), sizeof(T));
    return true;
  }
  std::optional<std::span<const std::byte>> get_bytes(std::size_t count) {
    if (left_.size() < count) return std::nullopt;
    const auto taken = left_.first(count);
    left_ = left_.subspan(count);
    return taken;
  }
  std::optional<std::string_view> get_text() {
    std::uint16_t size = 0;
    if (!get(size)) return std::nullopt;
    const auto bytes = get_bytes(size);
    if (!bytes) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  }
  std::size_t left() const { return left_.size(); }

 private:
  std::span<const std::byte> left_;
};

}  // namespace millrace
