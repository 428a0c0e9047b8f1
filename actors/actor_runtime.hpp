#pragma once

#include <cstddef>
#include <memory>

namespace caf {
class actor_system;
}

// The CAF actor system of a process: the threads that run all actors. Made once by the composition
// root; ends when it is destroyed, after the last actor.

namespace perdure::actors {

class actor_runtime {
 public:
  // `threads` 0: one per core.
  explicit actor_runtime(std::size_t threads = 0);
  ~actor_runtime();

  caf::actor_system& system();

 private:
  class threads_and_system;
  std::unique_ptr<threads_and_system> owned_;
};

}  // namespace perdure::actors
