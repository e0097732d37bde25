#pragma once

#include <memory>
#include <string_view>

#include <nanoarrow/nanoarrow.hpp>
#include <nanobind/nanobind.h>

#include "millrace/base/error.h"
#include "millrace/python/python_calls.h"

namespace millrace {

/// The stream of rows in a capsule, not yet read.
inline ArrowArrayStream* stream_in(const nanobind::capsule& capsule, std::string_view where) {
  void* given = PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream");
  if (given == nullptr) throw nanobind::python_error();
  auto* stream = static_cast<ArrowArrayStream*>(given);
  if (stream->release == nullptr) fail(Fault::input, "{}: its rows were read before; they come only once", where);
  return stream;
}

/// Frees what the consumer of a capsule did not take.
template <class Struct>
void release_capsule(PyObject* capsule, const char* name) {
  auto* given = static_cast<Struct*>(PyCapsule_GetPointer(capsule, name));
  if (given == nullptr) {
    PyErr_Clear();
    return;
  }
  if (given->release != nullptr) given->release(given);
  delete given;
}

template <class Struct>
nanobind::object capsule_of(std::unique_ptr<Struct> given, const char* name, PyCapsule_Destructor destructor) {
  PyObject* capsule = PyCapsule_New(given.get(), name, destructor);
  if (capsule == nullptr) throw nanobind::python_error();
  given.release();  // NOLINT: the capsule owns it now
  return nanobind::steal(capsule);
}

/// The rows of a table that can be given away as often as wanted.
template <class Table>
nanobind::object capsule_of_stream(const Table& table) {
  auto stream = std::make_unique<ArrowArrayStream>();
  stream->release = nullptr;
  {
    const UnlockedWork work;
    table.export_stream(stream.get());
  }
  return capsule_of(std::move(stream), "arrow_array_stream",
                    [](PyObject* self) { release_capsule<ArrowArrayStream>(self, "arrow_array_stream"); });
}

template <class Table>
nanobind::object capsule_of_schema(const Table& table) {
  auto schema = std::make_unique<ArrowSchema>();
  table.export_schema(schema.get());
  return capsule_of(std::move(schema), "arrow_schema",
                    [](PyObject* self) { release_capsule<ArrowSchema>(self, "arrow_schema"); });
}

}  // namespace millrace
