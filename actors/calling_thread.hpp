#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <caf/abstract_actor.hpp>
#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>

// Sends to an actor and runs it at once, on this thread, unless another thread runs it already. So
// a message need not wait for a thread of the scheduler to wake up, which takes longer than most
// handlers do. For CAF this is one more thread of the scheduler's: what an actor may rely on, one
// message after the other and in their order, stays as it is.

namespace perdure::actors {

// Lives on its thread's stack: send() once, perhaps under a lock that orders the messages, then
// run() without it.
class calling_thread final : private caf::execution_unit {
 public:
  explicit calling_thread(caf::actor_system& system) : execution_unit(&system) {}
  calling_thread(const calling_thread&) = delete;
  calling_thread& operator=(const calling_thread&) = delete;
  ~calling_thread() override;

  template <class Message>
  void send(const caf::actor& to, Message message) {
    caf::actor_cast<caf::abstract_actor*>(to)->eq_impl(caf::make_message_id(), nullptr, this,
                                                       std::move(message));
  }

  // Runs the actor until it has no message left. One that is sent to faster than it works goes on
  // at the scheduler, so that this thread is not kept from its own work.
  void run();

 private:
  void exec_later(caf::resumable* ready) override;

  caf::resumable* ready_ = nullptr;  // a reference is held
  bool running_ = false;
};

}  // namespace perdure::actors
