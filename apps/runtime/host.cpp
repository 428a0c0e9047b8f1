// The composition root. Parts are made from the store upwards and taken down in the other
// direction, so nothing ever refers to a part that is gone.

#include "apps/runtime/host.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <optional>

#include "actors/actor_runtime.hpp"
#include "actors/entity_router.hpp"
#include "actors/subscriptions.hpp"
#include "apps/runtime/admin_port.hpp"
#include "apps/runtime/gauges.hpp"
#include "apps/runtime/topic_home.hpp"
#include "apps/runtime/view_homes.hpp"
#include "base/log.hpp"
#include "gateway/command_endpoint.hpp"
#include "gateway/command_lookup.hpp"
#include "gateway/grpc_server.hpp"
#include "gateway/http_endpoint.hpp"
#include "gateway/http_routes.hpp"
#include "gateway/http_server.hpp"
#include "gateway/service_catalog.hpp"
#include "perdure/service.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "pubsub/growth.hpp"
#include "pubsub/subscription.hpp"

namespace perdure::runtime {
namespace {

// Threads that read histories from disk: a few reads in flight keep a disk busy.
constexpr std::size_t read_threads = 4;

// Threads for what may wait for a Kafka.
constexpr std::size_t waiting_threads = 2;

template <class Model>
void add_models(std::vector<Model> from, const std::string& service_name,
                std::vector<Model>& into) {
  for (auto& model : from) {
    model.service_name = service_name;
    into.push_back(std::move(model));
  }
}

}  // namespace

class host::parts {
 public:
  explicit parts(const settings& with) : with_(with) {}

  status start(const std::vector<const module_v1*>& modules, const store_opener& open_store,
               const key_value_opener& open_key_values) {
    std::vector<entity_model> models;
    std::vector<action_model> actions;
    std::vector<view_model> views;
    for (const auto* module : modules) {
      service described;
      module->describe(described);
      if (described.name().empty() || (described.entities().empty() &&
                                       described.actions().empty() && described.views().empty())) {
        return {status_code::invalid_argument,
                "the service \"" + described.name() +
                    "\" has no name or no component; its PERDURE_SERVICE block gives it both: "
                    "service.name(\"...\").add<...>()"};
      }
      names_ += (names_.empty() ? "" : ", ") + described.name();
      add_models(described.entities(), described.name(), models);
      add_models(described.actions(), described.name(), actions);
      add_models(described.views(), described.name(), views);
    }
    auto catalog = gateway::service_catalog::of(models, actions, views);
    if (!catalog.ok()) return catalog.error();
    catalog_ = std::move(*catalog);
    if (auto s = actors::check_subscriptions(models, actions); !s.ok()) return s;
    if (auto s = check_view_sources(views, models); !s.ok()) return s;
    auto routes = gateway::http_routes::of(*catalog_);
    if (!routes.ok()) return routes.error();
    routes_ = std::move(*routes);

    auto opened = open_store(with_, clock_);
    if (!opened.ok()) return opened.error();
    store_ = std::move(*opened);
    commits_.emplace(*store_);
    commits_->on_group([this] { grown_.grown(); });
    commits_->start();
    if (with_.kv == kv_store::redis) {
      auto elsewhere = open_key_values(with_, clock_, store_->shard_count());
      if (!elsewhere.ok()) return elsewhere.error();
      key_values_ = *std::move(elsewhere);
      key_value_commits_.emplace(*key_values_.store);
      key_value_commits_->on_group([this] { key_values_grown_.grown(); });
      key_value_commits_->start();
    } else if (auto s = check_without_redis(with_); !s.ok()) {
      return s;
    }
    if (auto s = open_topics(); !s.ok()) return s;
    if (auto s = open_views(std::move(views), models); !s.ok()) return s;
    start_entities(models, actions);
    topics_->start();
    views_->start();
    return open_ports();
  }

  std::string addresses() const {
    auto line = [&](const char* name, int port) {
      return std::string(name) + " " + with_.host + ":" + std::to_string(port) + "\n";
    };
    return line("grpc", grpc_->port()) + line("http", http_->port()) +
           line("admin", admin_->port());
  }

