#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "views/view_folder.hpp"
#include "views/view_home.hpp"

// What a view's home is made of; in two files:
//
//   view_home.cpp      what others ask of it
//   view_keeping.cpp   its files: opened, made, one takes the other's place
//
// A thread of its own, the keeper, ends what projectors cannot end themselves. Projectors call in
// on theirs.

namespace perdure::views {

// One who wants to know of changes.
struct change_watch {
  std::recursive_mutex mutex;  // it may be let go of inside its call
  std::function<void(const committed_changes&)> look;
};

struct view_home::parts {
  // A file of rows and who keeps them.
  struct generation {
    std::uint64_t number = 0;
    std::shared_ptr<sqlite_view_file> file;
    std::shared_ptr<projector> by;  // null: of another definition
  };
  struct waiter {
    std::vector<log_position> positions;
    timestamp deadline;
    std::function<void(status)> told;
  };

  parts(view_model of, surroundings there) : model(std::move(of)), around(std::move(there)) {}

  const view_model model;
  const surroundings around;
  const std::string name = "view " + model.service->full_name();  // for people
  const view_plan* plan = nullptr;
  std::thread keeper;

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::optional<generation> serving;
  std::optional<generation> next;
  std::uint64_t newest = 0;  // number of a file
  bool is_started = false;
  bool is_stopping = false;
  bool has_next_all = false;      // it has read all that there was
  bool is_taking_over = false;    // the old one does not go on any more
  bool is_next_complete = false;  // it has seen what the old one had, and says so
  const sqlite_view_file* damaged = nullptr;
  std::vector<waiter> waiting;  // for those that take over
  std::vector<std::weak_ptr<change_watch>> watches;

  // ---------------------------------------------------------------------------- view_keeping.cpp
  status open();
  result<generation> generation_of(std::uint64_t number, bool is_old);
  status begin_next();  // under the mutex, but before start
  void warn_of_changes(const std::string& old_file) const;
  void run();
  void take_over();
  bool complete_next(const std::vector<log_position>& positions);
  void replace_damaged();
  void report_progress() const;

  // ------------------------------------------------------------------------------- view_home.cpp
  bool serves_old() const { return serving && !serving->by; }
  std::shared_ptr<projector> following() const;  // who sees what the sources say; may be null
  void changed(const committed_changes& changes);
  void when_seen(waiter w);
  void tell_late_waiters();
  bool is_stopping_now() const;
  bool await_serving(waiter& w);
};

}  // namespace perdure::views
