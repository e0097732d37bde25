#pragma once

#include <arrow/util/type_fwd.h>

#include "millrace/io/column_encoding.h"

namespace millrace {

inline arrow::Compression::type arrow_codec(Codec codec) {
  switch (codec) {
    case Codec::zstd: return arrow::Compression::ZSTD;
    case Codec::snappy: return arrow::Compression::SNAPPY;
    case Codec::lz4: break;
  }
  return arrow::Compression::LZ4;
}

}  // namespace millrace
