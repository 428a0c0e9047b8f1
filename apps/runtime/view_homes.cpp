// From settings and models to the views of a process.

#include "apps/runtime/view_homes.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <utility>

#include "base/check.hpp"
#include "pubsub/entity_log.hpp"
#include "views/view_plan.hpp"

namespace perdure::runtime {
namespace {

using source_kind = pubsub::message_source::kind;

status refused(std::string why) { return {status_code::invalid_argument, std::move(why)}; }

status check_entity(const std::string& view, const pubsub::message_source& from,
                    std::span<const entity_model> entities) {
  auto found = std::ranges::find(entities, from.name, &entity_model::entity_type);
  if (found == entities.end()) {
    return refused(view + " reads " + from.description() +
                   ", but no entity of this process has that type; add the service that has it");
  }
  bool is_key_value = found->kind == entity_kind::key_value;
  if (is_key_value == (from.from == source_kind::value_entity)) return {};
  return refused(view + " reads " + from.description() + ", but " + found->component + " is " +
                 (is_key_value ? "a key-value entity: write value_entity"
                               : "event sourced: write event_sourced_entity"));
}

views::query_limits bounds_of_queries(const limits& all) {
  views::query_limits bounds;
  bounds.rows_max = all.query_rows_max;
  bounds.bytes_max = all.query_bytes_max;
  bounds.message_bytes_max = all.message_bytes_max;
  bounds.stream_deadline = all.query_stream_deadline;
  bounds.running_max = all.queries_running_max;
  bounds.streams_max = all.query_streams_max;
  return bounds;
}

views::projector_limits bounds_of_projector(const limits& all) {
  views::projector_limits bounds;
  bounds.attempts_max = all.attempts_max;
  bounds.backoff_min = all.backoff_min;
  bounds.backoff_max = all.backoff_max;
  bounds.held_bytes_max = all.held_bytes_max;
  bounds.row_bytes_max = all.message_bytes_max;
  return bounds;
}

}  // namespace

// One for each query that may run, so that those that never end keep no thread of anybody else.
class view_homes::query_threads {
 public:
  explicit query_threads(std::size_t count) : pool_(count) {}
  ~query_threads() { pool_.join(); }
  void run(std::function<void()> what) { boost::asio::post(pool_, std::move(what)); }

 private:
  boost::asio::thread_pool pool_;
};

status check_view_sources(std::span<const view_model> views,
                          std::span<const entity_model> entities) {
  for (const auto& model : views) {
    const auto& name = model.service->full_name();
    auto planned = views::plan_view(*model.service);
    if (!planned.problems.empty()) {
      const auto& first = planned.problems.front();
      return refused((first.rpc ? first.rpc->full_name() : name) + first.text);
    }
    for (const auto& source : planned.plan.sources) {
      if (source.from.from == source_kind::topic) continue;
      if (auto s = check_entity(name, source.from, entities); !s.ok()) return s;
    }
  }
  return {};
}

view_homes::view_homes(const settings& with, const surroundings& around)
    : with_(with), around_(around) {}

view_homes::~view_homes() { stop(); }

result<std::unique_ptr<view_homes>> view_homes::open(std::vector<view_model> models,
                                                     std::span<const entity_model> entities,
                                                     const settings& with,
                                                     const surroundings& around) {
  std::unique_ptr<view_homes> opened(new view_homes(with, around));
  if (models.empty()) return opened;
  opened->threads_ = std::make_unique<query_threads>(with.limits.queries_running_max);
  for (auto& model : models) {
    if (auto s = opened->add(std::move(model), entities); !s.ok()) return s;
  }
  return opened;
}

status view_homes::add(view_model model, std::span<const entity_model> entities) {
  auto plan = views::plan_view(*model.service).plan;
  const auto& name = model.service->full_name();
  views::view_home::surroundings around{
      with_.data + "/views/" + name, {}, around_.clock, bounds_of_projector(with_.limits)};
  for (const auto& source : plan.sources) around.logs.push_back(log_of(source.from, entities));
  auto opened = views::view_home::open(std::move(model), std::move(plan), std::move(around));
  if (!opened.ok()) return opened.error();
  auto added = std::make_unique<one>();
  added->home = *std::move(opened);
  added->queries.emplace(*added->home, around_.clock, bounds_of_queries(with_.limits),
                         [this](std::function<void()> what) { threads_->run(std::move(what)); });
  endpoint_.add(*added->queries, added->home->plan());
  all_.push_back(std::move(added));
  return {};
}

views::source_log view_homes::log_of(const pubsub::message_source& from,
                                     std::span<const entity_model> entities) {
  if (from.from == source_kind::topic) {
    return {&around_.topics, from.name, around_.topics_may_repeat};
  }
  auto entity = std::ranges::find(entities, from.name, &entity_model::entity_type);
  PERDURE_CHECK(entity != entities.end());
  bool is_elsewhere = around_.key_values && entity->kind == entity_kind::key_value;
  logs_.push_back(std::make_unique<pubsub::entity_log>(
      is_elsewhere ? *around_.key_values : around_.store, entity->service_name,
      is_elsewhere ? around_.key_values_grown : around_.grown, around_.reads));
  return {logs_.back().get(), from.name, false};
}

void view_homes::start() {
  for (const auto& view : all_) view->home->start();
}

void view_homes::stop() {
  if (std::exchange(is_stopped_, true)) return;
  for (const auto& view : all_) view->queries.reset();
  for (const auto& view : all_) view->home->stop();
}

// A topic in a Kafka has other offsets than what waits here to be written to it.
std::set<std::string> view_homes::followed() const {
  std::set<std::string> paths;
  for (const auto& view : all_) {
    for (const auto& source : view->home->plan().sources) {
      bool is_topic = source.from.from == source_kind::topic;
      if (!is_topic || with_.topics == topic_place::embedded) paths.insert(source.from.path());
    }
  }
  return paths;
}

std::vector<std::string> view_homes::warnings() const {
  std::vector<std::string> all;
  for (const auto& view : all_) {
    auto now = view->home->status_now();
    auto add = [&](const std::string& what, const std::string& problem) {
      if (!problem.empty()) all.push_back("view " + now.service + what + ": " + problem);
    };
    add("", now.serving.problem);
    if (now.next) add(", whose rows are being made anew", now.next->progress.problem);
  }
  return all;
}

}  // namespace perdure::runtime
