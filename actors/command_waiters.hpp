#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/command.hpp"
#include "base/clock.hpp"

// Who waits in this process for commands that are handled elsewhere: callers of rpcs that go by the
// mailbox, forwarded ones, and those whose reply waits for what was sent.

namespace perdure::actors {

// Any thread.
class command_waiters {
 public:
  // `reply` gets the outcome of the command; of one that is not known by `deadline`, at some time
  // after it, DEADLINE_EXCEEDED.
  void add(const std::string& command_id, timestamp deadline, reply_to reply);

  // The command has ended, and has left its mailbox. Costs a look at an empty table where nobody
  // waits.
  void settle(const std::string& command_id, const outcome& ended);

  struct waiter {
    timestamp deadline;
    reply_to reply;
  };

  // Those who wait for the command, who do so no longer.
  std::vector<waiter> take(const std::string& command_id);

  // Answers those whose deadline is past.
  void expire(timestamp now);

 private:
  std::mutex mutex_;
  std::unordered_multimap<std::string, waiter> waiting_;
};

// Replies `answer` once all of these commands, one at least, have ended, however they did; of some
// that have not by `deadline`, DEADLINE_EXCEEDED.
void reply_when_ended(command_waiters& waiters, const std::vector<std::string>& command_ids,
                      timestamp deadline, outcome answer, reply_to reply);

// What a reply waits for, of what a step sends.
struct sent_by_step {
  std::vector<std::string> awaited;      // command ids
  std::optional<std::string> forwarded;  // the command id under which the command goes on
};

// What is to be called when the step of `c` is durable, in place of its reply, which is taken: the
// reply waits for what is awaited, or comes from where the command was forwarded to. Who waits is
// entered before anything that the step sends is delivered: that comes after the reply.
reply_to reply_after(command_waiters& waiters, command& c, sent_by_step sent);

}  // namespace perdure::actors
