#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

// Where and how the process under the crash test dies.
//
// The driver names a point, which passing of it is the last, and the way:
//
//   after_commit:17:kill   SIGKILL; what was written stays, as the system still has it
//   after_commit:17:power  the power goes: what was not synced is lost
//   log_unsynced:17:fail   it lives on, but the disk fails this once; only where a group is written
//
// The process says on its standard output what it is about to do: "died <point> <way>", or
// "failed <point>".

namespace perdure::test {

enum class point {
  before_commit,      // a group has come to the store
  after_commit,       // it is durable, and no reply has left
  load,               // an entity recovers: its history was read, and not yet applied
  log_half,           // half of a group is in the write-ahead log
  log_unsynced,       // all of it, not synced
  snapshot_half,      // as log_half, of a group that holds a snapshot
  snapshot_unsynced,  // as log_unsynced, of a group that holds a snapshot
  flush_half,         // half of a table file of what is in memory is written
  flush_install,      // half of the note that it is there
  sweep,              // the retention sweep looks at a record
  sweep_half,         // half of what it leaves is written
  sweep_install,      // half of the note that it replaces what was there
  open,               // the store is being opened: anything that it changes then
  mail_durable,       // mail stands in mailboxes, and was not delivered
  mail_handled,       // a step is durable that has handled mail, and nobody was told
  timer_due,          // timers are about to fire
  timer_fired,        // their commands stand in mailboxes, and were not delivered
  page_read,          // a subscription has a page of its source, and has not handled it
  cursor_moves,       // what its handlers have decided has come to the store
  cursor_moved,       // it is durable, and nobody was told
  topic_trimmed,      // messages were dropped, not synced
  // Only where Redis keeps the key-value entities.
  redis_before,  // a group has come to that store
  redis_after,   // it is durable there, and nobody was told
  relay_begin,   // what stands in the outbox is about to be taken into the mailboxes
  relay_end,     // it is there, and still in the outbox
  take_out,      // mail that was handled there is about to leave its mailbox
  outbox_trim,   // what was taken in is about to leave the outbox
};

enum class way { kill, power, fail };

// Any thread; lives as long as the process.
class death {
 public:
  // `text` as above; empty: the process lives until somebody else ends it.
  explicit death(std::string_view text);

  // Leaves to the next process what must be known of this one. No file may change after that.
  void on_death(std::function<void()> last_words) { last_words_ = std::move(last_words); }

  // While the store opens, only point::open counts.
  void set_opening(bool opening) { opening_ = opening; }
  bool is_opening() const { return opening_; }

  // The process passes this point: ends it when it is its time.
  void passes(point p) {
    if (is_due(p)) now();
  }

  // The same for a caller who has something to do first, and then calls now().
  bool is_due(point p);
  // Returns only where the way is `fail`: then what the caller does next must fail.
  void now();

  // Of a plug that is pulled from outside.
  [[noreturn]] void of_power_loss();

 private:
  struct appointment {
    point where;
    std::uint64_t passing;
    way how;
  };
  [[noreturn]] void die(std::string_view where, way how);

  std::optional<appointment> appointment_;
  std::atomic<std::uint64_t> passed_{0};
  std::atomic<bool> opening_{false};
  std::function<void()> last_words_;
};

}  // namespace perdure::test
