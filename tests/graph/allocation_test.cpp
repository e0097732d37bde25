#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>

#include "tests/graph/every_kernel.h"
#include "tests/graph/random_rows.h"

// The sanitizers bring their own operator new; there the test only runs the rows.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
std::atomic<std::uint64_t> allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new[](std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

constexpr bool is_counting = true;
#else
namespace {
std::atomic<std::uint64_t> allocations = 0;
}
constexpr bool is_counting = false;
#endif

namespace millrace::testing {
namespace {

TEST(GraphMemory, NothingIsAllocatedOnceTheInstrumentsAreKnown) {
  const Chunk rows = random_rows(4000, 4, 11);
  std::vector<Chunk> ticks;
  for (std::size_t row = 0; row < 200; ++row) ticks.push_back(rows_of(rows, row, 1));
  for (const std::size_t threads : {1UL, 3UL}) {
    Graph graph(plan_of_every_kernel(), threads);
    FeatureBlock features;
    graph.run(rows, features);
    graph.run(ticks[0], features);
    graph.run(rows, features);
    const std::uint64_t before = allocations;
    EXPECT_EQ(before > 0, is_counting);
    graph.run(rows, features);
    for (const Chunk& tick : ticks) graph.run(tick, features);
    EXPECT_EQ(allocations, before) << threads << " threads";
  }
}

}  // namespace
}  // namespace millrace::testing
