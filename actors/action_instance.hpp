#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <unordered_map>

#include <caf/event_based_actor.hpp>

#include "actors/caf_messages.hpp"
#include "actors/handler_run.hpp"
#include "perdure/action.hpp"

// One instance of a user's action class as a CAF actor: it begins runs of handlers and lets those
// go on that have what they waited for, one after the other. Spawned and ended by the action_pool.

namespace perdure::actors {

class action_instance final : public caf::event_based_actor {
 public:
  // `is_busy` is true while it runs user code: others are the better choice then.
  action_instance(caf::actor_config& cfg, std::shared_ptr<const action_surroundings> around,
                  std::shared_ptr<std::atomic<bool>> is_busy);

  caf::behavior make_behavior() override;

  // All that still waits here ends with UNAVAILABLE.
  void on_exit() override;

  const char* name() const override { return "perdure.action"; }

 private:
  void begin(const std::shared_ptr<handler_run>& run);
  void resume(const resumption& r);
  void run_timed(const std::function<void()>& user_code);
  void end_late();
  status make_behaviour();

  const std::shared_ptr<const action_surroundings> around_;
  const std::shared_ptr<std::atomic<bool>> is_busy_;
  std::unique_ptr<action> behaviour_;  // made when the first run comes
  std::unordered_map<const handler_run*, std::shared_ptr<handler_run>> waiting_;
  bool is_looking_ = false;  // for late ones, from time to time
};

}  // namespace perdure::actors
