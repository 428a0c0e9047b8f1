// Command path: many steps, one atomic synced write. Before: actors/entity_ready.cpp. Next:
// actors/entity_committing.cpp.
//
// What is submitted waits in groups, each filled up to its bound before the next is begun. One
// thread takes the first group, writes it and looks again; meanwhile the next group fills up. So
// the slower the disk, the larger the groups. A second thread tells the owners, while the first
// waits for the disk again. With nothing more to write the first tells them itself: a reply that
// is alone need not wait for another thread to wake up.

#include "persistence/group_commit.hpp"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.hpp"

namespace perdure::persistence {

class group_commit::committer {
 public:
  committer(step_store& store, std::size_t group_bytes_max)
      : store_(store), group_bytes_max_(group_bytes_max) {}

  ~committer() {
    if (!commit_thread_.joinable()) {
      while (commit_pending()) {
      }
      return;
    }
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.wake.notify_one();
    commit_thread_.join();
    {
      std::lock_guard lock(mutex_);
      all_written_ = true;
    }
    told_.wake.notify_one();
    tell_thread_.join();
  }

  void start() {
    PERDURE_CHECK(!commit_thread_.joinable());
    commit_thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "perdure-commit");
      run_commits();
    });
    tell_thread_ = std::thread([this] {
      pthread_setname_np(pthread_self(), "perdure-reply");
      run_tells();
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
    PERDURE_CHECK(!commit_thread_.joinable());
    std::deque<group> taken;
    {
      std::lock_guard lock(mutex_);
      taken.swap(pending_);
    }
    for (auto& g : taken) {
      commit(g);
      tell(g);
    }
    return !taken.empty();
  }

 private:
  struct waiter {
    on_durable done;
    bool has_step;  // the next of the group's steps; else a barrier
  };
  struct group {
    std::vector<step> steps;
    std::vector<waiter> waiting;   // in the order of submission
    std::vector<status> statuses;  // of the steps, once written
    std::size_t bytes = 0;
  };

  // Where a thread waits for groups. One that is busy looks again by itself, so it is woken only
  // when it sleeps: the system call is saved where it counts. All under the mutex.
  struct waiting_place {
    std::condition_variable wake;
    bool sleeping = false;

    template <class Ready>
    void wait(std::unique_lock<std::mutex>& lock, Ready ready) {
      while (!ready()) {
        sleeping = true;
        wake.wait(lock);
      }
      sleeping = false;
    }
    bool must_be_woken() { return std::exchange(sleeping, false); }
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
      wake = work_.must_be_woken();
    }
    if (wake) work_.wake.notify_one();
  }

  // noexcept, as all that follows: neither the store nor a callback throws, and steps of unknown
  // fate must not be followed by others.
  void run_commits() noexcept {
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [&] { return !pending_.empty() || stopping_; });
      if (pending_.empty()) return;
      auto taken = std::move(pending_.front());
      pending_.pop_front();
      lock.unlock();
      commit(taken);
      lock.lock();
      // Only this thread gives the other one work, so an idle one stays idle meanwhile.
      if (pending_.empty() && written_.empty() && !telling_) {
        lock.unlock();
        tell(taken);
        lock.lock();
        continue;
      }
      written_.push_back(std::move(taken));
      if (told_.must_be_woken()) told_.wake.notify_one();
    }
  }

  void run_tells() noexcept {
    std::unique_lock lock(mutex_);
    while (true) {
      told_.wait(lock, [&] { return !written_.empty() || all_written_; });
      if (written_.empty()) return;
      auto taken = std::move(written_.front());
      written_.pop_front();
      telling_ = true;
      lock.unlock();
      tell(taken);
      lock.lock();
      telling_ = false;
    }
  }

  void commit(group& g) noexcept {
    if (!g.steps.empty()) g.statuses = store_.commit(g.steps);
    PERDURE_CHECK(g.statuses.size() == g.steps.size());
  }

  static void tell(group& g) noexcept {
    auto next = g.statuses.begin();
    for (auto& [done, has_step] : g.waiting) {
      if (has_step) {
        done(*next++);
      } else {
        done(status());
      }
    }
  }

  step_store& store_;
  const std::size_t group_bytes_max_;

  std::mutex mutex_;
  waiting_place work_;         // of the thread that commits
  std::deque<group> pending_;  // submitted
  waiting_place told_;         // of the thread that tells
  std::deque<group> written_;  // their fate is known, their owners do not know it yet
  bool telling_ = false;       // the second thread does
  bool stopping_ = false;
  bool all_written_ = false;

  std::thread commit_thread_;
  std::thread tell_thread_;
};

group_commit::group_commit(step_store& store, std::size_t group_bytes_max)
    : committer_(std::make_unique<committer>(store, group_bytes_max)) {}

group_commit::~group_commit() = default;

void group_commit::start() { committer_->start(); }

void group_commit::submit(step s, on_durable done) {
  committer_->submit(std::move(s), std::move(done));
}

void group_commit::submit_barrier(on_durable done) { committer_->submit_barrier(std::move(done)); }

bool group_commit::commit_pending() { return committer_->commit_pending(); }

}  // namespace perdure::persistence
