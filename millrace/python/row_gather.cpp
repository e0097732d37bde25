#include "millrace/python/row_gather.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <unordered_map>

#include "millrace/base/error.h"

namespace millrace {

namespace {

bool is_text(ArrowType type) {
  switch (type) {
    case NANOARROW_TYPE_STRING:
    case NANOARROW_TYPE_LARGE_STRING:
    case NANOARROW_TYPE_STRING_VIEW:
    case NANOARROW_TYPE_BINARY:
    case NANOARROW_TYPE_LARGE_BINARY:
    case NANOARROW_TYPE_BINARY_VIEW: return true;
    default: return false;
  }
}

/// Two dictionaries of texts.
bool are_equal(const ArrowArrayView& a, const ArrowArrayView& b) {
  if (a.length != b.length || !is_text(a.storage_type)) return false;
  for (std::int64_t i = 0; i < a.length; ++i) {
    if (ArrowArrayViewIsNull(&a, i) != ArrowArrayViewIsNull(&b, i)) return false;
    const ArrowBufferView x = ArrowArrayViewGetBytesUnsafe(&a, i), y = ArrowArrayViewGetBytesUnsafe(&b, i);
    if (x.size_bytes != y.size_bytes) return false;
    if (x.size_bytes > 0 && std::memcmp(x.data.data, y.data.data, static_cast<std::size_t>(x.size_bytes)) != 0) {
      return false;
    }
  }
  return true;
}

template <class T>
void copy_rows(std::span<const RowPlace> places, const std::vector<const std::uint8_t*>& from, std::uint8_t* out) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const RowPlace& place = places[i];
    T value{};
    if (place.batch >= 0) {
      std::memcpy(&value, from[static_cast<std::size_t>(place.batch)] + place.at * static_cast<std::int64_t>(sizeof(T)),
                  sizeof(T));
    }
    std::memcpy(out + i * sizeof(T), &value, sizeof(T));
  }
}

}  // namespace

void RowGather::check(ArrowErrorCode code) const {
  if (code == NANOARROW_OK) return;
  if (code == ENOMEM) throw std::bad_alloc();
  fail(Fault::output, "{}: Arrow refused its values ({})", where_, code);
}

RowGather::RowGather(const TableRows& table, std::size_t column)
    : where_(fmt::format("{}: column `{}`", table.where(), table.name(column))),
      field_(table.field(column)),
      batches_(table.batches()) {
  for (const auto& batch : batches_) {
    const ArrowArrayView* view = batch->view->children[column];
    views_.push_back(view);
    has_nulls_ |= ArrowArrayViewComputeNullCount(view) > 0;
  }
  const ArrowSchemaView about = view_of(field_, where_);
  type_ = about.storage_type;
  ArrowLayout layout;
  ArrowLayoutInit(&layout, type_);
  if (type_ == NANOARROW_TYPE_FIXED_SIZE_BINARY) layout.element_size_bits[1] = about.fixed_size * 8;
  const bool is_plain = field_.n_children == 0 && layout.buffer_type[1] == NANOARROW_BUFFER_TYPE_DATA;
  if (is_plain && type_ != NANOARROW_TYPE_BOOL) width_ = layout.element_size_bits[1] / 8;
  if (!is_text(type_) && !is_plain && type_ != NANOARROW_TYPE_NA) {
    fail(Fault::input, "{} has the wrong type; expected numbers, texts or times to be joined, found {}", where_,
         table.type_text(column));
  }
  if (field_.dictionary != nullptr && !have_one_dictionary()) merge_dictionaries();
}

bool RowGather::have_one_dictionary() const {
  return std::all_of(views_.begin(), views_.end(), [&](const ArrowArrayView* view) {
    const ArrowArray &a = *views_[0]->dictionary->array, &b = *view->dictionary->array;
    const bool is_same = a.n_buffers == b.n_buffers && a.length == b.length && a.offset == b.offset &&
                         a.n_buffers > 1 && std::equal(a.buffers, a.buffers + a.n_buffers, b.buffers) &&
                         a.n_children == 0;
    return is_same || are_equal(*views_[0]->dictionary, *view->dictionary);
  });
}

