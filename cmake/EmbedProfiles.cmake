# Writes OUTPUT, a C++ source that holds the files PROFILES under their stems (listed-36, ...).
# Usage: cmake "-DPROFILES=a.toml;b.toml" -DOUTPUT=... -P EmbedProfiles.cmake
# Bytes are written as hexadecimal escapes: any content works, and a string literal may be as long as it likes.
list(LENGTH PROFILES count)
set(rows "")
foreach(profile IN LISTS PROFILES)
  get_filename_component(name "${profile}" NAME_WLE)
  file(READ "${profile}" bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(REGEX REPLACE "(\\\\x0a)" "\\1\"\n     \"" bytes "${bytes}")
  string(APPEND rows "    {\"${name}\",\n     {\"${bytes}\",\n      ${size}}},\n")
endforeach()
set(text "// Made by cmake/EmbedProfiles.cmake.
#include <array>

#include \"millrace/engine/embedded.h\"

namespace millrace {
namespace {

constexpr std::array<EmbeddedFile, ${count}> profiles{{
${rows}}};

}  // namespace

std::span<const EmbeddedFile> embedded_profiles() { return profiles; }

}  // namespace millrace
")
if(count EQUAL 0)
  string(REPLACE "profiles{{\n}};" "profiles{};" text "${text}")
endif()
file(WRITE "${OUTPUT}" "${text}")
