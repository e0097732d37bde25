#include "millrace/python/table_rows.h"

#include "millrace/base/error.h"

namespace millrace {

namespace {

[[noreturn]] void fail_stream(ArrowArrayStream& stream, const std::string& where, const char* what) {
  const char* reason = stream.get_last_error(&stream);
  fail(Fault::input, "{}: {}: {}", where, what, reason == nullptr ? "no reason given" : reason);
}

/// What an array that is shared holds on to.
struct Shared {
  std::shared_ptr<const void> owner;
  std::vector<const void*> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
  ArrowArray dictionary{};
};

void release_shared(ArrowArray* array) {
  auto* shared = static_cast<Shared*>(array->private_data);
  for (ArrowArray& child : shared->children) {  // one that was moved away has no release
    if (child.release != nullptr) child.release(&child);
  }
  if (shared->dictionary.release != nullptr) shared->dictionary.release(&shared->dictionary);
  delete shared;
  array->release = nullptr;
}

}  // namespace

ArrowSchemaView view_of(const ArrowSchema& schema, const std::string& where) {
  ArrowSchemaView view;
  ArrowError problem;
  ArrowErrorInit(&problem);
  if (ArrowSchemaViewInit(&view, &schema, &problem) != NANOARROW_OK) {
    fail(Fault::input, "{}: {}", where, ArrowErrorMessage(&problem));
  }
  return view;
}

TableRows::TableRows(ArrowArrayStream* given, std::string where, const std::function<void()>& between)
    : where_(std::move(where)) {
  nanoarrow::UniqueArrayStream stream;
  ArrowArrayStreamMove(given, stream.get());
  if (stream->get_schema(stream.get(), schema_.get()) != 0)
    fail_stream(*stream.get(), where_, "cannot tell its columns");
  if (view_of(*schema_.get(), where_).type != NANOARROW_TYPE_STRUCT) {
    fail(Fault::input, "{}: expected columns with names, found an array of {}", where_,
         ArrowTypeString(view_of(*schema_.get(), where_).type));
  }
  ArrowError problem;
  ArrowErrorInit(&problem);
  const auto check = [&](ArrowErrorCode code) {
    if (code != NANOARROW_OK) fail(Fault::input, "{}: {}", where_, ArrowErrorMessage(&problem));
  };
  for (;;) {
    auto batch = std::make_shared<ArrowBatch>();
    if (stream->get_next(stream.get(), batch->array.get()) != 0) fail_stream(*stream.get(), where_, "no more rows");
    if (batch->array->release == nullptr) return;
    between();
    if (batch->rows() == 0) continue;
    check(ArrowArrayViewInitFromSchema(batch->view.get(), schema_.get(), &problem));
    check(ArrowArrayViewSetArray(batch->view.get(), batch->array.get(), &problem));
    if (ArrowArrayViewComputeNullCount(batch->view.get()) != 0) {
      fail(Fault::input, "{}: expected rows, found nulls in their place", where_);
    }
    rows_ += static_cast<std::size_t>(batch->rows());
    batches_.push_back(std::move(batch));
  }
}

std::string TableRows::name(std::size_t column) const {
  const char* name = field(column).name;
  return name == nullptr ? "" : name;
}

std::string TableRows::type_text(std::size_t column) const {
  char text[200];
  const std::int64_t length = ArrowSchemaToString(&field(column), text, sizeof text, 1);
  return {text, std::min<std::size_t>(static_cast<std::size_t>(std::max<std::int64_t>(length, 0)), sizeof text - 1)};
}

void share(const ArrowArray& array, const std::shared_ptr<const void>& owner, ArrowArray* out) {
  auto shared = std::make_unique<Shared>();
  shared->owner = owner;
  shared->buffers.assign(array.buffers, array.buffers + array.n_buffers);
  shared->children.resize(static_cast<std::size_t>(array.n_children));
  for (std::size_t i = 0; i < shared->children.size(); ++i) {
    share(*array.children[i], owner, &shared->children[i]);
    shared->pointers.push_back(&shared->children[i]);
  }
  if (array.dictionary != nullptr) share(*array.dictionary, owner, &shared->dictionary);
  *out = {.length = array.length,
          .null_count = array.null_count,
          .offset = array.offset,
          .n_buffers = array.n_buffers,
          .n_children = array.n_children,
          .buffers = shared->buffers.data(),
          .children = shared->pointers.data(),
          .dictionary = array.dictionary == nullptr ? nullptr : &shared->dictionary,
          .release = &release_shared,
          .private_data = shared.get()};
  shared.release();  // NOLINT: the array owns it now
}

void share_rows(const ArrowArray& batch, std::int64_t from, std::int64_t count,
                const std::shared_ptr<const void>& owner, std::vector<nanoarrow::UniqueArray>& columns) {
  for (std::int64_t i = 0; i < batch.n_children; ++i) {
    nanoarrow::UniqueArray column;
    share(*batch.children[i], owner, column.get());
    column->offset += batch.offset + from;
    if (column->null_count != 0 && count != column->length) column->null_count = -1;  // not counted
    column->length = count;
    columns.push_back(std::move(column));
  }
}

}  // namespace millrace
