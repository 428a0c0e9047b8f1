// A few numbers out of the many that librdkafka tells every ten seconds.

#include "pubsub/kafka_figures.hpp"

#include <rapidjson/document.h>

#include <algorithm>

namespace perdure::pubsub {
namespace {

std::uint64_t number(const rapidjson::Value& of, const char* name) {
  auto found = of.FindMember(name);
  return found != of.MemberEnd() && found->value.IsUint64() ? found->value.GetUint64() : 0;
}

}  // namespace

kafka_figures& kafka_figures::operator+=(const kafka_figures& other) {
  sent_messages += other.sent_messages;
  sent_bytes += other.sent_bytes;
  received_messages += other.received_messages;
  received_bytes += other.received_bytes;
  waiting_messages += other.waiting_messages;
  request_errors += other.request_errors;
  round_trip_micros = std::max(round_trip_micros, other.round_trip_micros);
  return *this;
}

kafka_figures figures_of(std::string_view statistics) {
  rapidjson::Document root;
  root.Parse(statistics.data(), statistics.size());
  if (!root.IsObject()) return {};
  kafka_figures found;
  found.sent_messages = number(root, "txmsgs");
  found.sent_bytes = number(root, "txmsg_bytes");
  found.received_messages = number(root, "rxmsgs");
  found.received_bytes = number(root, "rxmsg_bytes");
  found.waiting_messages = number(root, "msg_cnt");
  auto brokers = root.FindMember("brokers");
  if (brokers == root.MemberEnd() || !brokers->value.IsObject()) return found;
  for (const auto& [name, broker] : brokers->value.GetObject()) {
    if (!broker.IsObject()) continue;
    found.request_errors += number(broker, "txerrs") + number(broker, "req_timeouts");
    auto trip = broker.FindMember("rtt");
    if (trip == broker.MemberEnd() || !trip->value.IsObject()) continue;
    found.round_trip_micros = std::max(found.round_trip_micros, number(trip->value, "p99"));
  }
  return found;
}

}  // namespace perdure::pubsub
