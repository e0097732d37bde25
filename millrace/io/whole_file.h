#pragma once

#include <string>
#include <string_view>

#include "millrace/base/bytes.h"

namespace millrace {

/// Reads a file of at most 16 GiB. Throws Error(Fault::input) naming it.
Bytes read_whole_file(const std::string& path);

/// Writes a file in one step (`PartialFile`).
void write_whole_file(const std::string& path, std::span<const std::byte> bytes);
void write_whole_file(const std::string& path, std::string_view text);

}  // namespace millrace
