# Build types, warnings, sanitizers and the compiler cache. Nothing here reaches a user of the
# installed package: warnings and sanitizers are linked privately.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# Light optimisation and line numbers: compiles fast, links small, and a stack trace is readable.
# Set after project(), which has put empty ones into the cache.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev)
endif()

option(PERDURE_WERROR "Treat warnings as errors" OFF)
set(PERDURE_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")

add_library(perdure_warnings INTERFACE)
target_compile_options(perdure_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${PERDURE_WERROR}>:-Werror>)
# GCC 12 takes what std::string does with two literals for a copy onto itself where it optimizes.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(perdure_warnings INTERFACE $<$<CONFIG:Release>:-Wno-restrict>)
endif()

if(PERDURE_SANITIZE)
  add_compile_options(-fsanitize=${PERDURE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${PERDURE_SANITIZE})
  if(PERDURE_SANITIZE MATCHES "undefined")
    # CAF's init_fun_factory.hpp binds a reference to null on purpose.
    add_compile_options(-fno-sanitize=null -fno-sanitize-recover=undefined)
  endif()
  if(PERDURE_SANITIZE MATCHES "thread")
    # Where this is defined, protobuf's headers lay out maps otherwise than Debian's library does.
    add_compile_options(-U__SANITIZE_THREAD__)
    add_compile_options(-Wno-tsan)  # boost uses atomic_thread_fence, which TSan cannot follow
  endif()
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The same file compiled for another build folder or checkout is the same file.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()
