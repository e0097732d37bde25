#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace millrace {

/// The text in each row of a column as numbers of the distinct texts. The texts live as long as the column.
struct TextCodes {
  std::vector<std::int32_t> codes;  // -1 = null
  std::vector<std::string_view> texts;
};

/// Numbers the texts of one column, row after row. A text met lately costs a comparison, not a look-up.
class TextCoder {
 public:
  /// Empties `out` and makes room for the rows.
  TextCoder(TextCodes& out, std::size_t rows);

  void add_null() { out_.codes.push_back(-1); }
  void add(std::string_view text) {
    std::int32_t& known = lately_[place_of(text)];
    if (known < 0 || out_.texts[static_cast<std::size_t>(known)] != text) known = find(text);
    out_.codes.push_back(known);
  }

 private:
  static constexpr std::size_t remembered = 256;

  /// A number of the text that costs little and tells the symbols of a venue apart.
  static std::size_t place_of(std::string_view text) noexcept {
    std::size_t hash = text.size();
    for (std::size_t i = 0; i < text.size() && i < 8; ++i) {
      hash =
          hash * 31 + static_cast<unsigned char>(text[text.size() - 1 - i]) * 7U + static_cast<unsigned char>(text[i]);
    }
    return hash % remembered;
  }
  std::int32_t find(std::string_view text);

  TextCodes& out_;
  std::array<std::int32_t, remembered> lately_;  // by place; -1 = none
  std::unordered_map<std::string_view, std::int32_t> numbers_;
};

}  // namespace millrace