void RowGather::merge_dictionaries() {
  const ArrowType type = view_of(*field_.dictionary, where_).type;
  if (!is_text(type)) {
    fail(Fault::input, "{}: expected dictionaries of texts, or one dictionary in all batches, found {}", where_,
         ArrowTypeString(type));
  }
  std::unordered_map<std::string, std::int32_t> known;
  nanoarrow::UniqueArray words;
  check(ArrowArrayInitFromSchema(words.get(), field_.dictionary, nullptr));
  check(ArrowArrayStartAppending(words.get()));
  for (const ArrowArrayView* view : views_) {
    const ArrowArrayView& own = *view->dictionary;
    auto& codes = word_of_.emplace_back();
    for (std::int64_t i = 0; i < own.length; ++i) {
      const ArrowBufferView word = ArrowArrayViewGetBytesUnsafe(&own, i);
      if (ArrowArrayViewIsNull(&own, i) != 0) {
        codes.push_back(-1);
        continue;
      }
      const std::string text(word.data.as_char, static_cast<std::size_t>(word.size_bytes));
      const auto [at, is_new] = known.try_emplace(text, static_cast<std::int32_t>(known.size()));
      if (is_new) check(ArrowArrayAppendBytes(words.get(), word));
      codes.push_back(at->second);
    }
  }
  check(ArrowArrayFinishBuildingDefault(words.get(), nullptr));
  words_ = std::make_shared<nanoarrow::UniqueArray>(std::move(words));
}

void RowGather::schema(ArrowSchema* out) const {
  check(ArrowSchemaDeepCopy(&field_, out));
  out->flags |= ARROW_FLAG_NULLABLE;
  if (words_ != nullptr) check(ArrowSchemaSetFormat(out, "i"));
}

bool RowGather::has_value(const RowPlace& place) const {
  if (place.batch < 0) return false;
  return !has_nulls_ || ArrowArrayViewIsNull(views_[static_cast<std::size_t>(place.batch)], place.at) == 0;
}

void RowGather::set_validity(std::span<const RowPlace> places, ArrowArray* out) const {
  ArrowBitmap* bits = ArrowArrayValidityBitmap(out);
  check(ArrowBitmapReserve(bits, static_cast<std::int64_t>(places.size())));
  std::int64_t nulls = 0;
  for (const RowPlace& place : places) {
    const bool is_valid = has_value(place);
    nulls += is_valid ? 0 : 1;
    ArrowBitmapAppendUnsafe(bits, is_valid ? 1 : 0, 1);
  }
  if (nulls == 0) ArrowBitmapReset(bits);
  out->length = static_cast<std::int64_t>(places.size());
  out->null_count = nulls;
}

void RowGather::take_fixed(std::span<const RowPlace> places, ArrowArray* out) const {
  std::vector<const std::uint8_t*> from;
  for (const ArrowArrayView* view : views_) {
    from.push_back(view->buffer_views[1].data.as_uint8 + view->offset * width_);
  }
  ArrowBuffer* buffer = ArrowArrayBuffer(out, 1);
  check(ArrowBufferResize(buffer, static_cast<std::int64_t>(places.size()) * width_, 0));
  switch (width_) {
    case 1: return copy_rows<std::uint8_t>(places, from, buffer->data);
    case 2: return copy_rows<std::uint16_t>(places, from, buffer->data);
    case 4: return copy_rows<std::uint32_t>(places, from, buffer->data);
    case 8: return copy_rows<std::uint64_t>(places, from, buffer->data);
    case 16: return copy_rows<std::array<std::uint64_t, 2>>(places, from, buffer->data);
    default: break;
  }
  const auto width = static_cast<std::size_t>(width_);
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::uint8_t* to = buffer->data + i * width;
    if (places[i].batch < 0) {
      std::memset(to, 0, width);
    } else {
      std::memcpy(to, from[static_cast<std::size_t>(places[i].batch)] + places[i].at * width_, width);
    }
  }
}

