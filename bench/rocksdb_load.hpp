#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "bench/load.hpp"
#include "cart_api.pb.h"

namespace perdure::bench {

// What RocksDB does with the same bytes: one thread writes batches of `batch` commands, each
// synced. Of a command the batch holds what the step store writes of it, under new keys each time;
// keys and values are made beforehand.
class rocksdb_load final : public load {
 public:
  rocksdb_load(const std::filesystem::path& folder,
               const std::vector<cart::api::AddItemRequest>& commands, std::size_t batch);
  ~rocksdb_load() override;

  void run(std::chrono::milliseconds lead_in, std::chrono::milliseconds time,
           measured& into) override;

 private:
  class running;
  std::unique_ptr<running> running_;
};

}  // namespace perdure::bench
