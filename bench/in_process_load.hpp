#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "bench/load.hpp"
#include "cart_api.pb.h"

namespace perdure::bench {

// AddItem commands given to the router in this process, over RocksDB: no network, no encoding.
class in_process_load final : public load {
 public:
  in_process_load(const std::filesystem::path& folder,
                  const std::vector<cart::api::AddItemRequest>& commands, std::size_t in_flight);
  ~in_process_load() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
