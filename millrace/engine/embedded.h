#pragma once

#include <span>
#include <string_view>

namespace millrace {

/// A file of the source tree that travels inside the program.
struct EmbeddedFile {
  std::string_view name;  // the file's stem: `listed-36` for profiles/listed-36.toml
  std::string_view text;
};

/// Returns profiles/*.toml, sorted by name. The source is made at build time by cmake/EmbedProfiles.cmake.
std::span<const EmbeddedFile> embedded_profiles();

}  // namespace millrace
