#pragma once

#include <functional>
#include <mutex>
#include <vector>

// How those who have read all there is learn that there is more.

namespace perdure::pubsub {

// Any thread. Outlives those who wait, or drops them.
class growth {
 public:
  // Something was stored (group_commit::on_group). Asks each of those who wait, on this thread.
  void grown();

  // `look` is called whenever something was stored, until it returns true: quick, never throws,
  // calls neither of these two, and takes no lock that is held around them. It may be called before
  // this returns, and is called at least once, so that nothing is missed that was stored just
  // before.
  void wait(std::function<bool()> look);

  // Drops those who wait.
  void stop();

 private:
  std::mutex looking_;  // before mutex_
  std::mutex mutex_;
  std::vector<std::function<bool()>> waiting_;
  bool stopped_ = false;
};

}  // namespace perdure::pubsub
