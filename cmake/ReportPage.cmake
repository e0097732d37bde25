# Sets report_page to a source made at build time: the page of reports, web/report/, and the library that draws its charts.
execute_process(COMMAND "${CMAKE_SOURCE_DIR}/tools/fetch_charts.sh"
  OUTPUT_VARIABLE charts_script OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
if(status)
  message(FATAL_ERROR "tools/fetch_charts.sh could not fetch lightweight-charts (${status}); its reason is above.")
endif()
set(report_page "${CMAKE_BINARY_DIR}/made/embedded_report_page.cpp")
file(GLOB page_files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/web/report/*")
embed_files("${report_page}" embedded_report_page ${page_files} "${charts_script}")
