#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "bench/load.hpp"
#include "cart_api.pb.h"

namespace perdure::bench {

// AddItem commands that entities send to carts, in this process, over RocksDB. A send counts when
// the step of the cart that handled it is durable. Latencies are not recorded: the steps do not
// tell which command they are for.
class send_load final : public load {
 public:
  struct settings {
    std::filesystem::path folder;
    const std::vector<cart::api::AddItemRequest>& commands;  // sent in turn, again and again
    std::size_t in_flight;                                   // sends that are not handled yet
    std::size_t sends_per_command;                           // of a sender; divides in_flight
  };
  explicit send_load(const settings& how);
  ~send_load() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
