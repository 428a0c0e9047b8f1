// The calls of librdkafka that the loads of kafka_load.cpp make beside ours.

#include "bench/plain_kafka.hpp"

#include <chrono>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <utility>

#include "bench/readings.hpp"
#include "pubsub/cloud_event.hpp"

namespace perdure::bench {
namespace {

constexpr int timeout_ms = 20'000;

[[noreturn]] void fail(const std::string& tried, const std::string& why) {
  throw std::runtime_error("Kafka, " + tried + ": " + why);
}

// What the relay adds, of the same size.
constexpr const char* position_header = "perdure-position";

rd_kafka_headers_t* headers_of_reading(const persistence::stored_message& m) {
  auto attributes = pubsub::headers_of(m);
  auto* headers = rd_kafka_headers_new(attributes.size() + 1);
  for (const auto& [name, value] : attributes) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  rd_kafka_header_add(headers, position_header, -1,
                      "00000000-0000-0000-0000-000000000000/15/100000", -1);
  return headers;
}

}  // namespace

kafka_owned<rd_kafka_t> open_client(rd_kafka_type_t type, const client_settings& with) {
  auto* conf = rd_kafka_conf_new();
  char why[512];
  auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK) {
      return;
    }
    rd_kafka_conf_destroy(conf);
    fail("setting " + name, why);
  };
  set("bootstrap.servers", with.kafka);
  for (const auto& [name, value] : with.properties) set(name, value);
  if (with.delivered != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, with.delivered);
  rd_kafka_conf_set_opaque(conf, with.opaque);
  auto* client = rd_kafka_new(type, conf, why, sizeof why);
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    fail("a client", why);
  }
  return kafka_owned<rd_kafka_t>(client);
}

void create_topic(rd_kafka_t* client, const std::string& name, int partitions) {
  char why[512] = "nobody answers";
  auto* topic = rd_kafka_NewTopic_new(name.c_str(), partitions, 1, why, sizeof why);
  auto* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &topic, 1, nullptr, queue);
  auto* event = rd_kafka_queue_poll(queue, timeout_ms);
  std::string failed = event == nullptr ? why : "";
  if (event != nullptr && rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failed = rd_kafka_event_error_string(event);
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(topic);
  if (!failed.empty()) fail("creating topic " + name, failed);
}

// Its partitions are known before it is used, so the first message does not wait.
kafka_owned<rd_kafka_topic_t> open_topic(rd_kafka_t* client, const std::string& name) {
  kafka_owned<rd_kafka_topic_t> topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
  auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{timeout_ms};
  while (topic && std::chrono::steady_clock::now() < end) {
    const rd_kafka_metadata_t* there = nullptr;
    auto error = rd_kafka_metadata(client, 0, topic.get(), &there, timeout_ms);
    bool is_there = error == RD_KAFKA_RESP_ERR_NO_ERROR && there->topics[0].partition_cnt > 0;
    if (there != nullptr) rd_kafka_metadata_destroy(there);
    if (is_there) return topic;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  fail("topic " + name, "it is not there");
}

prepared_readings::prepared_readings(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const persistence::stored_message stored{published_reading(i), topic_offset{i}, timestamp{}};
    messages_.push_back({stored.message.key, *stored.message.payload,
                         kafka_owned<rd_kafka_headers_t>(headers_of_reading(stored))});
  }
}

bool prepared_readings::produce(rd_kafka_t* producer, rd_kafka_topic_t* to,
                                std::uint64_t number) const {
  const auto& m = messages_[number % messages_.size()];
  kafka_owned<rd_kafka_headers_t> headers(rd_kafka_headers_copy(m.headers.get()));
  rd_kafka_vu_t parts[4];
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = to;
  parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[1].u.mem.ptr = const_cast<char*>(m.payload.data());
  parts[1].u.mem.size = m.payload.size();
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem.ptr = const_cast<char*>(m.key.data());
  parts[2].u.mem.size = m.key.size();
  parts[3].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[3].u.headers = headers.get();
  auto* error = rd_kafka_produceva(producer, parts, std::size(parts));
  if (error == nullptr) {
    static_cast<void>(headers.release());  // the message's now
    return true;
  }
  auto code = rd_kafka_error_code(error);
  std::string why = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  fail("a message", why);
}

}  // namespace perdure::bench
