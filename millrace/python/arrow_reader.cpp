#include "millrace/python/arrow_reader.h"

#include <algorithm>

#include "millrace/base/error.h"
#include "millrace/io/row_finish.h"

namespace millrace {

namespace {

const std::string where = "table";

Stored stored_as(ArrowType type) {
  switch (type) {
    case NANOARROW_TYPE_NA: return Stored::nothing;
    case NANOARROW_TYPE_DOUBLE: return Stored::f64;
    case NANOARROW_TYPE_FLOAT: return Stored::f32;
    case NANOARROW_TYPE_INT64: return Stored::i64;
    case NANOARROW_TYPE_UINT64: return Stored::u64;
    case NANOARROW_TYPE_INT32: return Stored::i32;
    case NANOARROW_TYPE_UINT32: return Stored::u32;
    case NANOARROW_TYPE_INT16: return Stored::i16;
    case NANOARROW_TYPE_UINT16: return Stored::u16;
    case NANOARROW_TYPE_INT8: return Stored::i8;
    case NANOARROW_TYPE_UINT8: return Stored::u8;
    case NANOARROW_TYPE_TIMESTAMP: return Stored::timestamp;
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_STRING_VIEW:
    case NANOARROW_TYPE_BINARY:
    case NANOARROW_TYPE_LARGE_BINARY:
    case NANOARROW_TYPE_BINARY_VIEW: return Stored::text;
    default: return Stored::other;
  }
}

Nanos unit_of(ArrowTimeUnit unit) {
  switch (unit) {
    case NANOARROW_TIME_UNIT_SECOND: return one_second;
    case NANOARROW_TIME_UNIT_MILLI: return 1'000'000;
    case NANOARROW_TIME_UNIT_MICRO: return 1'000;
    case NANOARROW_TIME_UNIT_NANO: break;
  }
  return 1;
}

ArrowSchemaView view_of(const ArrowSchema& schema) {
  ArrowSchemaView view;
  ArrowError problem;
  ArrowErrorInit(&problem);
  if (ArrowSchemaViewInit(&view, &schema, &problem) != NANOARROW_OK) {
    fail(Fault::input, "{}: {}", where, ArrowErrorMessage(&problem));
  }
  return view;
}

/// A dictionary counts as what it holds, where that is text.
Stored stored_as(const ArrowSchema& schema) {
  if (schema.dictionary == nullptr) return stored_as(view_of(schema).type);
  return stored_as(view_of(*schema.dictionary).type) == Stored::text ? Stored::text : Stored::other;
}

std::string_view text_at(const ArrowArrayView& view, std::int64_t row) {
  const ArrowStringView text = ArrowArrayViewGetStringUnsafe(&view, row);
  return {text.data, static_cast<std::size_t>(text.size_bytes)};
}

}  // namespace

ArrowReader::ArrowReader(ArrowArrayStream* stream, Instruments& instruments, Ledger& ledger)
    : names_(instruments), ledger_(ledger), source_(ledger.add_source(where)) {
  ArrowArrayStreamMove(stream, stream_.get());
  ArrowError problem;
  ArrowErrorInit(&problem);
  if (stream_->get_schema(stream_.get(), schema_.get()) != 0) fail_stream("cannot tell its columns");
  if (view_of(*schema_.get()).type != NANOARROW_TYPE_STRUCT) {
    fail(Fault::input, "{}: expected columns with names, found an array of {}", where,
         ArrowTypeString(view_of(*schema_.get()).type));
  }
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < schema_->n_children; ++i) {
    const ArrowSchema& child = *schema_->children[i];
    names.emplace_back(child.name == nullptr ? "" : child.name);
    stored_.push_back(stored_as(child));
    unit_.push_back(stored_.back() == Stored::timestamp ? unit_of(view_of(child).time_unit) : 0);
  }
  layout_ = bind_layout(where, names, {.venue = unnamed, .symbol = unnamed});
  for (const Binding& binding : layout_.bindings) {
    const auto expected = expected_type(binding.field, stored_[binding.at], layout_.layout->has_text_numbers);
    if (expected.empty()) continue;
    fail(Fault::input, "{}: column `{}` has the wrong type; expected {}, found {}", where, names[binding.at], expected,
         ArrowTypeString(view_of(*schema_->children[binding.at]).type));
  }
  if (ArrowArrayViewInitFromSchema(view_.get(), schema_.get(), &problem) != NANOARROW_OK) {
    fail(Fault::input, "{}: {}", where, ArrowErrorMessage(&problem));
  }
}

void ArrowReader::fail_stream(const char* what) const {
  const char* reason = stream_->get_last_error(const_cast<ArrowArrayStream*>(stream_.get()));
  fail(Fault::input, "{}: {}: {}", where, what, reason == nullptr ? "no reason given" : reason);
}

void ArrowReader::fail_word(std::size_t column, std::int64_t word) const {
  fail(Fault::input, "{}: column `{}` names word {} of a dictionary of {}", where, schema_->children[column]->name,
       word, view_->children[column]->dictionary->length);
}

