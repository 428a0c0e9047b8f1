#pragma once

#include <chrono>
#include <memory>
#include <string_view>

#include "persistence/outbox_store.hpp"
#include "persistence/topic_store.hpp"

// Faults that a store could have. The crash test must find each of them; else what it says of the
// real store is worth nothing.

namespace perdure::test {

enum class fault {
  none,
  reply_before_sync,   // the sync of the write-ahead log does nothing
  reply_before_write,  // a commit is acknowledged first and made afterwards
  names_unsynced,      // the sync of a folder does nothing
  skip_dedupe,         // no idempotency key is ever found
  another_reply,       // a retry is answered, but not what was recorded
  two_batches,         // the recorded reply is written apart from its events
  event_by_event,      // so is each event of a step
  lost_tail,           // recovery leaves out the last event after a snapshot
  sweep_too_much,      // the retention sweep drops records that are still to be kept
  mail_apart,          // what a step sends is written apart from it
  handled_apart,       // so is which mail it has handled
  fired_apart,         // and that a timer has fired, apart from its command
  mail_swapped,        // mail that is read is given out in another order
  no_outcome,          // the outcome of a command that came by mail is not recorded
  relay_unchecked,     // nobody notes how far an outbox has been relayed
  handled_forgotten,   // on Redis nobody notes which mail was handled
  published_apart,     // what a step publishes is written apart from it
  cursor_first,  // a subscription's cursor moves before what its handlers have sent is written
  cursor_last,   // and after it
  cursor_stale,  // after a failure it begins where it began before, and no cursor is checked
  awaited_unrecorded,  // what a handler has awaited is not recorded, so it is done again
  end_forgotten,       // a topic that was trimmed ends, after a start, at as many as are left
};

// By its name as above; empty is none.
fault fault_named(std::string_view name);

// The store with that fault, if it is one of a store: the others are planted where the file system
// and the clock are made.
std::unique_ptr<persistence::topic_store> with_fault(
    std::unique_ptr<persistence::topic_store> inner, fault f);
std::unique_ptr<persistence::outbox_store> with_fault(
    std::unique_ptr<persistence::outbox_store> inner, fault f);

}  // namespace perdure::test
