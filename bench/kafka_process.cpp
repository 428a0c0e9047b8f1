// A broker that is started and ended by the script that people use.

#include "bench/kafka_process.hpp"

#include <unistd.h>

#include <cstdio>
#include <exception>
#include <utility>

#include "bench/service_process.hpp"

namespace perdure::bench {
namespace {

constexpr const char* kafka_local = PERDURE_BENCH_SOURCES "/../scripts/kafka-local";

}  // namespace

kafka_process::kafka_process(std::filesystem::path folder) : folder_(std::move(folder)) {
  address_ = output_of({kafka_local, "start", "--port", "0", "--data", folder_, "--for",
                        std::to_string(::getpid())});
  address_.erase(address_.find_last_not_of('\n') + 1);
}

kafka_process::~kafka_process() {
  try {
    output_of({kafka_local, "stop", "--kill", "--data", folder_});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  }
}

}  // namespace perdure::bench
