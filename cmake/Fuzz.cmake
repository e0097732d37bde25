# One executable per fuzz/*_fuzz.cpp. The libraries are built with -fsanitize=fuzzer-no-link by MILLRACE_SANITIZE.
file(GLOB fuzz_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/fuzz/*_fuzz.cpp")
set_property(TARGET millrace_engine millrace_light PROPERTY EXCLUDE_FROM_ALL ON) # with the core: only as far as a target needs it
get_target_property(core_type millrace_core TYPE)
if(NOT core_type STREQUAL "INTERFACE_LIBRARY")
  set_property(TARGET millrace_core PROPERTY EXCLUDE_FROM_ALL ON)
endif()
foreach(source IN LISTS fuzz_sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(${name} "${source}")
  target_link_libraries(${name} PRIVATE millrace_engine)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_property(TARGET ${name} PROPERTY RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
endforeach()
