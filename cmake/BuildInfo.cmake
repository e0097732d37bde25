# Writes OUTPUT, the one source that knows the commit; untouched when nothing changed, so nothing is rebuilt.
# Usage: cmake -DSOURCE_DIR=... -DOUTPUT=... -DCOMPILER=... -DFLAGS=... -P BuildInfo.cmake
execute_process(COMMAND git -C "${SOURCE_DIR}" describe --always --dirty --tags
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE rc)
if(rc)
  set(commit "unknown")
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT [[// Made by cmake/BuildInfo.cmake.
#include "millrace/engine/build_info.h"

namespace millrace {

std::string_view build_id() { return "@commit@ @COMPILER@ @FLAGS@"; }

}  // namespace millrace
]] @ONLY)
