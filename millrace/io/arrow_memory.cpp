#include "millrace/io/arrow_memory.h"

#include <arrow/memory_pool.h>

namespace millrace {

namespace {

arrow::MemoryPool* choose_pool() {
  arrow::MemoryPool* pool = nullptr;
  // Pages stay with the process between row groups: taking them from the system again costs a twentieth of a run.
  static_cast<void>(arrow::jemalloc_set_decay_ms(20'000));
  return arrow::jemalloc_memory_pool(&pool).ok() ? pool : arrow::default_memory_pool();
}

}  // namespace

arrow::MemoryPool* arrow_memory() {
  static arrow::MemoryPool* const pool = choose_pool();  // asked for with each buffer
  return pool;
}

}  // namespace millrace