  // Both gateways stop together: each waits for its own calls, which the entities still answer.
  bool stop() {
    if (!serving_.exchange(false)) return true;
    auto end = std::chrono::steady_clock::now() + with_.limits.drain_max;
    auto grpc_stopped =
        std::async(std::launch::async, [&] { return grpc_->stop(with_.limits.drain_max); });
    bool all_answered = http_->stop(with_.limits.drain_max);
    all_answered = grpc_stopped.get() && all_answered;
    views_->stop();
    // Nobody waits for more, but a command whose caller has gone may still be under way.
    auto left =
        std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    all_answered = router_->drain(std::max(left, std::chrono::milliseconds{0})) && all_answered;
    topics_->stop();
    admin_->stop();
    return all_answered;
  }

  // After a start that failed half way, what was accepted meanwhile is still answered.
  ~parts() {
    http_.reset();
    grpc_.reset();
    if (views_) views_->stop();
    if (router_) router_->drain(with_.limits.drain_max);
    grown_.stop();
    key_values_grown_.stop();
    if (topics_) topics_->stop();
    if (waits_) waits_->join();
    if (reads_) reads_->join();
  }

 private:
  status open_topics() {
    reads_.emplace(read_threads);
    waits_.emplace(waiting_threads);
    auto opened = topic_home::open(with_, {.store = *store_,
                                           .commits = *commits_,
                                           .clock = clock_,
                                           .step_times = step_times_,
                                           .grown = grown_,
                                           .elsewhere = [this](std::function<void()> what) {
                                             boost::asio::post(*reads_, std::move(what));
                                           }});
    if (!opened.ok()) return opened.error();
    topics_ = *std::move(opened);
    return {};
  }

  status open_views(std::vector<view_model> views, const std::vector<entity_model>& models) {
    auto opened = view_homes::open(std::move(views), models, with_,
                                   {.store = *store_,
                                    .grown = grown_,
                                    .key_values = key_values_.store.get(),
                                    .key_values_grown = key_values_grown_,
                                    .topics = topics_->log(),
                                    .topics_may_repeat = topics_->may_repeat(),
                                    .clock = clock_,
                                    .reads = [this](std::function<void()> read) {
                                      boost::asio::post(*reads_, std::move(read));
                                    }});
    if (!opened.ok()) return opened.error();
    views_ = *std::move(opened);
    return {};
  }

  void start_entities(const std::vector<entity_model>& models,
                      const std::vector<action_model>& actions) {
    actors_.emplace(with_.threads);
    actors::environment environment{
        .store = *store_,
        .commits = *commits_,
        .clock = clock_,
        .step_times = step_times_,
        .reads =
            [this](std::function<void()> read) { boost::asio::post(*reads_, std::move(read)); },
        .limits = with_.limits,
        .runs_on_caller = true};
    if (key_values_.store) {
      environment.key_values.emplace(
          actors::key_value_home{*key_values_.store, *key_value_commits_, key_values_grown_});
    }
    environment.topics.emplace(actors::topics_home{.topics = topics_->log(),
                                                   .may_repeat = topics_->may_repeat(),
                                                   .grown = grown_,
                                                   .elsewhere = [this](std::function<void()> what) {
                                                     boost::asio::post(*waits_, std::move(what));
                                                   }});
    environment.followed = views_->followed();
    router_.emplace(actors_->system(), models, std::move(environment), actions);
    endpoint_.emplace(
        gateway::destinations{
            .submit = [this](actors::command c) { router_->submit(std::move(c)); },
            .own =
                [this](actors::command c) {
                  if (views_->endpoint().serves(*c.method)) {
                    return views_->endpoint().call(std::move(c));
                  }
                  gateway::look_up(std::move(c), [this](std::string id, auto found) {
                    router_->find_command(std::move(id), std::move(found));
                  });
                },
            .open_stream =
                [this](actors::stream_request what, std::shared_ptr<actors::stream_caller> caller) {
                  if (views_->endpoint().serves(*what.method)) {
                    return views_->endpoint().open(std::move(what), std::move(caller));
                  }
                  return router_->open_stream(std::move(what), std::move(caller));
                }},
        clock_, with_.limits);
  }

