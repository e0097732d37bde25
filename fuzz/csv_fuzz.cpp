#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "millrace/base/error.h"
#include "millrace/chunk/door.h"
#include "millrace/io/csv_source.h"

namespace {

using namespace millrace;

ReadBytes pieces_of(std::span<const char> text, std::size_t piece) {
  return [text, piece](std::span<char> into) mutable {
    const std::size_t count = std::min({piece, into.size(), text.size()});
    std::copy_n(text.data(), count, into.data());
    text = text.subspan(count);
    return count;
  };
}

void read(std::span<const char> text, std::size_t piece) {
  Instruments instruments;
  Ledger ledger;
  const CsvInput input{.path = "fuzz.csv", .bytes = pieces_of(text, piece), .number = ledger.add_source("fuzz.csv")};
  read_csv_head(input);
  const auto source = open_csv({.path = input.path, .bytes = pieces_of(text, piece)}, instruments, ledger);
  Door door(ledger);
  Chunk chunk;
  chunk.reset(ColumnSet::all());
  while (source->next(chunk)) door.admit(chunk);
}

}  // namespace

/// Any bytes are rows, counted in the ledger, or one Error(Fault::input). The first byte says in which pieces they
/// come.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const char> text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    read(text, data[0] == 0 ? size : data[0]);
  } catch (const Error& error) {  // the header
    if (error.fault() != Fault::input) throw;
  }
  return 0;
}
