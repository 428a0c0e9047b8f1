#pragma once

#include <google/protobuf/message.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/action_decision.hpp"
#include "actors/action_stream.hpp"
#include "actors/action_type.hpp"
#include "actors/dispatcher.hpp"
#include "actors/environment.hpp"
#include "base/clock.hpp"
#include "perdure/action.hpp"

namespace caf {
class actor_system;
}

// The actors of one action: several, each with an instance of the user's class. A handler's
// coroutine lives in one of them and goes on there whenever what it waits for has come; so a thread
// is never held by what waits, and no instance runs two handlers at a time.

namespace perdure::actors {

// One run of a handler that takes one request and decides once.
struct action_run {
  std::size_t method;  // index in the service
  std::unique_ptr<google::protobuf::Message> request;
  action_context context;
  timestamp deadline = timestamp::max();                         // past it: DEADLINE_EXCEEDED
  std::shared_ptr<const std::atomic<bool>> cancelled = nullptr;  // may be
  std::string trace_parent;

  // What makes the run the same one when it comes again: of a message its origin. The calls that
  // the handler makes are numbered and get it as idempotency keys; so, however often the run is
  // tried, each of them takes effect once. Empty: they get none.
  std::string identity;
  // Runs with the same `order` use the same actor, so they begin in the order in which they come.
  std::string order;
  std::uint32_t hops = 0;  // how often what it handles was forwarded
  // A quick handler may run inside run(), where env->runs_on_caller; and `done` may be called
  // there.
  bool may_run_here = false;

  // Once, from any thread. Not ok: the handler has rejected, failed (INTERNAL, the detail in the
  // log), or was not in time; UNAVAILABLE: the pool has stopped.
  std::function<void(result<decided_action>)> done;
};

// Any thread.
class action_pool {
 public:
  action_pool(caf::actor_system& system, std::shared_ptr<const action_type> type,
              std::shared_ptr<const environment> env, std::weak_ptr<dispatcher> others);
  ~action_pool();

  action_pool(const action_pool&) = delete;
  action_pool& operator=(const action_pool&) = delete;

  void run(action_run what);

  const action_type& type() const;

  // A run that streams: see action_stream.hpp. What yielded effects send is durable before their
  // reply leaves.
  std::shared_ptr<action_stream> open(stream_request what, std::shared_ptr<stream_caller> caller);

  // Whatever is under way ends with UNAVAILABLE, soon after this returns, and whatever comes at
  // once; coroutines are destroyed where they wait.
  void stop();

 private:
  class instances;
  std::shared_ptr<instances> instances_;
};

}  // namespace perdure::actors
