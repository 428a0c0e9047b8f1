# Every package the project uses is found here, and only here; scripts/packages lists the same by
# their Debian names.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(benchmark REQUIRED)           # bench/parts only
find_package(Boost 1.74 REQUIRED COMPONENTS unit_test_framework)  # else headers only: Beast, Asio
find_package(CAF REQUIRED)                 # cmake/FindCAF.cmake
find_package(CLI11 REQUIRED)
find_package(gRPC CONFIG REQUIRED)
find_package(mimalloc 2.0 CONFIG REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)  # tests only
find_package(RapidJSON 1.1 CONFIG REQUIRED)  # sets a variable only
add_library(RapidJSON::headers INTERFACE IMPORTED)
target_include_directories(RapidJSON::headers INTERFACE "${RAPIDJSON_INCLUDE_DIRS}")
find_package(RocksDB CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(ZLIB REQUIRED)

find_package(PkgConfig REQUIRED)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(hiredis REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(rdkafka REQUIRED IMPORTED_TARGET rdkafka)
