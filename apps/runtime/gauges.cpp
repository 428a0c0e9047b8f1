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

void add_views(const view_homes& views, std::vector<gauge>& to) {
  struct figure {
    const char* name;
    const char* description;
    bool is_total;
    std::size_t (*read)(const views::view_status&);
  };
  static constexpr figure figures[] = {
      {"perdure_view_lag", "Messages that a view has still to take in.", false,
       [](const auto& now) -> std::size_t { return now.serving.lag; }},
      {"perdure_view_handled_total", "Messages that it has taken in.", true,
       [](const auto& now) -> std::size_t { return now.serving.handled; }},
      {"perdure_view_held", "Messages that it holds back, by subject.", false,
       [](const auto& now) -> std::size_t { return now.serving.held; }},
      {"perdure_view_parked_subjects", "Subjects that wait for somebody to retry or skip.", false,
       [](const auto& now) -> std::size_t { return now.serving.parked; }},
      {"perdure_view_building", "1 while its rows are being made anew.", false,
       [](const auto& now) -> std::size_t { return now.next ? 1 : 0; }},
      {"perdure_view_stuck", "1 while something keeps it from going on.", false,
       [](const auto& now) -> std::size_t { return now.serving.problem.empty() ? 0 : 1; }}};
  for (const auto& f : figures) {
    for (const auto& one : views.all()) {
      to.push_back({f.name, f.description,
                    [home = one->home.get(), read = f.read] { return read(home->status_now()); },
                    "view=" + quoted(one->name()), f.is_total});
    }
  }
}

void add_queries(const view_homes& views, std::vector<gauge>& to) {
  using figures = views::queries::figures;
  auto add = [&](const char* name, const char* description, bool is_total,
                 std::size_t (*read)(const figures&)) {
    for (const auto& one : views.all()) {
      to.push_back({name, description,
                    [view = one.get(), read]() -> std::size_t {
                      return view->queries ? read(view->queries->figures_now()) : 0;
                    },
                    "view=" + quoted(one->name()), is_total});
    }
  };
  add("perdure_queries_answered_total", "Queries that were answered.", true,
      [](const figures& now) -> std::size_t { return now.answered; });
  add("perdure_queries_failed_total", "Queries that ended with an error.", true,
      [](const figures& now) -> std::size_t { return now.failed; });
  add("perdure_queries_cut_total", "Of those, queries that took too long.", true,
      [](const figures& now) -> std::size_t { return now.cut; });
  add("perdure_queries_running", "Queries that run.", false,
      [](const figures& now) -> std::size_t { return now.running; });
  add("perdure_queries_live", "Streams of what changes in a query's results.", false,
      [](const figures& now) -> std::size_t { return now.live; });
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

std::vector<gauge> gauges_of(const actors::entity_router& router, const topic_home& topics,
                             const view_homes& views) {
  std::vector<gauge> all{{"perdure_resident_entities", "Entities held in memory.",
                          [&router] { return router.resident_entities(); }},
                         {"perdure_in_flight_bytes", "Commands accepted and not yet answered.",
                          [&router] { return router.in_flight_bytes(); }}};
  add_subscriptions(router, all);
  add_views(views, all);
  add_queries(views, all);
  if (topics.kafka()) add_kafka(topics, all);
  return all;
}

}  // namespace perdure::runtime
