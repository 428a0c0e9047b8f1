// Topics in Kafka, read. One client asks what can be asked; each reader has one of its own, since a
// client reads a partition at one place only.

#include "pubsub/kafka_topic_log.hpp"

#include <algorithm>
#include <utility>

#include "pubsub/kafka_client.hpp"
#include "pubsub/kafka_reader.hpp"

namespace perdure::pubsub {

result<std::unique_ptr<kafka_topic_log>> kafka_topic_log::open(const kafka_settings& settings) {
  auto conf = configuration_of(settings, {{"group.id", settings.client_id},
                                          {"isolation.level", "read_committed"},
                                          {"enable.auto.commit", "false"}});
  if (!conf) return conf.error();
  auto asker = kafka_client::open({.type = RD_KAFKA_CONSUMER, .configuration = *std::move(conf)});
  if (!asker) return asker.error();
  std::unique_ptr<kafka_topic_log> log(new kafka_topic_log(settings));
  log->asker_ = *std::move(asker);
  return log;
}

kafka_topic_log::kafka_topic_log(const kafka_settings& settings) : settings_(settings) {}

kafka_topic_log::~kafka_topic_log() {
  for (auto& [name, reader] : readers_) reader->stop();
}

// ------------------------------------------------------------------------------------------ asking

result<std::uint32_t> kafka_topic_log::partitions(const std::string& topic) {
  return asker_->partitions(kafka_topic(settings_, topic), settings_.request_timeout);
}

status kafka_topic_log::check(const std::string& kafka_name, std::uint32_t partition) {
  auto count = asker_->partitions(kafka_name, settings_.request_timeout);
  if (!count) return count.error();
  if (partition < *count) return {};
  return {status_code::not_found, "Kafka, topic \"" + kafka_name + "\" has " +
                                      std::to_string(*count) + " partitions, and no partition " +
                                      std::to_string(partition)};
}

result<partition_bounds> kafka_topic_log::bounds(const std::string& topic,
                                                 std::uint32_t partition) {
  auto name = kafka_topic(settings_, topic);
  if (auto known = check(name, partition); !known.ok()) return known;
  auto found = asker_->bounds(name, partition, settings_.request_timeout);
  if (!found) return found.error();
  return partition_bounds{topic_offset{static_cast<std::uint64_t>(found->first)},
                          topic_offset{static_cast<std::uint64_t>(found->end)}};
}

result<topic_offset> kafka_topic_log::offset_at(const std::string& topic, std::uint32_t partition,
                                                timestamp time) {
  auto name = kafka_topic(settings_, topic);
  if (auto known = check(name, partition); !known.ok()) return known;
  auto list = make_partitions();
  auto* asked = rd_kafka_topic_partition_list_add(list.get(), name.c_str(),
                                                  static_cast<std::int32_t>(partition));
  auto until = std::chrono::steady_clock::now() + settings_.request_timeout;
  auto error = RD_KAFKA_RESP_ERR_NO_ERROR;
  do {
    asked->offset = std::max<std::int64_t>(time.time_since_epoch().count(), 0);
    error = rd_kafka_offsets_for_times(asker_->get(), list.get(),
                                       static_cast<int>(settings_.request_timeout.count()));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = asked->err;
  } while (is_news_to_some(error) && std::chrono::steady_clock::now() < until);
  auto done = asker_->status_of(error, "the offset for a time in topic \"" + name + "\"");
  if (!done.ok()) return done;
  if (asked->offset >= 0) return topic_offset{static_cast<std::uint64_t>(asked->offset)};
  auto there = bounds(topic, partition);
  if (!there) return there.error();
  return there->end;
}

// ----------------------------------------------------------------------------------------- reading

void kafka_topic_log::read(const std::string& reader, const std::string& topic,
                           std::uint32_t partition, topic_offset from, std::size_t bytes_max,
                           on_page tell) {
  std::shared_ptr<kafka_reader> by;
  {
    std::lock_guard lock(mutex_);
    auto& known = readers_[reader];
    if (!known) {
      auto opened = kafka_reader::open(
          settings_, settings_.group_prefix.empty() ? "" : settings_.group_prefix + reader);
      if (!opened) {
        readers_.erase(reader);
        return tell(opened.error());
      }
      known = *std::move(opened);
    }
    by = known;
  }
  by->read(kafka_topic(settings_, topic), partition, from, bytes_max, std::move(tell));
}

void kafka_topic_log::stop(const std::string& reader) {
  std::shared_ptr<kafka_reader> ending;
  std::vector<std::shared_ptr<kafka_reader>> ended;
  {
    std::lock_guard lock(mutex_);
    auto found = readers_.find(reader);
    if (found == readers_.end()) return;
    ending = std::move(found->second);
    readers_.erase(found);
    auto still = std::ranges::partition(stopped_, [](const auto& r) { return !r->has_ended(); });
    ended.assign(still.begin(), still.end());
    stopped_.erase(still.begin(), still.end());
    stopped_.push_back(ending);
  }
  ending->stop();
}

void kafka_topic_log::consumed(const std::string& reader, const std::string& topic,
                               std::uint32_t partition, topic_offset next) {
  std::lock_guard lock(mutex_);
  auto found = readers_.find(reader);
  if (found != readers_.end()) {
    found->second->consumed(kafka_topic(settings_, topic), partition, next);
  }
}

kafka_figures kafka_topic_log::figures() const {
  auto sum = asker_->figures();
  std::lock_guard lock(mutex_);
  for (const auto& [name, reader] : readers_) sum += reader->figures();
  return sum;
}

}  // namespace perdure::pubsub
