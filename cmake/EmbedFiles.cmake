# Writes OUTPUT, a C++ source whose function FUNCTION gives the files FILES under their stems (listed-36, ...).
# Usage: cmake "-DFILES=a.toml;b.toml" -DFUNCTION=embedded_profiles -DOUTPUT=... -P EmbedFiles.cmake
# Bytes are written as hexadecimal escapes: any content works, and a string literal may be as long as it likes.

# Sets OUT to the base64 text of a SHA-256 in hexadecimal digits.
function(base64_of_digest digits OUT)
  set(letters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  foreach(at RANGE 0 60 3) # three digits are two letters; the 64th alone is one and padding
    string(SUBSTRING "${digits}" ${at} 3 part)
    math(EXPR high "0x${part} >> 6")
    math(EXPR low "0x${part} & 63")
    string(SUBSTRING "${letters}" ${high} 1 first)
    string(SUBSTRING "${letters}" ${low} 1 second)
    string(APPEND text "${first}${second}")
  endforeach()
  string(SUBSTRING "${digits}" 63 1 part)
  math(EXPR last "0x${part} << 2")
  string(SUBSTRING "${letters}" ${last} 1 first)
  set(${OUT} "${text}${first}=" PARENT_SCOPE)
endfunction()

list(LENGTH FILES count)
set(rows "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WLE)
  file(SHA256 "${file}" digest)
  base64_of_digest("${digest}" digest)
  file(READ "${file}" bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(REGEX REPLACE "(\\\\x0a)" "\\1\"\n     \"" bytes "${bytes}")
  string(APPEND rows "    {\"${name}\",\n     {\"${bytes}\",\n      ${size}},\n     \"${digest}\"},\n")
endforeach()
set(text "// Made by cmake/EmbedFiles.cmake.
#include <array>

#include \"millrace/engine/embedded.h\"

namespace millrace {
namespace {

constexpr std::array<EmbeddedFile, ${count}> files{{
${rows}}};

}  // namespace

std::span<const EmbeddedFile> ${FUNCTION}() { return files; }

}  // namespace millrace
")
if(count EQUAL 0)
  string(REPLACE "files{{\n}};" "files{};" text "${text}")
endif()
file(WRITE "${OUTPUT}" "${text}")
