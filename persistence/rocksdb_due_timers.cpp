// The timers in the order in which they are due: column family `due` says which, `timers` what.

#include "persistence/rocksdb_due_timers.hpp"

#include <rocksdb/snapshot.h>

#include <string>
#include <utility>

#include "base/log.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"

namespace perdure::persistence {
namespace {

// The timer that an entry of `due` points to; both are read as of one moment, so that an entry
// without its timer is damage and not a timer that was just cancelled.
result<stored_timer> read_timer(const rocksdb_database& from, const rocksdb::ReadOptions& options,
                                std::string_view key, std::string_view value) {
  auto version = decode_number(record_kind::due, key, value);
  if (!version) return version.error();
  auto in_timers = timer_of_due_key(key);
  rocksdb::PinnableSlice record;
  auto s = from.db().Get(options, from.timers(), rocksdb::Slice(in_timers.data(), in_timers.size()),
                         &record);
  if (s.IsNotFound()) return status(status_code::data_loss, "there is no such timer");
  if (!s.ok()) return read_failure(s, "column family timers");
  auto timer = decode_timer(in_timers, view(record));
  if (!timer) return timer.error();
  if (timer->version != *version || timer->timer.due != time_of_due_key(key)) {
    return status(status_code::data_loss, "the timer is another one");
  }
  return timer;
}

std::string place_of(std::string_view due_key) {
  auto timer = place_of_timer_key(timer_of_due_key(due_key));
  if (!timer) return "a timer (column family due)";
  return to_string(timer->owner) + ", timer \"" + timer->name + "\" (column families due, timers)";
}

}  // namespace

// Calls `visit_one(key, value)` for each entry that is not known to be damaged, the one due first
// in front, until it gives false.
template <class Visit>
status due_timers::visit(const rocksdb_database& from, const rocksdb::ReadOptions& options,
                         const queue_front::look& begun, Visit visit_one) {
  std::unique_ptr<rocksdb::Iterator> it(from.db().NewIterator(options, from.due()));
  std::string start;
  append_u64(start, begun.from);
  it->Seek(start);
  // The first that is there, also if it is passed over.
  if (it->Valid()) {
    front_.found(begun, read_unsigned(view(it->key()).substr(0, start.size())));
  } else if (it->status().ok()) {
    front_.found(begun, UINT64_MAX);
  }
  for (; it->Valid(); it->Next()) {
    if (is_damaged(view(it->key()))) continue;
    if (!visit_one(view(it->key()), view(it->value()))) return {};
  }
  return it->status().ok() ? status() : read_failure(it->status(), "column family due");
}

result<std::vector<stored_timer>> due_timers::read(const rocksdb_database& from, timestamp now,
                                                   std::size_t max) {
  auto begun = front_.begin();
  rocksdb::ManagedSnapshot moment(&from.db());
  rocksdb::ReadOptions options;
  options.snapshot = moment.snapshot();
  std::vector<stored_timer> timers;
  status failure;
  auto visited = visit(from, options, begun, [&](std::string_view key, std::string_view value) {
    if (time_of_due_key(key) > now || timers.size() == max) return false;
    auto timer = read_timer(from, options, key, value);
    if (timer) {
      timers.push_back(*std::move(timer));
    } else if (timer.error().code() == status_code::unavailable) {
      failure = timer.error();
    } else {
      pass_over(key, timer.error());
    }
    return failure.ok();
  });
  if (!failure.ok() && timers.empty()) return failure;
  if (!visited.ok() && timers.empty()) return visited;
  return timers;
}

result<std::optional<timestamp>> due_timers::next(const rocksdb_database& from) {
  std::optional<timestamp> next;
  auto visited = visit(from, {}, front_.begin(), [&](std::string_view key, std::string_view) {
    next = time_of_due_key(key);
    return false;
  });
  if (!visited.ok()) return visited;
  return next;
}

bool due_timers::is_damaged(std::string_view key) {
  std::lock_guard lock(mutex_);
  return !damaged_.empty() && damaged_.contains(key);
}

void due_timers::pass_over(std::string_view key, const status& why) {
  std::lock_guard lock(mutex_);
  if (!damaged_.emplace(key).second) return;
  log_error(place_of(key) + ": " + why.message() + "; it does not fire");
}

}  // namespace perdure::persistence
