#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/ids.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"
#include "persistence/topic.hpp"

// The port by which the event relay brings messages to topics elsewhere. Adapter:
// kafka_topic_writer.

namespace perdure::pubsub {

// A message on its way, and its place in our own log, which is written with it: so can be found,
// from what stands in the topic, how far we got.
struct outgoing_message {
  const persistence::stored_message* message;
  std::uint32_t shard;  // partition of our log; offset: message->offset
};

// Where the tails of a topic's partitions were when we last knew that all we had written was there.
using known_tails = std::map<std::uint32_t, topic_offset>;  // by partition of the topic elsewhere

// One thread. All of it blocks.
class topic_writer {
 public:
  virtual ~topic_writer() = default;

  // Makes sure that nobody else writes in our name any more, not even what we sent before and has
  // not arrived yet. Before anything else, and again after write() has failed.
  //   UNAVAILABLE, PERMISSION_DENIED, ...  not now
  virtual status take_over() = 0;

  // Creates the topic if it is not there and may be created.
  //   NOT_FOUND          it is not there, and may not be created
  //   PERMISSION_DENIED, UNAVAILABLE
  virtual status prepare(const std::string& topic, std::uint32_t partitions) = 0;

  // Where the partitions of the topic end now, what is undecided included. Codes as prepare().
  virtual result<known_tails> ends(const std::string& topic) = 0;

  // The places behind the last of ours that stand in the topic, by shard; only of those found
  // behind `tails`. Waits for what is being written there by others to be decided.
  virtual result<std::map<std::uint32_t, topic_offset>> find_written(const std::string& topic,
                                                                     const known_tails& tails) = 0;

  struct written {
    std::map<std::string, known_tails> tails;  // behind what was written
  };

  // Writes all or nothing, in order per key.
  //   any error  nothing is known of it: take_over(), then find_written() tells
  //   with `refused`: that message is the reason, and nothing of the group was written
  //     INVALID_ARGUMENT  it can never be written (too large, say)
  //     others            its topic cannot be written to now (NOT_FOUND, PERMISSION_DENIED)
  struct failure {
    status why;
    std::optional<std::size_t> refused;
  };
  virtual std::variant<written, failure> write(std::span<const outgoing_message> group) = 0;

  // From any thread, when the end is near: what waits in take_over() or write() for somebody who
  // does not answer fails now, and so does what comes after.
  virtual void interrupt() = 0;
};

}  // namespace perdure::pubsub
