#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace perdure::test {

// Threads that do what they are given, now or later. Ends with what is due now; what is for later
// is dropped.
class worker {
 public:
  explicit worker(int threads = 1) {
    for (int n = 0; n < threads; ++n) threads_.emplace_back([this] { run(); });
  }
  ~worker() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (auto& t : threads_) t.join();
  }
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  void run(std::function<void()> what) { run_after({}, std::move(what)); }
  void run_after(std::chrono::milliseconds delay, std::function<void()> what) {
    {
      std::lock_guard lock(mutex_);
      due_.emplace(clock::now() + delay, std::move(what));
    }
    wake_.notify_one();
  }

 private:
  using clock = std::chrono::steady_clock;

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      auto next = due_.begin();
      if (next == due_.end()) {
        if (stopping_) return;
        wake_.wait(lock);
      } else if (next->first > clock::now()) {
        if (stopping_) return;
        const auto due = next->first;  // another thread may take it meanwhile
        wake_.wait_until(lock, due);
      } else {
        auto what = std::move(next->second);
        due_.erase(next);
        lock.unlock();
        what();
        lock.lock();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<clock::time_point, std::function<void()>> due_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace perdure::test
