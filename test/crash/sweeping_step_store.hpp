#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "persistence/rocksdb_step_store.hpp"
#include "test/crash/death.hpp"
#include "test/crash/forwarding_step_store.hpp"

// The retention sweep, made to run all the time and to find something.

namespace perdure::test {

// Sweeps beside the commits, once more whenever some have been made. Keys that begin with
// "expired-" are stored as of a time past their retention, so that the sweep drops their records
// among those of others, which must stay.
class sweeping_step_store final : public forwarding_step_store {
 public:
  explicit sweeping_step_store(std::unique_ptr<persistence::rocksdb_step_store> inner);
  ~sweeping_step_store() override;

  std::vector<status> commit(std::span<const persistence::step> group) override;

 private:
  void sweep_until_stopped();

  persistence::rocksdb_step_store& swept_;
  std::mutex mutex_;
  std::condition_variable wake_;
  int groups_ = 0;  // since the last sweep began
  bool stopping_ = false;
  std::thread thread_;
};

// The clock of the sweep: asked once for every record that it looks at, and so the place where the
// process passes point::sweep.
class sweep_clock final : public perdure::clock {
 public:
  sweep_clock(const perdure::clock& wall, death& dies, std::chrono::milliseconds fast_by)
      : wall_(wall), dies_(dies), fast_by_(fast_by) {}

  timestamp now() const override;

 private:
  const perdure::clock& wall_;
  death& dies_;
  const std::chrono::milliseconds fast_by_;  // a fault, when not zero
};

}  // namespace perdure::test
