# perdure_tests(FOLDER [UNIT f_test.cpp ...] [ACTOR ...] [CONTRACT ...] [INTEGRATION ...]
#               [SUPPORT f.cpp ...] [LINK target ...])
#
# One test executable per folder, one ctest entry per file: suite = file name without _test, run
# by --run_test=<suite>, so a suite named otherwise fails by itself. Each list is a ctest label. A
# suite that cannot run prints a line "SKIPPED: " with the reason, and ctest counts it as skipped.
#
# The target tests_<label> builds all of a label, for those labels that nothing else needs programs
# for: tests_unit, tests_actor, tests_contract.
function(perdure_tests folder)
  set(labels UNIT ACTOR CONTRACT INTEGRATION)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "${labels};SUPPORT;LINK")
  set(target test_${folder})
  add_executable(${target} "${PROJECT_SOURCE_DIR}/test/main.cpp" ${arg_SUPPORT})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_link_libraries(${target} PRIVATE ${arg_LINK} Boost::unit_test_framework perdure_warnings)
  target_compile_definitions(${target} PRIVATE BOOST_TEST_DYN_LINK)
  foreach(label IN LISTS labels)
    string(TOLOWER ${label} label_name)
    if(arg_${label} AND NOT label STREQUAL "INTEGRATION")
      if(NOT TARGET tests_${label_name})
        add_custom_target(tests_${label_name})
      endif()
      add_dependencies(tests_${label_name} ${target})
    endif()
    foreach(file IN LISTS arg_${label})
      target_sources(${target} PRIVATE ${file})
      get_filename_component(suite "${file}" NAME)
      string(REGEX REPLACE "_test\\.cpp$" "" suite "${suite}")
      add_test(NAME ${folder}.${suite} COMMAND ${target} --run_test=${suite})
      set_tests_properties(${folder}.${suite} PROPERTIES LABELS ${label_name} TIMEOUT 300
                           SKIP_REGULAR_EXPRESSION "(^|\n)SKIPPED: ")
    endforeach()
  endforeach()
endfunction()