void RowGather::take_bits(std::span<const RowPlace> places, ArrowArray* out) const {
  ArrowBitmap bits;
  ArrowBitmapInit(&bits);
  check(ArrowBitmapReserve(&bits, static_cast<std::int64_t>(places.size())));
  for (const RowPlace& place : places) {
    const ArrowArrayView* view = place.batch < 0 ? nullptr : views_[static_cast<std::size_t>(place.batch)];
    const bool is_set =
        view != nullptr && ArrowBitGet(view->buffer_views[1].data.as_uint8, view->offset + place.at) != 0;
    ArrowBitmapAppendUnsafe(&bits, is_set ? 1 : 0, 1);
  }
  ArrowBufferMove(&bits.buffer, ArrowArrayBuffer(out, 1));
}

void RowGather::take_texts(std::span<const RowPlace> places, ArrowArray* out) const {
  check(ArrowArrayStartAppending(out));
  check(ArrowArrayReserve(out, static_cast<std::int64_t>(places.size())));
  for (const RowPlace& place : places) {
    if (!has_value(place)) {
      check(ArrowArrayAppendNull(out, 1));
    } else {
      check(ArrowArrayAppendBytes(
          out, ArrowArrayViewGetBytesUnsafe(views_[static_cast<std::size_t>(place.batch)], place.at)));
    }
  }
}

/// The numbers of the merged dictionary's words.
void RowGather::take_words(std::span<const RowPlace> places, ArrowArray* out) const {
  check(ArrowArrayStartAppending(out));
  check(ArrowArrayReserve(out, static_cast<std::int64_t>(places.size())));
  for (const RowPlace& place : places) {
    std::int32_t word = -1;
    if (has_value(place)) {
      const auto batch = static_cast<std::size_t>(place.batch);
      const std::int64_t own = ArrowArrayViewGetIntUnsafe(views_[batch], place.at);
      if (own < 0 || own >= static_cast<std::int64_t>(word_of_[batch].size())) {
        fail(Fault::input, "{} names word {} of a dictionary of {}", where_, own, word_of_[batch].size());
      }
      word = word_of_[batch][static_cast<std::size_t>(own)];
    }
    check(word < 0 ? ArrowArrayAppendNull(out, 1) : ArrowArrayAppendInt(out, word));
  }
}

void RowGather::take(std::span<const RowPlace> places, ArrowArray* out) const {
  check(ArrowArrayInitFromType(out, words_ != nullptr ? NANOARROW_TYPE_INT32 : type_));
  const bool appends = is_text(type_) || words_ != nullptr;
  if (type_ == NANOARROW_TYPE_NA) {
    out->length = out->null_count = static_cast<std::int64_t>(places.size());
  } else if (words_ != nullptr) {
    take_words(places, out);
  } else if (appends) {
    take_texts(places, out);
  } else {
    width_ == 0 ? take_bits(places, out) : take_fixed(places, out);
    set_validity(places, out);
  }
  ArrowError problem;
  ArrowErrorInit(&problem);
  const auto level =
      type_ == NANOARROW_TYPE_FIXED_SIZE_BINARY ? NANOARROW_VALIDATION_LEVEL_NONE : NANOARROW_VALIDATION_LEVEL_DEFAULT;
  if (ArrowArrayFinishBuilding(out, level, &problem) != NANOARROW_OK) {
    fail(Fault::output, "{}: {}", where_, ArrowErrorMessage(&problem));
  }
  if (field_.dictionary != nullptr) take_dictionary(out);
}

/// Behind the finishing, which takes what it finds for its own.
void RowGather::take_dictionary(ArrowArray* out) const {
  check(ArrowArrayAllocateDictionary(out));
  if (words_ != nullptr) return share(*words_->get(), words_, out->dictionary);
  if (!batches_.empty()) return share(*views_[0]->dictionary->array, batches_[0], out->dictionary);
  check(ArrowArrayInitFromSchema(out->dictionary, field_.dictionary, nullptr));
  check(ArrowArrayStartAppending(out->dictionary));
  check(ArrowArrayFinishBuildingDefault(out->dictionary, nullptr));
}

}  // namespace millrace
