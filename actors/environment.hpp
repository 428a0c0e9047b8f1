#pragma once

#include <chrono>
#include <functional>

#include "actors/handler_pace.hpp"
#include "base/clock.hpp"
#include "base/limits.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/step_store.hpp"

namespace perdure::actors {

// Runs a function somewhere else, soon: where entities read their history, so that a slow disk
// holds up no actor.
using executor = std::function<void(std::function<void()>)>;

// What entities live on. Everything referred to outlives the actor system.
struct environment {
  persistence::step_store& store;
  persistence::group_commit& commits;
  const perdure::clock& clock;
  hybrid_clock& step_times;
  executor reads;
  perdure::limits limits;
  // An entity whose type's handlers are quick runs on the thread that brings its command or its
  // history. Else, as always without this, on the scheduler's threads.
  bool runs_on_caller = false;
  handler_pace::time_point (*steady_now)() = std::chrono::steady_clock::now;  // times handlers
};

}  // namespace perdure::actors
