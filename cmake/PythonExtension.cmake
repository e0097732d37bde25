# The extension module of the package in python/, without any library of Arrow: nanobind, and nanoarrow's C files.
find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
  OUTPUT_VARIABLE nanobind_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
find_package(nanobind CONFIG REQUIRED)
execute_process(COMMAND "${CMAKE_SOURCE_DIR}/tools/fetch_nanoarrow.sh"
  OUTPUT_VARIABLE nanoarrow OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
if(status)
  message(FATAL_ERROR "tools/fetch_nanoarrow.sh could not fetch nanoarrow (${status}); its reason is above.")
endif()

enable_language(C)
add_library(millrace_nanoarrow STATIC "${nanoarrow}/nanoarrow.c")
set_target_properties(millrace_nanoarrow PROPERTIES C_VISIBILITY_PRESET hidden)
target_compile_options(millrace_nanoarrow PRIVATE -w)
target_include_directories(millrace_nanoarrow SYSTEM PUBLIC "${nanoarrow}")

sources_of(binding_sources python)
nanobind_add_module(_core NB_STATIC NOMINSIZE ${binding_sources})
target_compile_options(nanobind-static PRIVATE -w)
target_link_libraries(_core PRIVATE millrace_light millrace_nanoarrow)
target_link_options(_core PRIVATE "LINKER:--exclude-libs,ALL") # it shows no symbol but its entry
target_include_directories(_core SYSTEM PRIVATE ${Python_INCLUDE_DIRS})
install(TARGETS _core LIBRARY DESTINATION millrace)

# Stubs of kernels and functions, from the registry that was just built.
add_custom_command(TARGET _core POST_BUILD
  COMMAND "${Python_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/python/kernel_stubs.py" $<TARGET_FILE:_core> "${CMAKE_BINARY_DIR}"
  COMMENT "Writing the stubs of the kernels" VERBATIM)
install(FILES "${CMAKE_BINARY_DIR}/kernels.pyi" "${CMAKE_BINARY_DIR}/functions.pyi" DESTINATION millrace)
