#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

// Does things later, on a thread of its own.

namespace perdure::views {

// Any thread. What is not due when it is destroyed is dropped.
class pauses {
 public:
  pauses();
  ~pauses();

  // `what` is quick.
  void later(std::chrono::milliseconds pause, std::function<void()> what);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::multimap<std::chrono::steady_clock::time_point, std::function<void()>> due_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace perdure::views
