#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actors/command.hpp"
#include "actors/entity_directory.hpp"

// The rpcs of actions that are called when the process serves: (perdure.method).trigger with
// on: STARTUP. One that fails is called again, after longer and longer pauses, at most max_retries
// times. All its calls are one run: what it calls with the same request takes effect once.

namespace perdure::actors {

// Any thread. Shared with the calls that are under way.
class start_hooks : public std::enable_shared_from_this<start_hooks> {
 public:
  struct surroundings {
    // Takes a command on to its action; its reply says what became of it.
    std::function<void(command)> hand_over;
    std::function<void(std::chrono::milliseconds, std::function<void()>)> later;
  };

  start_hooks(std::shared_ptr<const entity_directory> directory, surroundings around);

  void start();

  // Nothing is called any more.
  void stop() { stopped_ = true; }

 private:
  struct hook {
    std::shared_ptr<const action_type> type;
    std::size_t method;
    std::string identity;
    std::uint32_t failures = 0;
  };

  void call(const hook& what);
  void called(hook what, const status& ended);

  const std::shared_ptr<const entity_directory> directory_;
  const surroundings around_;
  std::atomic<bool> stopped_{false};
};

}  // namespace perdure::actors
