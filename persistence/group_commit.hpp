#pragma once

#include <functional>
#include <memory>

#include "perdure/status.hpp"
#include "persistence/step.hpp"
#include "persistence/step_store.hpp"

// Command path: many steps, one atomic synced write.
//
// Collects what is submitted while the previous group is being written, so a store that syncs in
// 80 us or in 8 ms is always kept busy, and no timer adds latency when it is idle.

namespace perdure::persistence {

// Called once, when the fate of what was submitted is known, with the status of its step
// (step_store::commit). On the committer's thread: quick, and never throws.
using on_durable = std::function<void(const status&)>;

class group_commit {
 public:
  // Groups hold at most about `group_bytes_max` bytes, or one step. The store must outlive this.
  explicit group_commit(step_store& store, std::size_t group_bytes_max = 8 << 20);

  // Commits or fails everything submitted, then ends the thread.
  ~group_commit();

  group_commit(const group_commit&) = delete;
  group_commit& operator=(const group_commit&) = delete;

  // Calls `stored` after every group of which something is durable, or may be (UNAVAILABLE), on the
  // committer's thread: how readers of logs and topics learn that they have grown. Before start();
  // quick, never throws.
  void on_group(std::function<void()> stored);

  // Starts the thread that commits. Without it, commit_pending() does the work: for tests that
  // decide when a group becomes durable.
  void start();

  // Any thread; steps submitted by one thread are committed in that order. ABORTED, and not given
  // to the store: step::is_void.
  void submit(step s, on_durable done);

  // Calls `done` with OK as soon as everything submitted before is durable or has failed: how a
  // reply that shows uncommitted state waits for what it shows. Writes nothing.
  void submit_barrier(on_durable done);

  // Commits what is pending on the calling thread; false when nothing was. Only without start().
  bool commit_pending();

 private:
  class committer;
  std::unique_ptr<committer> committer_;
};

}  // namespace perdure::persistence
