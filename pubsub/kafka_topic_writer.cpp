// Topics in Kafka, written by transactions. Whatever goes wrong in one ends its producer: a new one
// under the same transactional id is the way out of every state that librdkafka knows, and ends
// what the old one may still have on its way.

#include "pubsub/kafka_topic_writer.hpp"

#include <algorithm>
#include <charconv>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "pubsub/kafka_producer.hpp"
#include "pubsub/kafka_tail.hpp"

namespace perdure::pubsub {
namespace {

using namespace std::chrono_literals;

// "<store>/7/1234" -> shard 7, behind offset 1234. nullopt: none of this store's.
std::optional<std::pair<std::uint32_t, topic_offset>> behind(std::string_view position,
                                                             std::string_view store_id) {
  if (!position.starts_with(store_id)) return {};
  position.remove_prefix(store_id.size());
  const auto* end = position.data() + position.size();
  std::uint32_t shard = 0;
  std::uint64_t offset = 0;
  if (!position.starts_with('/')) return {};
  auto first = std::from_chars(position.data() + 1, end, shard);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '/') return {};
  auto second = std::from_chars(first.ptr + 1, end, offset);
  if (second.ec != std::errc{} || second.ptr != end) return {};
  return std::pair{shard, topic_offset{offset + 1}};
}

std::string first_id(const kafka_topic_writer::settings& with) {
  return "perdure." + with.store_id;
}

std::optional<std::string_view> header_of(const rd_kafka_message_t& message, const char* name) {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  const void* bytes = nullptr;
  std::size_t size = 0;
  if (rd_kafka_header_get_last(headers, name, &bytes, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {};
  }
  return std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

result<std::unique_ptr<kafka_topic_writer>> kafka_topic_writer::open(settings with) {
  if (auto wrong = kafka_mistake(with.kafka); !wrong.ok()) return wrong;
  return std::unique_ptr<kafka_topic_writer>(new kafka_topic_writer(std::move(with)));
}

kafka_topic_writer::kafka_topic_writer(settings with)
    : with_(std::move(with)),
      producers_{
          std::make_unique<kafka_producer>(with_.kafka, with_.store_id, first_id(with_)),
          std::make_unique<kafka_producer>(with_.kafka, with_.store_id, first_id(with_) + ".2")} {}

kafka_topic_writer::~kafka_topic_writer() = default;

status kafka_topic_writer::take_over() {
  for (const auto& producer : producers_) {
    if (auto done = producer->take_over(); !done.ok()) return done;
  }
  return {};
}

status kafka_topic_writer::prepare(const std::string& topic, std::uint32_t partitions) {
  return producers_[turn_]->prepare(kafka_topic(with_.kafka, topic), partitions);
}

result<known_tails> kafka_topic_writer::ends(const std::string& topic) {
  return ends_of(with_.kafka, kafka_topic(with_.kafka, topic));
}

result<std::map<std::uint32_t, topic_offset>> kafka_topic_writer::find_written(
    const std::string& topic, const known_tails& tails) {
  std::map<std::uint32_t, topic_offset> found;
  auto done = read_tail(with_.kafka, kafka_topic(with_.kafka, topic), tails,
                        [&](const rd_kafka_message_t& message) {
                          auto position = header_of(message, position_header);
                          auto place = position ? behind(*position, with_.store_id) : std::nullopt;
                          if (!place) return;
                          auto& last = found[place->first];
                          last = std::max(last, place->second);
                        });
  if (!done.ok()) return done;
  return found;
}

std::variant<topic_writer::written, topic_writer::failure> kafka_topic_writer::write(
    std::span<const outgoing_message> group) {
  auto outcome = producers_[turn_]->write(group);
  // The one that has failed knows why, and goes on after it has taken over.
  if (std::holds_alternative<written>(outcome)) turn_ = (turn_ + 1) % producers_.size();
  return outcome;
}

void kafka_topic_writer::interrupt() {
  for (const auto& producer : producers_) producer->interrupt();
}

kafka_figures kafka_topic_writer::figures() const {
  kafka_figures sum;
  for (const auto& producer : producers_) sum += producer->figures();
  return sum;
}

}  // namespace perdure::pubsub
