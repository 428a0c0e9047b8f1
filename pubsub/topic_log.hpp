#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "perdure/metadata.hpp"
#include "perdure/status.hpp"
#include "pubsub/event_attributes.hpp"

// The port of what can be read from an offset on: topics, embedded or in Kafka, and the logs of
// entities.
//
// Adapters: embedded_topic_log (the topics of a topic_store), entity_log (the events of a type of
// entity in a store), kafka_topic_log. Each passes test/pubsub/topic_log_contract, as far as it can
// be told to hold what the suite wants.

namespace perdure::pubsub {

// One record, as it was read. Headers are those of Kafka: CloudEvents' attributes as "ce-id" and so
// on, "content-type", and whatever else the writer has added (cloud_event.hpp).
struct topic_record {
  topic_offset offset{};
  timestamp time{};
  std::optional<std::string> key;
  std::optional<std::string> payload;  // nullopt: a tombstone
  perdure::metadata headers;           // names in lower case
  // Of a record of ours in place of headers, which nobody has to write and read again; without the
  // payload.
  std::optional<cloud_event> attributes;
};

// What was read at once, in order.
struct topic_page {
  std::vector<topic_record> records;  // may be empty: there was nothing for us up to `next`
  topic_offset next{};                // where to read on; past offsets that hold no record
};

struct partition_bounds {
  topic_offset first{};
  topic_offset end{};
};

class topic_log {
 public:
  virtual ~topic_log() = default;

  // How many partitions a topic has now; it may grow. Blocks for as long as it takes to ask; not on
  // an actor's thread.
  //   NOT_FOUND          there is no such topic (of embedded topics every name is there)
  //   PERMISSION_DENIED  we may not read it
  //   UNAVAILABLE        nobody can be asked now
  virtual result<std::uint32_t> partitions(const std::string& topic) = 0;

  // Blocks, as do the others but read().
  virtual result<partition_bounds> bounds(const std::string& topic, std::uint32_t partition) = 0;

  // The first offset of `time` or later; the end when there is none.
  virtual result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                         timestamp time) = 0;

  // Tells once, from any thread, also before this returns.
  using on_page = std::function<void(result<topic_page>)>;

  // Tells a page of what stands at `from` or behind it, about `bytes_max` of it at most but at
  // least one record; waits until there is something. At most one reading of a partition is under
  // way for each `reader`, and one that asks for where the page before has ended is quick.
  //   OUT_OF_RANGE  `from` is before what is still there, or behind the end; bounds() tells
  //   DATA_LOSS     the record at `from` is damaged
  //   others        as partitions()
  virtual void read(const std::string& reader, const std::string& topic, std::uint32_t partition,
                    topic_offset from, std::size_t bytes_max, on_page tell) = 0;

  // Ends what is under way of this reader: it is told CANCELLED, or what has just come. What the
  // reader has consumed may be shown to tools that look for lag (Kafka's consumer groups).
  virtual void stop(const std::string& reader) = 0;
  virtual void consumed(const std::string& /*reader*/, const std::string& /*topic*/,
                        std::uint32_t /*partition*/, topic_offset /*next*/) {}
};

}  // namespace perdure::pubsub
