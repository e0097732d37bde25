#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/io/byte_stream.h"

namespace millrace {

/// Cuts a stream into records and fields by RFC 4180: fields may stand in quotes, and then hold commas, line ends and
/// doubled quotes. Empty lines are passed over. What cannot be cut is told and reading goes on at the next line.
class CsvRecords {
 public:
  static constexpr std::size_t record_limit = 1024 * 1024;  // bytes; a longer one is no record

  explicit CsvRecords(ReadBytes bytes) : bytes_(std::move(bytes)), buffer_(record_limit + 64 * 1024) {}

  enum class Found : std::uint8_t { record, broken, end };
  Found next();

  std::span<const std::string_view> fields() const { return fields_; }  // of a record, until the next call
  std::string_view text() const { return text_; }                       // of its lines; of a broken one, the first
  std::uint64_t line() const { return line_; }                          // its first, counted from 1

 private:
  bool fill();
  std::size_t find_line_end(std::size_t from);
  void skip_long_line();
  bool find_record_end(std::size_t& end);
  void consume(std::size_t count, std::size_t lines);
  bool split_quoted(std::string_view text);
  std::string_view window(std::size_t count) const { return {buffer_.data() + begin_, count}; }

  ReadBytes bytes_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // bytes of the buffer not yet handed over
  bool is_at_end_ = false;           // of the stream
  std::uint64_t line_ = 0, lines_ended_ = 0;
  std::string_view text_;
  std::vector<std::string_view> fields_;
  std::string unquoted_;
};

}  // namespace millrace
