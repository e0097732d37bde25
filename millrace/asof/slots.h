#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "millrace/base/bytes.h"

namespace millrace {

/// Rows of a fixed number of bytes; what is freed is used again.
class Slots {
 public:
  explicit Slots(std::size_t slot_bytes) : slot_bytes_(slot_bytes) {}

  std::int64_t add(std::span<const std::byte> row) {  // REQUIRES: slot_bytes of them
    std::int64_t slot = 0;
    if (free_.empty()) {
      slot = count_++;
      bytes_.resize(bytes_.size() + slot_bytes_);
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    std::copy(row.begin(), row.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(place(slot)));
    return slot;
  }
  void free(std::int64_t slot) { free_.push_back(slot); }

  std::span<std::byte> operator[](std::int64_t slot) { return std::span(bytes_).subspan(place(slot), slot_bytes_); }
  std::size_t slot_bytes() const { return slot_bytes_; }
  std::size_t bytes() const { return bytes_.capacity() + free_.capacity() * sizeof(std::int64_t); }

 private:
  std::size_t place(std::int64_t slot) const { return static_cast<std::size_t>(slot) * slot_bytes_; }

  std::size_t slot_bytes_;
  std::int64_t count_ = 0;
  Bytes bytes_;
  std::vector<std::int64_t> free_;
};

}  // namespace millrace
