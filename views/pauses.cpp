// A thread that sleeps until the next thing is due.

#include "views/pauses.hpp"

#include <utility>

namespace perdure::views {

pauses::pauses() : thread_([this] { run(); }) {}

pauses::~pauses() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void pauses::later(std::chrono::milliseconds pause, std::function<void()> what) {
  {
    std::lock_guard lock(mutex_);
    due_.emplace(std::chrono::steady_clock::now() + pause, std::move(what));
  }
  changed_.notify_one();
}

void pauses::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (due_.empty()) {
      changed_.wait(lock);
    } else if (auto at = due_.begin()->first; at > std::chrono::steady_clock::now()) {
      changed_.wait_until(lock, at);
    } else {
      auto what = std::move(due_.extract(due_.begin()).mapped());
      lock.unlock();
      what();
      lock.lock();
    }
  }
}

}  // namespace perdure::views
