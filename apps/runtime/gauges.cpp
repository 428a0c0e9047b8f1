// The figures of a running process; docs/reference/admin.md lists them.

#include "apps/runtime/gauges.hpp"

#include <string>

#include "pubsub/subscription.hpp"

namespace perdure::runtime {
namespace {

// As a label's value must be written.
std::string quoted(const std::string& text) {
  std::string made = "\"";
  for (char c : text) {
    if (c == '\\' || c == '"') made += '\\';
    if (c == '\n') {
      made += "\\n";
    } else {
      made += c;
    }
  }
  return made + "\"";
}

using figure_of_subscription = std::size_t (*)(const pubsub::subscription_status&);

void add_subscriptions(const actors::entity_router& router, std::vector<gauge>& to) {
  struct figure {
    const char* name;
    const char* description;
    bool is_total;
    figure_of_subscription read;
  };
  static constexpr figure figures[] = {
      {"perdure_subscription_lag", "Messages that a subscription has still to take in.", false,
       [](const auto& now) -> std::size_t { return now.lag; }},
      {"perdure_subscription_handled_total", "Messages that it has taken in.", true,
       [](const auto& now) -> std::size_t { return now.handled; }},
      {"perdure_subscription_held", "Messages that it holds back, by key.", false,
       [](const auto& now) -> std::size_t { return now.held; }},
      {"perdure_subscription_parked_keys", "Keys that wait for somebody to retry or skip.", false,
       [](const auto& now) -> std::size_t { return now.parked; }},
      {"perdure_subscription_stuck", "1 while something keeps it from going on.", false,
       [](const auto& now) -> std::size_t { return now.problem.empty() ? 0 : 1; }}};
  auto all = router.subscriptions();
  for (const auto& f : figures) {
    for (const auto& one : all) {
      to.push_back({f.name, f.description, [one, read = f.read] { return read(one->status_now()); },
                    "subscription=" + quoted(one->status_now().name), f.is_total});
    }
  }
}

void add_kafka(const topic_home& topics, std::vector<gauge>& to) {
  auto add = [&](const char* name, const char* description, bool is_total,
                 std::uint64_t pubsub::kafka_figures::*which) {
    to.push_back({name, description,
                  [&topics, which]() -> std::size_t { return (*topics.kafka()).*which; }, "",
                  is_total});
  };
  using pubsub::kafka_figures;
  to.push_back({"perdure_relay_backlog", "Messages that wait for Kafka.",
                [&topics] { return topics.relay().backlog; }});
  to.push_back({"perdure_relay_relayed_total", "Messages that were written to Kafka.",
                [&topics] { return topics.relay().relayed; }, "", true});
  add("perdure_kafka_sent_messages_total", "Messages that Kafka has taken.", true,
      &kafka_figures::sent_messages);
  add("perdure_kafka_sent_bytes_total", "Bytes of those.", true, &kafka_figures::sent_bytes);
  add("perdure_kafka_received_messages_total", "Messages that came from Kafka.", true,
      &kafka_figures::received_messages);
  add("perdure_kafka_received_bytes_total", "Bytes of those.", true,
      &kafka_figures::received_bytes);
  add("perdure_kafka_request_errors_total", "Requests that failed or were not answered.", true,
      &kafka_figures::request_errors);
  add("perdure_kafka_round_trip_micros", "Round trip to the slowest broker, 99th percentile.",
      false, &kafka_figures::round_trip_micros);
}

}  // namespace

std::vector<gauge> gauges_of(const actors::entity_router& router, const topic_home& topics) {
  std::vector<gauge> all{{"perdure_resident_entities", "Entities held in memory.",
                          [&router] { return router.resident_entities(); }},
                         {"perdure_in_flight_bytes", "Commands accepted and not yet answered.",
                          [&router] { return router.in_flight_bytes(); }}};
  add_subscriptions(router, all);
  if (topics.kafka()) add_kafka(topics, all);
  return all;
}

}  // namespace perdure::runtime
