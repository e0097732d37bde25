#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "millrace/engine/embedded.h"
#include "millrace/engine/report_html.h"

namespace millrace {

namespace {

const EmbeddedFile& part(std::string_view name) {
  const auto files = embedded_report_page();
  return *std::find_if(files.begin(), files.end(), [name](const EmbeddedFile& file) { return file.name == name; });
}

std::string html_escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

/// JSON within a script element ends at `</script>`, wherever that stands; `<` only occurs in texts.
std::string within_script(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string report_page(std::string_view title, std::string_view data, std::initializer_list<std::string_view> names) {
  std::string scripts, hashes;
  for (const std::string_view name : names) {
    scripts += fmt::format("<script>{}</script>\n", part(name).text);
    hashes += fmt::format(" 'sha256-{}'", part(name).sha256);
  }
  const std::array<std::pair<std::string_view, std::string>, 5> fillings{{
      {"{{policy}}",
       fmt::format("default-src 'none'; script-src{}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
                   "form-action 'none'",
                   hashes)},
      {"{{title}}", html_escaped(title)},
      {"{{style}}", std::string(part("style").text)},
      {"{{data}}", within_script(data)},
      {"{{scripts}}", std::move(scripts)},
  }};
  std::string page;
  std::string_view left = part("page").text;
  for (const auto& [place, filling] :
       fillings) {  // in the order of the page; what was filled in is not looked at again
    const std::size_t at = left.find(place);
    page.append(left.substr(0, at)).append(filling);
    left.remove_prefix(at + place.size());
  }
  return page.append(left);
}

}  // namespace millrace
