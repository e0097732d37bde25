#pragma once

#include <cstddef>
#include <vector>

namespace millrace {

/// First in, first out, in one block of memory that doubles when it is full and is never given back: for queues that
/// grow and shrink with every row. How many there may be is the caller's to limit.
template <class T>
class Ring {
 public:
  bool empty() const { return first_ == end_; }
  std::size_t size() const { return end_ - first_; }

  /// REQUIRES: it is not empty.
  T& front() { return places_[first_ & mask()]; }
  const T& front() const { return places_[first_ & mask()]; }
  /// What `front` gave can be read until the next `push`.
  void pop() { ++first_; }

  /// A new last one, to be filled in: it holds whatever was in its place before. Others stay valid until then only.
  T& push() {
    if (size() == places_.size()) grow();
    return places_[end_++ & mask()];
  }

 private:
  std::size_t mask() const { return places_.size() - 1; }

  void grow() {
    std::vector<T> wider(places_.empty() ? least_places : 2 * places_.size());
    const std::size_t count = size();
    for (std::size_t i = 0; i < count; ++i) wider[i] = places_[(first_ + i) & mask()];
    places_.swap(wider);
    first_ = 0;
    end_ = count;
  }

  static constexpr std::size_t least_places = 64;
  std::vector<T> places_;            // a power of two of them
  std::size_t first_ = 0, end_ = 0;  // counted on from turn to turn
};

}  // namespace millrace
