#include "millrace/io/text_codes.h"

namespace millrace {

TextCoder::TextCoder(TextCodes& out, std::size_t rows) : out_(out) {
  out_.codes.clear();
  out_.codes.reserve(rows);
  out_.texts.clear();
  lately_.fill(-1);
}

std::int32_t TextCoder::find(std::string_view text) {
  const auto [at, is_new] = numbers_.try_emplace(text, static_cast<std::int32_t>(out_.texts.size()));
  if (is_new) out_.texts.push_back(text);
  return at->second;
}

}  // namespace millrace
