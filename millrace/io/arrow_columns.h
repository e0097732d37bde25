#pragma once

#include <arrow/type_fwd.h>

#include "millrace/io/column_values.h"

namespace millrace {

Stored stored_as(const arrow::DataType& type);

/// An array's rows as a column; the distinct texts of an array of texts go to `texts`. Both live as long as the array.
ColumnValues values_of(const arrow::Array& array, TextCodes& texts);

void read_texts(const arrow::Array& array, TextCodes& out);

}  // namespace millrace
