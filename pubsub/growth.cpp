// How readers of logs and topics are woken: after each group that was committed, each of those who
// wait takes one look. Looks are a few comparisons, and there are as many as partitions are read.

#include "pubsub/growth.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace perdure::pubsub {

// The list is taken while its looks are made, so that a look, or what it sets off, may wait anew.
void growth::grown() {
  std::lock_guard one_at_a_time(looking_);
  std::vector<std::function<bool()>> taken;
  {
    std::lock_guard lock(mutex_);
    if (waiting_.empty()) return;
    taken.swap(waiting_);
  }
  std::erase_if(taken, [](const auto& look) { return look(); });
  if (taken.empty()) return;
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  waiting_.insert(waiting_.end(), std::make_move_iterator(taken.begin()),
                  std::make_move_iterator(taken.end()));
}

// Entered first, then looked at: what is stored in between finds it entered.
void growth::wait(std::function<bool()> look) {
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return;
    waiting_.push_back(std::move(look));
  }
  grown();
}

void growth::stop() {
  std::vector<std::function<bool()>> dropped;
  std::lock_guard lock(mutex_);
  stopped_ = true;
  dropped.swap(waiting_);
}

}  // namespace perdure::pubsub
