#pragma once

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

namespace millrace {

/// A NumPy array that owns the values, without a copy. REQUIRES: as many as the shape says.
template <class T>
nanobind::object owned_array(std::vector<T>&& values, std::span<const std::size_t> shape) {
  auto held = std::make_unique<std::vector<T>>(std::move(values));
  T* data = held->data();
  const nanobind::capsule owner(held.get(), [](void* given) noexcept { delete static_cast<std::vector<T>*>(given); });
  held.release();  // NOLINT: the capsule owns it now
  return nanobind::ndarray<nanobind::numpy, T>(data, shape.size(), shape.data(), owner).cast();
}

template <class T>
nanobind::object owned_array(std::vector<T>&& values) {
  const std::size_t shape[] = {values.size()};
  return owned_array(std::move(values), shape);
}

}  // namespace millrace
