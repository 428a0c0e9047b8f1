#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "persistence/mail.hpp"
#include "persistence/queue_front.hpp"
#include "persistence/rocksdb_database.hpp"

// Reading the timers that are due. A damaged timer does not fire; it must not keep others from
// firing, so it is named in the log once and passed over from then on. Any thread.

namespace perdure::persistence {

class due_timers {
 public:
  result<std::vector<stored_timer>> read(const rocksdb_database& from, timestamp now,
                                         std::size_t max);
  result<std::optional<timestamp>> next(const rocksdb_database& from);

  // After a commit has set timers, of which the first is due then; or after the database has been
  // opened, 0.
  void added(timestamp first_due) {
    front_.added(static_cast<std::uint64_t>(first_due.time_since_epoch().count()));
  }

 private:
  template <class Visit>
  status visit(const rocksdb_database& from, const rocksdb::ReadOptions& options,
               const queue_front::look& begun, Visit visit_one);
  bool is_damaged(std::string_view key);
  void pass_over(std::string_view key, const status& why);

  queue_front front_;  // milliseconds since 1970
  std::mutex mutex_;
  std::set<std::string, std::less<>> damaged_;  // keys in `due`
};

}  // namespace perdure::persistence
