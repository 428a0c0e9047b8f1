#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bench/load.hpp"
#include "bench/service_process.hpp"

// Load generators that nobody here wrote, each run as a process once per slice. They have no
// lead-in, and record no latencies in `into`: of those only what they tell of each slice is known.

namespace perdure::bench {

// Medians of what the slices told.
class told_latencies {
 public:
  void add(double p50_us, double p99_us);
  double p50_us() const { return median(p50s_); }
  double p99_us() const { return median(p99s_); }

 private:
  std::vector<double> p50s_, p99s_;
};

// wrk, over HTTP (Debian's package of that name): one thread, a request at a time on each
// connection.
class wrk final : public load {
 public:
  struct settings {
    int port;
    std::size_t connections;
    const std::vector<std::string>& requests;  // whole, as they are sent
    bool idempotent = false;                   // adds to each an idempotency key of its own
    std::filesystem::path folder;              // for a file with the requests
  };
  explicit wrk(const settings& how);

  // In whole seconds, as wrk has it: at least one.
  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

  const told_latencies& told() const { return told_; }

 private:
  settings how_;
  std::filesystem::path file_;
  int runs_ = 0;
  told_latencies told_;
};

// redis-benchmark (Debian's redis-tools): SETs, pipelined, of keys chosen at random.
class redis_benchmark final : public load {
 public:
  struct settings {
    int port;
    std::size_t connections;
    std::size_t pipelined;  // on each
    std::size_t keys;
    std::size_t value_bytes;
  };
  explicit redis_benchmark(const settings& how) : how_(how) {}

  // As many as it takes about `time` for, to judge by the last run.
  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

  const told_latencies& told() const { return told_; }

 private:
  const settings how_;
  double last_rate_ = 50'000;
  told_latencies told_;
};

// ghz, over gRPC (github.com/bojand/ghz): calls AddItem on one connection.
class ghz final : public load {
 public:
  struct settings {
    std::filesystem::path executable;
    int port;
    std::size_t in_flight;
    const std::vector<std::string>& requests;  // encoded AddItem commands
    std::filesystem::path folder;              // for a file with the requests
  };
  explicit ghz(const settings& how);

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  settings how_;
  std::filesystem::path file_;
};

}  // namespace perdure::bench
