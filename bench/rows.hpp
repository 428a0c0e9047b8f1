#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "bench/figures.hpp"
#include "bench/load.hpp"

// What is measured. Each row starts its own servers on fresh folders, so any may be run alone.

namespace perdure::bench {

// Where things are, and how long to measure.
struct surroundings {
  std::filesystem::path shopping_cart;  // executables
  std::filesystem::path counter;
  std::filesystem::path notes;
  std::filesystem::path stock;
  std::filesystem::path ceilings;
  std::filesystem::path ghz;   // empty where it is not there
  std::filesystem::path data;  // a folder on a disk, for folders
  timing how;
  std::size_t channels = 1;               // connections of a gRPC load
  std::uint64_t view_events = 1'000'000;  // from which the rows of a view are made anew
};

struct row {
  std::string id;
  std::function<std::vector<Figure>(const surroundings&)> measure;
};

std::vector<row> grpc_rows();
std::vector<row> http_rows();
std::vector<row> in_process_rows();
std::vector<row> key_value_rows();
std::vector<row> counter_rows();
std::vector<row> start_rows();
std::vector<row> memory_rows();
std::vector<row> timer_rows();
std::vector<row> topic_rows();
std::vector<row> kafka_rows();
std::vector<row> view_query_rows();
std::vector<row> view_rows();

// Those by which drivers that nobody here wrote confirm ours; run only when they are asked for.
std::vector<row> confirming_rows();

}  // namespace perdure::bench
