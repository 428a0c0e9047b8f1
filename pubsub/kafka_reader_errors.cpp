// A reader's errors: what Kafka says of a partition or a topic, and what librdkafka keeps to
// itself, is told to those who wait there.

#include <set>
#include <utility>

#include "pubsub/kafka_reader.hpp"

namespace perdure::pubsub {
namespace {

std::string called(const std::pair<std::string, std::uint32_t>& place, topic_offset offset) {
  return "topic \"" + place.first + "\", partition " + std::to_string(place.second) + ", offset " +
         std::to_string(value(offset));
}

}  // namespace

// Of a partition, or of a topic as a whole. What librdkafka tries again by itself is none.
void kafka_reader::fail(const rd_kafka_message_t& message, std::vector<telling>& told,
                        std::vector<place>& detached) {
  if (message.rkt == nullptr || code_of(message.err) == status_code::unavailable) return;
  std::string topic = rd_kafka_topic_name(message.rkt);
  known_.erase(topic);
  for (auto& [at, b] : buffers_) {
    bool is_meant =
        at.first == topic &&
        (message.partition < 0 || at.second == static_cast<std::uint32_t>(message.partition));
    if (!is_meant || b.wants_attaching || !let_go(b)) continue;
    detached.push_back(at);
    if (!b.waiting) continue;
    told.emplace_back(
        std::move(b.waiting->tell),
        client_->status_of(message.err, called(at, b.end), rd_kafka_message_errstr(&message)));
    b.waiting.reset();
  }
}

// librdkafka says that something is missing, but what, for people only.
void kafka_reader::look_for_missing_topics() {
  may_be_missing_ = false;
  std::set<std::string> topics;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [at, b] : buffers_) {
      if (b.is_attached) topics.insert(at.first);
    }
  }
  known_.clear();
  for (const auto& topic : topics) {
    if (stopping_) return;
    auto there = partitions(topic);
    if (!there && there.error().code() != status_code::unavailable) {
      fail_topic(topic, there.error());
    }
  }
}

// An answer that is larger than the settings allow, say. librdkafka asks for it for ever, and does
// not say whose it is: of a partition that has more than has come.
void kafka_reader::look_for_answers_not_taken() {
  auto why = std::exchange(not_taken_, "");
  std::vector<place> read;
  {
    std::lock_guard lock(mutex_);
    for (auto& [at, b] : buffers_) {
      if (let_go(b)) read.push_back(at);
    }
  }
  // Else the connection ends again before it has answered us.
  detach(read);
  for (const auto& at : read) {
    if (stopping_) return;
    auto there = client_->bounds(at.first, at.second, settings_.request_timeout);
    topic_offset from;
    {
      std::lock_guard lock(mutex_);
      auto& b = buffers_[at];
      from = b.end;
      b.wants_attaching = true;
    }
    if (!there || there->end <= static_cast<std::int64_t>(value(from))) continue;
    fail(at, {status_code::unavailable,
              "Kafka, " + called(at, from) + ": what it answers cannot be taken: " + why});
  }
}

void kafka_reader::fail_topic(const std::string& kafka_name, const status& why) {
  std::vector<place> read;
  {
    std::lock_guard lock(mutex_);
    for (auto& [at, b] : buffers_) {
      if (at.first == kafka_name && let_go(b)) read.push_back(at);
    }
  }
  detach(read);
  for (const auto& at : read) fail(at, why);
}

// Nothing comes from there.
void kafka_reader::fail(const place& at, const status& why) {
  known_.erase(at.first);
  std::optional<reading> waiting;
  {
    std::lock_guard lock(mutex_);
    auto& b = buffers_[at];
    b.wants_attaching = false;
    waiting.swap(b.waiting);
  }
  if (waiting) waiting->tell(why);
}

}  // namespace perdure::pubsub
