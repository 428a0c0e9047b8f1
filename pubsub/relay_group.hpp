#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "persistence/topic_store.hpp"
#include "pubsub/topic_writer.hpp"

// What the event relay takes to topics elsewhere at once. For event_relay.cpp.

namespace perdure::pubsub {

// By topic: for each shard the next offset.
using relay_places = std::map<std::string, std::vector<topic_offset>>;

using relay_line = std::pair<std::string, std::uint32_t>;  // topic, shard

// What is not to be passed.
using relay_stops = std::map<relay_line, topic_offset>;

struct relay_group {
  std::vector<outgoing_message> messages;  // in order per shard
  relay_places from;                       // of the topics they are of
  relay_places to;                         // behind them
  std::size_t bytes = 0;

  // Where reading failed; what stands before is in `messages`.
  struct unreadable {
    relay_line line;
    topic_offset at;
    status why;
  };
  std::vector<unreadable> stalled;

  // Where `messages` stand.
  std::vector<std::vector<persistence::stored_message>> pages;
};

struct relay_bounds {
  std::size_t bytes_max = 0;
  std::size_t messages_max = 0;
};

// How far a shard's messages are there for us.
topic_offset readable_end(const persistence::topic_store& store, const relay_stops& stops,
                          const relay_line& line);

// The messages behind `places`, from all shards by turns, up to the bounds but at least one if
// there is one that can be read. Those at `stops` and behind them are left out, as are those behind
// one that cannot be read. `first` is where the turns begin: it is another one each time, so that
// nobody waits behind one that is always full.
relay_group next_group(persistence::topic_store& store, const relay_places& places,
                       relay_stops stops, relay_bounds bounds, std::size_t first);

}  // namespace perdure::pubsub
