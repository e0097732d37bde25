#include "millrace/io/arrow_memory.h"

#include <arrow/memory_pool.h>

namespace millrace {

arrow::MemoryPool* arrow_memory() {
  arrow::MemoryPool* pool = nullptr;
  return arrow::jemalloc_memory_pool(&pool).ok() ? pool : arrow::default_memory_pool();
}

}  // namespace millrace
