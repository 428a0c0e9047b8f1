// Reads the end of a topic with a consumer of its own, which is rare: after a start, and after a
// write that failed.

#include "pubsub/kafka_tail.hpp"

#include <algorithm>
#include <map>
#include <thread>
#include <utility>

namespace perdure::pubsub {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

// Another writer's transaction may be undecided for as long as its timeout, a minute by default;
// whoever asks comes again.
constexpr auto silence_max = 10s;

struct bounds {
  std::int64_t first = 0;
  std::int64_t end = 0;
};

result<std::unique_ptr<kafka_client>> consumer(const kafka_settings& settings, const char* level) {
  auto conf = configuration_of(settings, {{"group.id", settings.client_id},
                                          {"isolation.level", level},
                                          {"enable.auto.commit", "false"},
                                          {"enable.partition.eof", "true"},
                                          {"auto.offset.reset", "earliest"},
                                          {"fetch.wait.max.ms", "20"}});
  if (!conf) return conf.error();
  return kafka_client::open(
      {.type = RD_KAFKA_CONSUMER, .configuration = *std::move(conf), .serves_itself = false});
}

// Of a topic that not all brokers have heard of.
bool is_new(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
         error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

int millis(std::chrono::milliseconds d) { return static_cast<int>(d.count()); }

// Of all partitions.
result<std::vector<bounds>> ask_bounds(const kafka_client& client, const kafka_settings& settings,
                                       const std::string& name) {
  auto count = client.partitions(name, settings.request_timeout);
  if (!count) return count.error();
  std::vector<bounds> all(*count);
  auto until = steady_clock::now() + settings.request_timeout;
  for (std::uint32_t p = 0; p < *count;) {
    auto error = rd_kafka_query_watermark_offsets(client.get(), name.c_str(),
                                                  static_cast<std::int32_t>(p), &all[p].first,
                                                  &all[p].end, millis(settings.request_timeout));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++p;
    } else if (is_new(error) && steady_clock::now() < until) {
      std::this_thread::sleep_for(20ms);
    } else {
      return client.status_of(error, "the bounds of topic \"" + name + "\"");
    }
  }
  return all;
}

// What is still to be read.
class tail_reading {
 public:
  tail_reading(std::unique_ptr<kafka_client> client, std::string name)
      : client_(std::move(client)), name_(std::move(name)) {}

  void add(std::uint32_t partition, std::int64_t from, std::int64_t end) {
    if (from < end) left_[static_cast<std::int32_t>(partition)] = {from, end};
  }

  status run(const std::function<void(const rd_kafka_message_t&)>& look) {
    if (left_.empty()) return {};
    if (auto begun = begin(); !begun.ok()) return begun;
    auto heard = steady_clock::now();
    while (!left_.empty()) {
      std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(
          rd_kafka_consumer_poll(client_->get(), 100), rd_kafka_message_destroy);
      if (steady_clock::now() - heard > silence_max) {
        return {status_code::unavailable,
                "Kafka, the end of topic \"" + name_ +
                    "\": what has been written there cannot be read yet; a transaction of another "
                    "writer is open, or the broker does not answer"};
      }
      if (message == nullptr) continue;
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        look(*message);
        if (reached(message->partition, message->offset + 1)) heard = steady_clock::now();
      } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        if (reached(message->partition, message->offset)) heard = steady_clock::now();
      } else if (code_of(message->err) != status_code::unavailable) {
        return client_->status_of(message->err, "the end of topic \"" + name_ + "\"");
      }
    }
    return {};
  }

 private:
  status begin() {
    // The first reading of a topic that the client has heard of is quick.
    if (auto known = client_->partitions(name_, silence_max); !known) return known.error();
    auto from = make_partitions();
    for (const auto& [partition, place] : left_) {
      rd_kafka_topic_partition_list_add(from.get(), name_.c_str(), partition)->offset = place.first;
    }
    return client_->status_of(rd_kafka_assign(client_->get(), from.get()),
                              "reading topic \"" + name_ + "\"");
  }

  // Whether that was any progress.
  bool reached(std::int32_t partition, std::int64_t next) {
    auto found = left_.find(partition);
    if (found == left_.end()) return false;
    bool is_progress = next > found->second.first;
    found->second.first = std::max(found->second.first, next);
    if (next >= found->second.end) left_.erase(found);
    return is_progress;
  }

  std::unique_ptr<kafka_client> client_;
  std::string name_;
  std::map<std::int32_t, bounds> left_;
};

}  // namespace

result<known_tails> ends_of(const kafka_settings& settings, const std::string& kafka_name) {
  auto asker = consumer(settings, "read_uncommitted");
  if (!asker) return asker.error();
  auto found = ask_bounds(**asker, settings, kafka_name);
  if (!found) return found.error();
  known_tails ends;
  for (std::uint32_t p = 0; p < found->size(); ++p) {
    ends[p] = topic_offset{static_cast<std::uint64_t>((*found)[p].end)};
  }
  return ends;
}

status read_tail(const kafka_settings& settings, const std::string& kafka_name,
                 const known_tails& tails,
                 const std::function<void(const rd_kafka_message_t&)>& look) {
  auto asker = consumer(settings, "read_uncommitted");
  if (!asker) return asker.error();
  auto found = ask_bounds(**asker, settings, kafka_name);
  if (!found) return found.error();
  auto reader = consumer(settings, "read_committed");
  if (!reader) return reader.error();
  tail_reading reading(*std::move(reader), kafka_name);
  for (std::uint32_t p = 0; p < found->size(); ++p) {
    auto [first, end] = (*found)[p];
    auto tail = tails.find(p);
    if (tail != tails.end()) {
      auto known = static_cast<std::int64_t>(value(tail->second));
      if (known <= end) first = std::max(first, known);
    }
    reading.add(p, first, end);
  }
  return reading.run(look);
}

}  // namespace perdure::pubsub
