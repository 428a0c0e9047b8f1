# perdure_library(NAME SOURCES a.cpp ... [LINK target ...] [PRIVATE_LINK target ...])
#
# One static library per folder. Headers are found from the top of the tree ("persistence/step.hpp").
# What only the .cpp files use goes into PRIVATE_LINK, so that no other folder sees its headers.
function(perdure_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK;PRIVATE_LINK")
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${name} PUBLIC ${arg_LINK}
                        PRIVATE ${arg_PRIVATE_LINK} $<BUILD_INTERFACE:perdure_warnings>)
endfunction()
