#include "millrace/io/whole_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include <arrow/io/file.h>

#include "millrace/io/arrow_result.h"
#include "millrace/io/partial_file.h"

namespace millrace {

Bytes read_whole_file(const std::string& path) {
  constexpr std::uintmax_t largest = std::uintmax_t{16} << 30;
  std::error_code problem;
  const std::uintmax_t size = std::filesystem::file_size(path, problem);
  if (problem) fail(Fault::input, "{}: {}", path, problem.message());
  if (size > largest) fail(Fault::input, "{}: expected at most {} bytes, was {}", path, largest, size);
  std::ifstream file(path, std::ios::binary);
  Bytes bytes(size);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    fail(Fault::input, "{}: cannot be read ({})", path, std::strerror(errno));
  }
  return bytes;
}

void write_whole_file(const std::string& path, std::span<const std::byte> bytes) {
  PartialFile file(path);
  check(file.stream()->Write(bytes.data(), static_cast<std::int64_t>(bytes.size())), Fault::output, path);
  file.publish();
}

void write_whole_file(const std::string& path, std::string_view text) {
  write_whole_file(path, std::as_bytes(std::span(text)));
}

}  // namespace millrace
