// Command path: from the gateway's thread into the entity's actor. Used by
// actors/entity_router.cpp and, for what was read from the store, actors/entity_actor.cpp.

#include "actors/calling_thread.hpp"

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include "base/check.hpp"

namespace perdure::actors {
namespace {

// Enough for nearly every entity; the scheduler's own threads do more at a time.
constexpr std::size_t messages_max = 32;

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
  switch (ready->resume(this, messages_max)) {
    case caf::resumable::resume_later:
      system().scheduler().enqueue(ready);
      break;
    case caf::resumable::awaiting_message:
    case caf::resumable::done:
      caf::intrusive_ptr_release(ready);
      break;
    case caf::resumable::shutdown_execution_unit:
      PERDURE_CHECK(!"an entity's actor does not end its thread");
  }
}

}  // namespace perdure::actors