  status open_ports() {
    // First, so that health can be asked while the others open.
    auto admin =
        admin_port::start(with_, {.serving = [this] { return serving_.load(); },
                                  .amiss = [this] { return warnings(); },
                                  .gauges = gauges_of(*router_, *topics_, *views_),
                                  .what = {.subscriptions = router_->subscriptions(),
                                           .store = *store_,
                                           .relay = [this] { return topics_->relay(); },
                                           .elsewhere =
                                               [this](std::function<void()> what) {
                                                 boost::asio::post(*reads_, std::move(what));
                                               }},
                                  .clock = clock_});
    if (!admin.ok()) return admin.error();
    admin_ = std::move(*admin);

    auto http = gateway::http_server::start(
        {with_.host, with_.http_port},
        gateway::http_endpoint(*routes_, *endpoint_, clock_, with_.limits), with_.limits);
    if (!http.ok()) return http.error();
    http_ = std::move(*http);

    auto grpc = gateway::grpc_server::start({with_.host, with_.grpc_port}, *catalog_, *endpoint_,
                                            with_.limits);
    if (!grpc.ok()) return grpc.error();
    grpc_ = std::move(*grpc);
    serving_ = true;
    log_info("serving " + names_);
    return {};
  }

  std::vector<std::string> warnings() const {
    auto all = topics_->warnings();
    if (key_values_.store) {
      auto of_redis = key_values_.warnings();
      all.insert(all.end(), of_redis.begin(), of_redis.end());
    }
    auto of_views = views_->warnings();
    all.insert(all.end(), of_views.begin(), of_views.end());
    for (const auto& one : router_->subscriptions()) {
      auto now = one->status_now();
      if (!now.problem.empty()) {
        all.push_back("subscription " + now.name + ": " + now.problem);
      }
    }
    return all;
  }

  const settings with_;
  std::string names_;  // of the services
  std::atomic<bool> serving_{false};

  // In the order in which they are made; each uses only those above it.
  system_clock clock_;
  hybrid_clock step_times_{clock_};
  std::optional<gateway::service_catalog> catalog_;
  std::optional<gateway::http_routes> routes_;
  std::unique_ptr<persistence::topic_store> store_;
  pubsub::growth grown_;
  std::optional<persistence::group_commit> commits_;
  key_value_store key_values_;  // none unless they are kept elsewhere
  pubsub::growth key_values_grown_;
  std::optional<persistence::group_commit> key_value_commits_;
  std::optional<boost::asio::thread_pool> reads_;
  std::optional<boost::asio::thread_pool> waits_;
  std::unique_ptr<topic_home> topics_;
  std::unique_ptr<view_homes> views_;
  std::optional<actors::actor_runtime> actors_;
  std::optional<actors::entity_router> router_;
  std::optional<gateway::command_endpoint> endpoint_;
  std::unique_ptr<admin_port> admin_;
  std::unique_ptr<gateway::http_server> http_;
  std::unique_ptr<gateway::grpc_server> grpc_;
};

result<std::unique_ptr<persistence::topic_store>> open_rocksdb(const settings& with,
                                                               const perdure::clock& clock) {
  auto opened = persistence::rocksdb_step_store::open(
      {.folder = with.data,
       .clock = clock,
       .shard_count = with.shards,
       .idempotency_retention = with.limits.idempotency_retention});
  if (!opened.ok()) return opened.error();
  return std::unique_ptr<persistence::topic_store>(std::move(*opened));
}

host::host(std::unique_ptr<parts> running) : running_(std::move(running)) {}

host::~host() { stop(); }

result<std::unique_ptr<host>> host::start(const std::vector<const module_v1*>& modules,
                                          const settings& with, const store_opener& open_store,
                                          const key_value_opener& open_key_values) {
  auto made = std::make_unique<parts>(with);
  if (auto s = made->start(modules, open_store, open_key_values); !s.ok()) return s;
  return std::unique_ptr<host>(new host(std::move(made)));
}

std::string host::addresses() const { return running_->addresses(); }

bool host::stop() { return running_->stop(); }

}  // namespace perdure::runtime
