#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "perdure/status.hpp"
#include "persistence/redis_connection.hpp"

// The connections that read, apart from the one that writes: as many as threads read at a time. Any
// thread. For redis_step_store.cpp only.

namespace perdure::persistence {

class redis_readers {
 public:
  explicit redis_readers(redis_endpoint where) : where_(std::move(where)) {}

  // Runs `read(connection)`, which gives a status or result. Redis may have closed a connection
  // that nobody has used for a while, so what fails on an old one is tried once more on a new one.
  // UNAVAILABLE when there is no connection.
  template <class Read>
  auto with(Read read) -> decltype(read(std::declval<redis_connection&>())) {
    if (auto kept = take_kept()) {
      auto done = read(*kept);
      if (!kept->is_lost()) return give_back(std::move(kept)), done;
      forget_all();
    }
    auto opened = redis_connection::open(where_);
    if (!opened) return status(status_code::unavailable, opened.error().message());
    auto done = read(**opened);
    if (!(*opened)->is_lost()) give_back(*std::move(opened));
    return done;
  }

  // Closes those that nobody uses now.
  void forget_all();

 private:
  static constexpr std::size_t kept_max = 8;

  std::unique_ptr<redis_connection> take_kept();
  void give_back(std::unique_ptr<redis_connection> used);

  const redis_endpoint where_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<redis_connection>> kept_;
};

}  // namespace perdure::persistence
