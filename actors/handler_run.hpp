#pragma once

#include <google/protobuf/message.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <caf/actor.hpp>

#include "actors/action_decision.hpp"
#include "actors/action_type.hpp"
#include "actors/command.hpp"
#include "actors/dispatcher.hpp"
#include "actors/environment.hpp"
#include "perdure/action.hpp"

// One run of a handler of an action, from its request to what it has decided.
//
//   begin --> the coroutine runs --> decided, or the next of several decisions
//                 |         ^
//            waits for a    | what it waits for has come: a message to the instance's actor
//            call, a pause, |
//            a request      |
//                 +---------+
//                 +--> end: too late, cancelled, the pool stops: the coroutine is destroyed, and
//                      what comes for it later finds nobody

namespace perdure::actors {

// What the runs of one action share.
struct action_surroundings {
  std::shared_ptr<const action_type> type;
  std::shared_ptr<const environment> env;
  std::weak_ptr<dispatcher> others;
};

// Lives in one action_instance, which calls all of it but post(). Ends in exactly one call of
// decided() where it takes one decision, else of ended().
class handler_run : public action_runtime, public std::enable_shared_from_this<handler_run> {
 public:
  struct start {
    std::size_t method;  // index in the service
    action_input input;
    action_context context;
    timestamp deadline = timestamp::max();
    std::shared_ptr<const std::atomic<bool>> cancelled;
    std::string trace_parent;
    std::string identity = {};  // see action_run
    std::string order = {};     // likewise
    std::uint32_t hops = 0;     // how often what it handles was forwarded
  };

  handler_run(std::shared_ptr<const action_surroundings> around, start with);

  // Runs it in `home` until it waits or has ended.
  void begin(caf::actor home, action& behaviour);

  // Why it must not go on, if so.
  std::optional<status> too_late() const;

  // Destroys the coroutine where it waits, and tells. Nothing after it has ended.
  void end(const status& why);

  bool has_ended() const { return has_ended_; }

  const std::string& order() const { return with_.order; }

 protected:
  // What the handler has decided: the only time, or next() must be called, now or later.
  virtual void decided(decided_action what) = 0;
  // Nothing more comes. OK only of one that takes several decisions.
  virtual void ended(const status& why) = 0;

  // Lets a handler that takes several decisions go on.
  void next();

  // It has ended well: releases all it holds.
  void finish();

  // Any thread: does `what` in the actor where this lives, unless it has ended by then.
  void post(std::function<void()> what, std::chrono::milliseconds delay = {});

  // Runs `what`, which may run user code, and deals with what the handler has decided in it.
  void resume(const std::function<void()>& what);

  const action_surroundings& around() const { return *around_; }
  const action_type::method& method() const { return around_->type->methods()[with_.method]; }
  const start& with() const { return with_; }
  dispatcher* others();

 private:
  void call(const any_call& what, on_reply tell) override;
  void pause(std::chrono::milliseconds time, std::function<void()> tell) override;

  result<command> command_of(const any_call& what);
  void make_call(const any_call& what, std::uint32_t hops, on_reply tell);
  void replied(const google::protobuf::MethodDescriptor& called, outcome o, const on_reply& tell);
  void forward(any_action_effect effect);

  void take();
  void settle(any_action_effect effect);
  status guard(std::string_view doing, const std::function<void()>& user_code);

  const std::shared_ptr<const action_surroundings> around_;
  start with_;
  std::shared_ptr<dispatcher> others_;  // while it runs
  action* behaviour_ = nullptr;
  std::optional<action_output> output_;
  bool has_told_ = false;  // the coroutine has ended, or yielded
  bool has_ended_ = false;
  std::size_t calls_ = 0;
  std::string positions_;  // of what it has called

  std::mutex mutex_;
  caf::actor home_;  // under the lock; null before it begins and after it has ended
};

// One that has not begun. It ends where nobody takes it.
class arriving_run {
 public:
  explicit arriving_run(std::shared_ptr<handler_run> run) : run_(std::move(run)) {}
  arriving_run(const arriving_run&) = delete;
  arriving_run& operator=(const arriving_run&) = delete;
  ~arriving_run();

  std::shared_ptr<handler_run> take() { return std::exchange(run_, nullptr); }

 private:
  std::shared_ptr<handler_run> run_;
};

}  // namespace perdure::actors
