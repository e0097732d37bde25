#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>

namespace millrace {

/// Fills a buffer with the next bytes and says how many; 0 = the end.
using ReadBytes = std::function<std::size_t(std::span<char>)>;

/// The bytes of a file as they are. `consumed`, where given, counts them.
ReadBytes read_file(const std::string& path, std::size_t* consumed = nullptr);

/// Decompresses gzip (also several members in a row) in bounded memory; fails where the stream is damaged or cut short.
ReadBytes gunzip(ReadBytes compressed, const std::string& path);

}  // namespace millrace
