#include "millrace/io/csv_records.h"

#include <algorithm>
#include <cstring>

namespace millrace {

namespace {

constexpr std::size_t nowhere = std::string_view::npos;

std::string_view without_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::size_t quotes_in(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '"'));
}

}  // namespace

/// Reads more bytes behind those in hand; false at the end of the stream or when the buffer is full.
bool CsvRecords::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (is_at_end_ || end_ == buffer_.size()) return false;
  const std::size_t count = bytes_(std::span(buffer_).subspan(end_));
  is_at_end_ = count == 0;
  end_ += count;
  return count > 0;
}

/// Where the line that holds the byte `from` ends, from the first byte in hand; `nowhere` past the limit. The last line
/// needs no line end.
std::size_t CsvRecords::find_line_end(std::size_t from) {
  while (true) {
    const std::size_t in_hand = end_ - begin_;
    const char* first = buffer_.data() + begin_;
    if (from < in_hand) {
      if (const void* at = std::memchr(first + from, '\n', in_hand - from)) {
        const auto end = static_cast<std::size_t>(static_cast<const char*>(at) - first);
        return end > record_limit ? nowhere : end;
      }
    }
    from = std::max(from, in_hand);
    if (in_hand > record_limit) return nowhere;
    if (!fill()) return from > in_hand ? nowhere : in_hand;
  }
}

void CsvRecords::consume(std::size_t count, std::size_t lines) {
  begin_ = std::min(end_, begin_ + count + 1);
  lines_ended_ += lines;
}

/// Passes over a line longer than the limit; its first bytes stay in `text_`.
void CsvRecords::skip_long_line() {
  unquoted_.assign(window(std::min<std::size_t>(end_ - begin_, 120)));
  text_ = unquoted_;
  while (true) {
    const char* first = buffer_.data() + begin_;
    const std::size_t in_hand = end_ - begin_;
    const void* at = in_hand == 0 ? nullptr : std::memchr(first, '\n', in_hand);
    if (at != nullptr) return consume(static_cast<std::size_t>(static_cast<const char*>(at) - first), 1);
    begin_ = end_;
    if (!fill()) return;
  }
}

/// Moves `end` on from the end of the first line to where every quote is closed; false where that is nowhere.
bool CsvRecords::find_record_end(std::size_t& end) {
  std::size_t quotes = quotes_in(window(end));
  std::size_t next = end;
  while (quotes % 2 == 1) {
    const std::size_t from = next + 1;
    next = find_line_end(from);
    if (next == nowhere) return false;
    quotes += quotes_in(window(next).substr(from));
  }
  end = next;
  return true;
}

CsvRecords::Found CsvRecords::next() {
  fields_.clear();
  while (true) {
    line_ = lines_ended_ + 1;
    if (begin_ == end_ && !fill()) return Found::end;
    std::size_t end = find_line_end(0);
    if (end == nowhere) {
      skip_long_line();
      return Found::broken;
    }
    const bool has_quotes = std::memchr(buffer_.data() + begin_, '"', end) != nullptr;
    const bool is_closed = !has_quotes || find_record_end(end);
    text_ = without_return(window(end));
    consume(end, 1 + (has_quotes ? static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')) : 0));
    if (!is_closed) return Found::broken;
    if (text_.empty()) continue;
    if (has_quotes) {
      if (split_quoted(text_)) return Found::record;
      fields_.clear();
      return Found::broken;
    }
    std::size_t at = 0;
    for (std::size_t comma = text_.find(','); comma != nowhere; comma = text_.find(',', at)) {
      fields_.push_back(text_.substr(at, comma - at));
      at = comma + 1;
    }
    fields_.push_back(text_.substr(at));
    return Found::record;
  }
}

bool CsvRecords::split_quoted(std::string_view text) {
  unquoted_.clear();
  unquoted_.reserve(text.size());  // fields point into it
  std::size_t at = 0;
  while (true) {
    if (at < text.size() && text[at] == '"') {
      const std::size_t begin = unquoted_.size();
      for (++at;; ++at) {
        const std::size_t quote = text.find('"', at);
        if (quote == nowhere) return false;
        unquoted_.append(text.substr(at, quote - at));
        at = quote + 1;
        if (at >= text.size() || text[at] != '"') break;
        unquoted_ += '"';
      }
      fields_.push_back(std::string_view(unquoted_).substr(begin));
      if (at < text.size() && text[at] != ',') return false;
    } else {
      const std::size_t comma = std::min(text.find(',', at), text.size());
      fields_.push_back(text.substr(at, comma - at));
      at = comma;
    }
    if (at >= text.size()) return true;
    ++at;  // the comma
  }
}

}  // namespace millrace
