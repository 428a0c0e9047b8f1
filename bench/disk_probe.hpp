#pragma once

#include <filesystem>

#include "bench/load.hpp"

// How long the disk takes to make something durable: appends of 512 bytes, each with fdatasync, one
// after the other. No durable answer comes sooner.

namespace perdure::bench {

// What of a slice's time is enough for it where it is not what is measured.
inline constexpr double disk_share = 0.1;

class disk_probe final : public load {
 public:
  // In a file of its own in `folder`, which is removed with the object.
  explicit disk_probe(const std::filesystem::path& folder);
  ~disk_probe() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  std::filesystem::path file_;
  int fd_;
};

}  // namespace perdure::bench
