// Topics as the store has them. Who reads waits in waiting_reads.

#include "pubsub/embedded_topic_log.hpp"

#include <utility>

#include "pubsub/cloud_event.hpp"
#include "pubsub/log_errors.hpp"

namespace perdure::pubsub {
namespace {

result<std::optional<topic_page>> page_of(persistence::topic_store& store, const std::string& topic,
                                          std::uint32_t partition, topic_offset from,
                                          std::size_t bytes_max) {
  auto there = store.bounds(topic, partition);
  if (from < there.first || from > there.end) {
    return out_of_range(topic, partition, from, there.first, there.end);
  }
  auto messages = store.read_topic(topic, partition, from, bytes_max);
  if (!messages) return messages.error();
  if (messages->empty()) return std::optional<topic_page>{};
  topic_page page;
  page.next = messages->back().offset + 1;
  page.records.reserve(messages->size());
  for (auto& m : *messages) page.records.push_back(record_of(std::move(m)));
  return std::optional(std::move(page));
}

}  // namespace

embedded_topic_log::embedded_topic_log(persistence::topic_store& store, growth& grown,
                                       run_elsewhere elsewhere)
    : store_(store), reads_(grown, std::move(elsewhere)) {}

result<std::uint32_t> embedded_topic_log::partitions(const std::string& /*topic*/) {
  return store_.shard_count();
}

result<partition_bounds> embedded_topic_log::bounds(const std::string& topic,
                                                    std::uint32_t partition) {
  if (partition >= store_.shard_count()) return no_such_partition(topic, partition);
  auto there = store_.bounds(topic, partition);
  return partition_bounds{there.first, there.end};
}

result<topic_offset> embedded_topic_log::offset_at(const std::string& topic,
                                                   std::uint32_t partition, timestamp time) {
  if (partition >= store_.shard_count()) return no_such_partition(topic, partition);
  return store_.offset_at(topic, partition, time);
}

void embedded_topic_log::read(const std::string& reader, const std::string& topic,
                              std::uint32_t partition, topic_offset from, std::size_t bytes_max,
                              on_page tell) {
  if (partition >= store_.shard_count()) return tell(no_such_partition(topic, partition));
  reads_.start({.reader = reader,
                .is_ready = [&store = store_, topic, partition,
                             from] { return store.bounds(topic, partition).end != from; },
                .read = [&store = store_, topic, partition, from,
                         bytes_max] { return page_of(store, topic, partition, from, bytes_max); },
                .tell = std::move(tell)});
}

void embedded_topic_log::stop(const std::string& reader) { reads_.stop(reader); }

}  // namespace perdure::pubsub
