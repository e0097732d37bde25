# Unit tests (tests/**/*_test.cpp), the bits tool, benchmarks (bench/*.cpp) and the checks of the house.
enable_testing()

file(GLOB_RECURSE test_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/*_test.cpp")
if(test_sources)
  find_package(GTest REQUIRED)
  include(GoogleTest)
  add_executable(millrace_tests ${test_sources})
  target_link_libraries(millrace_tests PRIVATE millrace_engine GTest::gmock GTest::gtest_main)
  target_compile_definitions(millrace_tests PRIVATE "MILLRACE_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\"")
  gtest_discover_tests(millrace_tests DISCOVERY_MODE PRE_TEST WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}"
    PROPERTIES TIMEOUT 300)
endif()

# Prints `name hash` for results that every compiler must give alike; `dev test` compares gcc's with clang's.
file(GLOB bits_source CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/bits.cpp")
if(bits_source)
  add_executable(millrace_bits "${bits_source}")
  target_link_libraries(millrace_bits PRIVATE millrace_engine)
endif()

if(NOT MILLRACE_SANITIZE)
  file(GLOB bench_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/bench/*.cpp")
endif()
foreach(source IN LISTS bench_sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(bench_${name} "${source}")
  set_target_properties(bench_${name} PROPERTIES OUTPUT_NAME "${name}" RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
  target_link_libraries(bench_${name} PRIVATE millrace_engine)
  file(STRINGS "${source}" uses_benchmark REGEX "benchmark/benchmark\\.h" LIMIT_COUNT 1)
  if(uses_benchmark)
    find_package(benchmark REQUIRED)
    target_link_libraries(bench_${name} PRIVATE benchmark::benchmark)
  endif()
endforeach()

add_test(NAME house COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tools/check_house.py" "${CMAKE_SOURCE_DIR}")
add_test(NAME house_unit COMMAND "${Python3_EXECUTABLE}" -m unittest discover -s "${CMAKE_SOURCE_DIR}/tests/house")
if(TARGET millrace)
  add_test(NAME arrow_symbols COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tools/check_arrow_symbols.py"
    $<TARGET_FILE:millrace> "${ARROW_WHEEL_DIR}")
endif()
