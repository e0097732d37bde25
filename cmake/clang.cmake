# Toolchain of the presets `clang` and `fuzz`: whatever clang++ this system has.
find_program(MILLRACE_CLANGXX NAMES clang++ clang++-14 clang++-15 clang++-16 clang++-17 clang++-18 clang++-19 clang++-20)
if(NOT MILLRACE_CLANGXX)
  message(FATAL_ERROR "no clang++ found; ./dev setup installs it")
endif()
set(CMAKE_CXX_COMPILER "${MILLRACE_CLANGXX}")
