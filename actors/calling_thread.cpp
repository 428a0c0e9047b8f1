// Command path: from the gateway's thread into the entity's actor. Used by
// actors/entity_router.cpp and, for what was read from the store, actors/entity_actor.cpp.

#include "actors/calling_thread.hpp"

#include <chrono>

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "base/check.hpp"

namespace perdure::actors {
namespace {

using std::chrono::steady_clock;

// One entity's turn on a gateway's thread: so many messages, unless they have taken too long.
constexpr std::size_t messages_max = 32;
constexpr std::size_t messages_at_a_time = 4;
constexpr std::chrono::milliseconds turn_max{1};

}  // namespace

calling_thread::~calling_thread() { PERDURE_CHECK(ready_ == nullptr); }

// CAF calls this when a message has reached an actor that nobody runs. The actors that an actor
// sends to while it runs here are the scheduler's.
void calling_thread::exec_later(caf::resumable* ready) {
  if (running_) {
    system().scheduler().enqueue(ready);
    return;
  }
  PERDURE_CHECK(ready_ == nullptr);
  ready_ = ready;
}

void calling_thread::run() {
  auto* ready = std::exchange(ready_, nullptr);
  if (ready == nullptr) return;
  running_ = true;
  auto end = steady_clock::now() + turn_max;
  auto result = caf::resumable::resume_later;
  for (std::size_t handled = 0; handled < messages_max; handled += messages_at_a_time) {
    result = ready->resume(this, messages_at_a_time);
    if (result != caf::resumable::resume_later || steady_clock::now() >= end) break;
  }
  PERDURE_CHECK(result != caf::resumable::shutdown_execution_unit);
  if (result == caf::resumable::resume_later) {
    system().scheduler().enqueue(ready);
  } else {
    caf::intrusive_ptr_release(ready);
  }
}

}  // namespace perdure::actors
