#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "bench/load.hpp"

// Readings of sensors in this process, over RocksDB (readings.hpp).

namespace perdure::bench {

// As many readings as can be added. Published ones are handled by an action, and one counts when
// the step that moves the cursor past it is durable; of quiet ones, which nobody reads, when its
// command is answered. Latencies are not recorded.
class topic_load final : public load {
 public:
  enum class kind { quiet, published };
  struct settings {
    std::filesystem::path folder;
    kind what;
    std::size_t in_flight;  // readings that do not count yet
  };
  explicit topic_load(const settings& how);
  ~topic_load() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

// So many readings a second, and how long each takes from its commit to the action's handler.
class topic_latency final : public load {
 public:
  struct settings {
    std::filesystem::path folder;
    std::string kafka;  // HOST:PORT; empty: topics are embedded
    int per_second;
  };
  explicit topic_latency(const settings& how);
  ~topic_latency() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

// How long an action that is new takes for all messages of a topic that holds so many.
std::chrono::duration<double> catch_up(const std::filesystem::path& folder, std::uint64_t readings);

}  // namespace perdure::bench
