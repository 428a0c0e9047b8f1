#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "perdure/status.hpp"
#include "persistence/topic.hpp"
#include "pubsub/cloud_event.hpp"
#include "pubsub/topic_log.hpp"

// What is held back for one key of a subscription. The messages are in the store; here is what is
// needed to know when to try the first of them.

namespace perdure::pubsub {

struct held_queue {
  std::uint64_t first = 0;   // numbers: of the first
  std::uint64_t next = 0;    // and of the next that will be put there
  std::uint64_t stored = 0;  // those before it are durable
  std::size_t messages = 0;
  std::size_t bytes = 0;

  // Of the first.
  std::uint32_t attempts = 0;
  timestamp retry_at{};  // max(): it is parked

  bool is_tried = false;              // it is being read or handled
  bool is_due = false;                // it is to be tried, and what stood in the way may be gone
  std::size_t changes_in_flight = 0;  // steps that are not durable yet
  std::size_t page_bytes = 1;         // to be read next: one, and more while all goes well
  std::deque<persistence::stored_held_message> loaded;  // the first and some behind it
  std::vector<std::function<void()>> after_try;

  bool is_empty() const { return messages == 0; }
  bool is_parked() const { return !is_empty() && retry_at == timestamp::max(); }
};

// A message is held in the form of message_of(), and back. A record that could not be read as an
// event is held as it is.
cloud_event unread_event(topic_record record);
result<cloud_event> event_of(const persistence::stored_message& held);

// About how many bytes it takes.
std::size_t bytes_of(const persistence::held_message& held);

}  // namespace perdure::pubsub
