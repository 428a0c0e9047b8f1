// Command path: many steps, one atomic synced write. Before: actors/entity_ready.cpp. Next:
// actors/entity_committing.cpp.
//
// What is submitted waits in groups, each filled up to its bound before the next is begun. The
// thread takes the first group, writes it, tells its owners, and looks again; meanwhile the next
// group fills up. So the slower the disk, the larger the groups.

#include "persistence/group_commit.hpp"

#include <pthread.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "persistence/sequence_check.hpp"

namespace perdure::persistence {

class group_commit::committer {
 public:
  committer(step_store& store, std::size_t group_bytes_max)
      : store_(store), group_bytes_max_(group_bytes_max) {}

  ~committer() {
    if (thread_.joinable()) {
      {
        std::lock_guard lock(mutex_);
        stopping_ = true;
      }
      wake_.notify_one();
      thread_.join();
    } else {
      while (commit_pending()) {
      }
    }
  }

  void on_group(std::function<void()> stored) {
    PERDURE_CHECK(!thread_.joinable());
    stored_ = std::move(stored);
  }

  void start() {
    PERDURE_CHECK(!thread_.joinable());
    thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "perdure-commit");
      run();
    });
  }

  void submit(step s, on_durable done) {
    auto bytes = bytes_of(s);
    enqueue(
        [&](group& last) {
          last.steps.push_back(std::move(s));
          last.waiting.push_back({std::move(done), true});
          last.bytes += bytes;
        },
        bytes);
  }

  void submit_barrier(on_durable done) {
    enqueue([&](group& last) { last.waiting.push_back({std::move(done), false}); }, 0);
  }

  bool commit_pending() {
    PERDURE_CHECK(!thread_.joinable());
    std::deque<group> taken;
    {
      std::lock_guard lock(mutex_);
      taken.swap(pending_);
    }
    for (auto& g : taken) commit(g);
    return !taken.empty();
  }

 private:
  struct waiter {
    on_durable done;
    bool has_step;  // the next of the group's steps; else a barrier
  };
  struct group {
    std::vector<step> steps;
    std::vector<waiter> waiting;  // in the order of submission
    std::size_t bytes = 0;
  };

  template <class Add>
  void enqueue(Add add, std::size_t bytes) {
    bool wake;
    {
      std::lock_guard lock(mutex_);
      if (pending_.empty() || (bytes > 0 && !pending_.back().steps.empty() &&
                               pending_.back().bytes + bytes > group_bytes_max_)) {
        pending_.emplace_back();
      }
      add(pending_.back());
      // A committer that is busy looks again by itself: the system call is saved where it counts.
      wake = std::exchange(sleeping_, false);
    }
    if (wake) wake_.notify_one();
  }

  // noexcept: neither the store nor a callback throws, and steps of unknown fate must not be
  // followed by others.
  void run() noexcept {
    std::unique_lock lock(mutex_);
    while (true) {
      while (pending_.empty() && !stopping_) {
        sleeping_ = true;
        wake_.wait(lock);
      }
      sleeping_ = false;
      if (pending_.empty()) return;
      auto taken = std::move(pending_.front());
      pending_.pop_front();
      lock.unlock();
      commit(taken);
      lock.lock();
    }
  }

  void commit(group& g) noexcept {
    auto statuses = store(g.steps);
    PERDURE_CHECK(statuses.size() == g.steps.size());
    auto next = statuses.begin();
    for (auto& [done, has_step] : g.waiting) {
      if (has_step) {
        done(*next++);
      } else {
        done(status());
      }
    }
    // A write that failed may be durable all the same: who reads then waits for it with the store.
    auto may_show = [](const status& s) { return s.ok() || s.code() == status_code::unavailable; };
    if (stored_ && std::ranges::any_of(statuses, may_show)) stored_();
  }

  std::vector<status> store(std::vector<step>& steps) {
    auto is_void = [](const step& s) { return s.is_void && *s.is_void; };
    if (steps.empty()) return {};
    if (std::ranges::none_of(steps, is_void)) return store_.commit(steps);
    std::vector<status> statuses(steps.size());
    std::vector<step> sound;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (is_void(steps[i])) {
        statuses[i] = earlier_step_failed(steps[i]);
        continue;
      }
      sound.push_back(std::move(steps[i]));
      places.push_back(i);
    }
    auto stored = sound.empty() ? std::vector<status>() : store_.commit(sound);
    PERDURE_CHECK(stored.size() == sound.size());
    for (std::size_t i = 0; i < places.size(); ++i) statuses[places[i]] = std::move(stored[i]);
    return statuses;
  }

  step_store& store_;
  const std::size_t group_bytes_max_;
  std::function<void()> stored_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<group> pending_;
  bool sleeping_ = false;
  bool stopping_ = false;

  std::thread thread_;
};

group_commit::group_commit(step_store& store, std::size_t group_bytes_max)
    : committer_(std::make_unique<committer>(store, group_bytes_max)) {}

group_commit::~group_commit() = default;

void group_commit::on_group(std::function<void()> stored) {
  committer_->on_group(std::move(stored));
}

void group_commit::start() { committer_->start(); }

void group_commit::submit(step s, on_durable done) {
  committer_->submit(std::move(s), std::move(done));
}

void group_commit::submit_barrier(on_durable done) { committer_->submit_barrier(std::move(done)); }

bool group_commit::commit_pending() { return committer_->commit_pending(); }

}  // namespace perdure::persistence
