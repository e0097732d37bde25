#pragma once

#include <span>
#include <string_view>

namespace millrace {

/// A file that travels inside the program. The sources are made at build time by cmake/EmbedFiles.cmake.
struct EmbeddedFile {
  std::string_view name;  // the file's stem: `listed-36` for profiles/listed-36.toml
  std::string_view text;
  std::string_view sha256;  // of the text, base64
};

/// Returns profiles/*.toml, sorted by name.
std::span<const EmbeddedFile> embedded_profiles();

/// Returns strategies/*.toml, sorted by name.
std::span<const EmbeddedFile> embedded_strategies();

/// Returns fees/fees.toml.
std::span<const EmbeddedFile> embedded_fees();

/// Returns web/report/*, sorted by name, and the library that draws the charts (tools/fetch_charts.sh).
std::span<const EmbeddedFile> embedded_report_page();

}  // namespace millrace
