#include <thread>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "millrace/base/text.h"
#include "millrace/engine/build_info.h"
#include "millrace/engine/config.h"
#include "millrace/python/python_calls.h"

namespace nb = nanobind;

namespace millrace {

namespace {

/// The two exception classes; they live as long as the interpreter.
struct Errors {
  PyObject *error = nullptr, *invalid = nullptr;
};

void raise(const std::exception_ptr& problem, void* payload) {
  const auto* errors = static_cast<const Errors*>(payload);
  try {
    std::rethrow_exception(problem);
  } catch (const Error& error) {
    const bool is_callers = error.fault() != Fault::output && error.fault() != Fault::interrupted;
    PyErr_SetString(is_callers ? errors->invalid : errors->error, error.what());
  }
}

/// Calls that are at work without the lock, and whether they are to stop; both of the process, as the interpreter is.
std::atomic<int>& at_work() {
  static std::atomic<int> count{0};
  return count;
}

std::atomic<bool>& is_ending() {
  static std::atomic<bool> flag{false};
  return flag;
}

void wait_for_work() {
  is_ending() = true;
  const nb::gil_scoped_release unlocked;
  while (at_work() > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

}  // namespace

UnlockedWork::UnlockedWork() {
  ++at_work();
  thread_ = PyEval_SaveThread();
}

UnlockedWork::~UnlockedWork() {
  PyEval_RestoreThread(thread_);
  --at_work();
}

void UnlockedWork::look() {
  if (is_ending()) {  // ends the thread without a word, as the interpreter does to threads that it does not wait for
    const nb::gil_scoped_acquire lock;
    PyErr_SetNone(PyExc_SystemExit);
    throw nb::python_error();
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds(20)) return;
  last_ = now;
  const nb::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

Busy::Busy(std::atomic_flag& flag) : flag_(flag) {
  if (flag_.test_and_set()) fail(Fault::usage, "the stream is in use by another thread; expected one at a time");
}

void bind_end(nb::module_& module) {
  module.def("wait_for_work", &wait_for_work, "Stops what works without the interpreter's lock, and waits for it.");
  nb::module_::import_("atexit").attr("register")(module.attr("wait_for_work"));
}

void bind_errors(nb::module_& module) {
  static Errors errors;
  errors.error = PyErr_NewExceptionWithDoc("millrace.Error", "What millrace cannot do, and why.", nullptr, nullptr);
  const nb::tuple bases = nb::make_tuple(nb::handle(errors.error), nb::handle(PyExc_ValueError));
  errors.invalid = PyErr_NewExceptionWithDoc("millrace.InvalidInput",
                                             "A value, expression, table or snapshot that the caller gave is wrong.",
                                             bases.ptr(), nullptr);
  if (errors.error == nullptr || errors.invalid == nullptr) throw nb::python_error();
  module.attr("Error") = nb::handle(errors.error);
  module.attr("InvalidInput") = nb::handle(errors.invalid);
  nb::register_exception_translator(raise, &errors);
}

}  // namespace millrace

// NOLINTNEXTLINE: the macro is nanobind's
NB_MODULE(_core, module) {
  module.doc() = "The C++ part of millrace; use the package around it.";
  millrace::bind_errors(module);
  millrace::bind_end(module);
  millrace::bind_kernels(module);
  millrace::bind_functions(module);
  millrace::bind_asof(module);
  millrace::bind_streams(module);
  module.def("profile_names", &millrace::profile_names, "Names of the profiles that the package brings.");
  module.def(
      "build_id", [] { return std::string(millrace::build_id()); }, "Commit, compiler and flags.");
  module.def(
      "did_you_mean",
      [](const std::string& word, const std::vector<std::string>& known) {
        return millrace::did_you_mean(word, std::vector<std::string_view>(known.begin(), known.end()));
      },
      nb::arg("word"), nb::arg("known"), "The nearest known word as the end of a message; empty where none is near.");
}
