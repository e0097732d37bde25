#include "millrace/io/byte_stream.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include <zlib.h>

#include "millrace/base/error.h"

namespace millrace {

namespace {

constexpr std::size_t compressed_bytes = 64 * 1024;  // read at once
constexpr int gzip_only = 15 + 16;                   // zlib: the largest window, a gzip header

class Gunzip {
 public:
  Gunzip(ReadBytes compressed, std::string path)
      : compressed_(std::move(compressed)), path_(std::move(path)), input_(compressed_bytes) {
    if (inflateInit2(&stream_, gzip_only) != Z_OK) fail(Fault::input, "{}: zlib cannot start", path_);
  }
  ~Gunzip() { inflateEnd(&stream_); }
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  std::size_t read(std::span<char> into) {
    stream_.next_out = reinterpret_cast<Bytef*>(into.data());
    stream_.avail_out = static_cast<uInt>(into.size());
    while (stream_.avail_out == into.size()) {
      if (stream_.avail_in == 0 && !refill()) {
        if (!is_between_members_) fail(Fault::input, "{}: the gzip stream is cut short", path_);
        return 0;
      }
      is_between_members_ = false;
      const int result = inflate(&stream_, Z_NO_FLUSH);
      if (result == Z_STREAM_END) {
        is_between_members_ = true;
        inflateReset(&stream_);
      } else if (result != Z_OK && result != Z_BUF_ERROR) {
        fail(Fault::input, "{}: the gzip stream is damaged ({})", path_, stream_.msg == nullptr ? "?" : stream_.msg);
      }
    }
    return into.size() - stream_.avail_out;
  }

 private:
  bool refill() {
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(compressed_(input_));
    return stream_.avail_in > 0;
  }

  ReadBytes compressed_;
  std::string path_;
  std::vector<char> input_;
  z_stream stream_{};
  bool is_between_members_ = false;
};

}  // namespace

ReadBytes read_file(const std::string& path, std::size_t* consumed) {
  auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*file) fail(Fault::input, "{}: cannot be opened ({})", path, std::strerror(errno));
  return [file, path, consumed](std::span<char> into) {
    file->read(into.data(), static_cast<std::streamsize>(into.size()));
    if (file->bad()) fail(Fault::input, "{}: cannot be read ({})", path, std::strerror(errno));
    const auto count = static_cast<std::size_t>(file->gcount());
    if (consumed != nullptr) *consumed += count;
    return count;
  };
}

ReadBytes gunzip(ReadBytes compressed, const std::string& path) {
  auto stream = std::make_shared<Gunzip>(std::move(compressed), path);
  return [stream](std::span<char> into) { return stream->read(into); };
}

}  // namespace millrace
