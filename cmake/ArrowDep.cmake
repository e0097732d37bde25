# Gives Arrow::arrow_shared, Parquet::parquet_shared and, where present, ArrowCompute, ArrowAcero, ArrowDataset,
# ArrowFlight: from a system Arrow, else from the pinned pyarrow wheel (tools/fetch_arrow.sh).
include_guard(GLOBAL)

find_package(Arrow CONFIG QUIET)
foreach(package Parquet ArrowCompute ArrowAcero ArrowDataset ArrowFlight)
  if(Arrow_FOUND)
    find_package(${package} ${Arrow_VERSION} EXACT CONFIG QUIET)
  endif()
endforeach()

if(NOT (Arrow_FOUND AND Parquet_FOUND))
  find_package(Threads REQUIRED)
  set(_fetch "${CMAKE_CURRENT_LIST_DIR}/../tools/fetch_arrow.sh")
  execute_process(COMMAND "${_fetch}" OUTPUT_VARIABLE ARROW_WHEEL_DIR OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _rc)
  if(_rc)
    message(FATAL_ERROR "The system has no Arrow C++, and tools/fetch_arrow.sh could not fetch it (${_rc}); its reason is above.")
  endif()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    "${_fetch}" "${CMAKE_SOURCE_DIR}/tools/arrow-wheel.txt" "${CMAKE_SOURCE_DIR}/tools/hide_foreign.py")
  file(STRINGS "${ARROW_WHEEL_DIR}/include/arrow/util/config.h" _config REGEX "define ARROW_SO_VERSION ")
  string(REGEX MATCH "\"([0-9]+)\"" _ "${_config}")
  set(_so_version "${CMAKE_MATCH_1}")

  # The file's name is its soname; a full IMPORTED_LOCATION needs no .so symlink.
  function(_arrow_library target stem)
    set(_file "lib${stem}.so.${_so_version}")
    if(EXISTS "${ARROW_WHEEL_DIR}/lib/${_file}")
      add_library(${target} SHARED IMPORTED GLOBAL)
      set_target_properties(${target} PROPERTIES
        IMPORTED_LOCATION "${ARROW_WHEEL_DIR}/lib/${_file}"
        IMPORTED_SONAME "${_file}"
        INTERFACE_INCLUDE_DIRECTORIES "${ARROW_WHEEL_DIR}/include"
        INTERFACE_LINK_LIBRARIES "${ARGN}")
    endif()
  endfunction()
  _arrow_library(Arrow::arrow_shared arrow Threads::Threads)
  _arrow_library(ArrowCompute::arrow_compute_shared arrow_compute Arrow::arrow_shared)
  _arrow_library(ArrowAcero::arrow_acero_shared arrow_acero ArrowCompute::arrow_compute_shared)
  _arrow_library(Parquet::parquet_shared parquet Arrow::arrow_shared)
  _arrow_library(ArrowDataset::arrow_dataset_shared arrow_dataset "ArrowAcero::arrow_acero_shared;Parquet::parquet_shared")
  _arrow_library(ArrowFlight::arrow_flight_shared arrow_flight Arrow::arrow_shared)
endif()

# Compiles, links and passes a std::string across: fails on another std::string ABI.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LIBRARIES Arrow::arrow_shared)
set(CMAKE_REQUIRED_FLAGS "-std=c++20")
check_cxx_source_compiles("#include <arrow/api.h>
  #if _GLIBCXX_USE_CXX11_ABI != 1
  #error old std::string ABI
  #endif
  int main() { return arrow::field(std::string(\"x\"), arrow::int64())->ToString().empty(); }" ARROW_ABI_MATCHES)
unset(CMAKE_REQUIRED_LIBRARIES)
unset(CMAKE_REQUIRED_FLAGS)
if(NOT ARROW_ABI_MATCHES)
  unset(ARROW_ABI_MATCHES CACHE) # ask again after the cause is mended
  message(FATAL_ERROR "Arrow does not link with this compiler; see CMakeFiles/CMakeError.log in the build folder")
endif()
