// Connections that read from Redis, kept for the next who reads.

#include "persistence/redis_readers.hpp"

namespace perdure::persistence {

std::unique_ptr<redis_connection> redis_readers::take_kept() {
  std::lock_guard lock(mutex_);
  if (kept_.empty()) return nullptr;
  auto taken = std::move(kept_.back());
  kept_.pop_back();
  return taken;
}

void redis_readers::give_back(std::unique_ptr<redis_connection> used) {
  std::lock_guard lock(mutex_);
  if (kept_.size() < kept_max) kept_.push_back(std::move(used));
}

void redis_readers::forget_all() {
  std::lock_guard lock(mutex_);
  kept_.clear();
}

}  // namespace perdure::persistence
