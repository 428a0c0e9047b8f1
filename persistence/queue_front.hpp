#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>

// Where in a sorted queue of the database to begin looking for its first entry: what was removed
// before it leaves marks behind which reading would have to step over, again and again.

namespace perdure::persistence {

// Nothing stands in the queue before here. Any thread.
class queue_front {
 public:
  struct look {
    std::uint64_t from;
    std::uint64_t additions;
  };

  // Before reading; then what has been found to be the first, unless something was added meanwhile
  // that the reader may not have seen.
  look begin() const {
    std::lock_guard lock(mutex_);
    return {from_, additions_};
  }
  void found(const look& begun, std::uint64_t first) {
    std::lock_guard lock(mutex_);
    if (begun.additions == additions_) from_ = first;
  }

  // After what begins at `first` was added, and before anybody is told.
  void added(std::uint64_t first) {
    std::lock_guard lock(mutex_);
    ++additions_;
    from_ = std::min(from_, first);
  }

 private:
  mutable std::mutex mutex_;
  std::uint64_t from_ = 0;
  std::uint64_t additions_ = 0;
};

}  // namespace perdure::persistence