bool ArrowReader::has_batch() {
  while (batch_->release == nullptr || batch_at_ == batch_->length) {
    batch_.reset();
    batch_at_ = 0;
    if (stream_->get_next(stream_.get(), batch_.get()) != 0) fail_stream("no more rows");
    if (batch_->release == nullptr) return false;
    ArrowError problem;
    ArrowErrorInit(&problem);
    if (ArrowArrayViewSetArray(view_.get(), batch_.get(), &problem) != NANOARROW_OK) {
      fail(Fault::input, "{}: {}", where, ArrowErrorMessage(&problem));
    }
    if (ArrowArrayViewComputeNullCount(view_.get()) != 0) {
      fail(Fault::input, "{}: expected rows, found nulls in their place", where);
    }
  }
  return true;
}

bool ArrowReader::next(Chunk& chunk, std::size_t most) {
  do {  // rows may all be dropped
    chunk.reset(chunk.columns);
    keep_.clear();
    if (!has_batch()) return false;
    read_rows(chunk, std::min(static_cast<std::int64_t>(most), batch_->length - batch_at_));
    if (std::find(keep_.begin(), keep_.end(), 0) != keep_.end()) chunk.compact(keep_);
  } while (chunk.rows() == 0);
  return true;
}

void ArrowReader::read_rows(Chunk& chunk, std::int64_t count) {
  const auto rows = static_cast<std::size_t>(count);
  chunk.resize(rows);
  keep_.assign(rows, 1);
  for (Place& place : chunk.place) {
    place.source = source_;
    place.row = ++rows_read_ & ((std::uint64_t{1} << 48U) - 1);
  }
  const RowTarget target{chunk, 0, keep_, ledger_};
  for (const Binding& binding : layout_.bindings) {
    const Field& field = binding.field;
    const bool is_wanted = field.part == Part::column       ? chunk.columns.has(field.column)
                           : field.part == Part::day_change ? chunk.columns.has(Column::open_24h)
                                                            : false;
    if (is_wanted) read_column(values_of(binding.at, count, texts_), field, target);
  }
  finish_rows(layout_, chunk, 0);
  read_codes(Part::venue, count, venues_);
  read_codes(Part::symbol, count, symbols_);
  names_.name(venues_, symbols_, target);
  batch_at_ += count;
}

ColumnValues ArrowReader::values_of(std::size_t column, std::int64_t count, TextCodes& texts) const {
  const ArrowArrayView& view = *view_->children[column];
  const std::int64_t first = view.offset + view_->offset + batch_at_;
  ColumnValues values{.stored = stored_[column], .rows = static_cast<std::size_t>(count), .unit = unit_[column]};
  if (values.stored == Stored::text) {
    read_texts(column, count, texts);
    values.texts = &texts;
  } else if (values.stored != Stored::nothing) {
    const std::int64_t bytes = view.layout.element_size_bits[1] / 8;
    values.values = view.buffer_views[1].data.as_uint8 + first * bytes;
    if (view.null_count != 0) values.valid = view.buffer_views[0].data.as_uint8;
    values.valid_at = static_cast<std::size_t>(first);
  }
  return values;
}

void ArrowReader::read_texts(std::size_t column, std::int64_t count, TextCodes& texts) const {
  const ArrowArrayView& view = *view_->children[column];
  const std::int64_t first = view_->offset + batch_at_;
  if (view.dictionary == nullptr) {
    TextCoder coder(texts, static_cast<std::size_t>(count));
    for (std::int64_t row = first; row < first + count; ++row) {
      if (ArrowArrayViewIsNull(&view, row) != 0) {
        coder.add_null();
      } else {
        coder.add(text_at(view, row));
      }
    }
    return;
  }
  texts.codes.clear();
  texts.texts.clear();
  const ArrowArrayView& words = *view.dictionary;
  for (std::int64_t i = 0; i < words.length; ++i) {
    texts.texts.push_back(ArrowArrayViewIsNull(&words, i) != 0 ? std::string_view() : text_at(words, i));
  }
  const bool has_nulls = view.null_count != 0 && view.buffer_views[0].data.as_uint8 != nullptr;
  if (view.storage_type == NANOARROW_TYPE_UINT32 && !has_nulls && words.length <= INT32_MAX) {
    const std::uint32_t* codes = view.buffer_views[1].data.as_uint32 + view.offset + first;
    texts.codes.assign(codes, codes + count);
    const auto most = static_cast<std::int64_t>(count == 0 ? 0 : *std::max_element(codes, codes + count));
    if (count == 0 || most < words.length) return;
    fail_word(column, most);
  }
  for (std::int64_t row = first; row < first + count; ++row) {
    const bool is_null = ArrowArrayViewIsNull(&view, row) != 0;
    const std::int64_t code = is_null ? -1 : ArrowArrayViewGetIntUnsafe(&view, row);
    if (code >= words.length || (code < 0 && !is_null)) {
      fail_word(column, code);
    }
    texts.codes.push_back(static_cast<std::int32_t>(code));
  }
}

/// The texts of a field, or the one text that the layout or the caller gives; then there are no codes.
void ArrowReader::read_codes(Part part, std::int64_t count, TextCodes& texts) const {
  const Binding* binding = layout_.find(part);
  if (binding != nullptr && stored_[binding->at] == Stored::text) return read_texts(binding->at, count, texts);
  texts.codes.clear();
  texts.texts.assign(1, layout_.implied_text(part));
}

}  // namespace millrace
