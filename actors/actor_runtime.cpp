// The CAF actor system of a process.

#include "actors/actor_runtime.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

namespace perdure::actors {

class actor_runtime::threads_and_system {
 public:
  explicit threads_and_system(std::size_t threads) : config_(threads), system_(config_) {}

  caf::actor_system& system() { return system_; }

 private:
  struct config : caf::actor_system_config {
    explicit config(std::size_t threads) {
      // Threads that sleep until there is work; those of the default policy look for it all the
      // time. What must be quick does not come here (calling_thread).
      set("scheduler.policy", caf::atom("sharing"));
      if (threads > 0) set("scheduler.max-threads", threads);
    }
  };

  config config_;
  caf::actor_system system_;
};

actor_runtime::actor_runtime(std::size_t threads)
    : owned_(std::make_unique<threads_and_system>(threads)) {}

actor_runtime::~actor_runtime() = default;

caf::actor_system& actor_runtime::system() { return owned_->system(); }

}  // namespace perdure::actors
