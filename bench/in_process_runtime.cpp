// The parts of a service, put together as its composition root does it.

#include "bench/in_process_runtime.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "bench/stock_items.hpp"

namespace perdure::bench {
namespace {

std::unique_ptr<persistence::rocksdb_step_store> open_store(const std::filesystem::path& folder,
                                                            const perdure::clock& time) {
  auto opened = persistence::rocksdb_step_store::open({.folder = folder, .clock = time});
  if (!opened.ok()) throw std::runtime_error(opened.error().message());
  return std::move(*opened);
}

// The store, for a committer whose groups somebody is told of.
class watched_store final : public persistence::step_store {
 public:
  watched_store(persistence::step_store& store, in_process_runtime::on_commit told)
      : store_(store), told_(std::move(told)) {}

  std::uint32_t shard_count() const override { return store_.shard_count(); }
  std::vector<status> commit(std::span<const persistence::step> group) override {
    auto statuses = store_.commit(group);
    told_(group, statuses);
    return statuses;
  }
  std::uint64_t generation() const override { return store_.generation(); }
  result<persistence::history> load(const entity_key& entity) override {
    return store_.load(entity);
  }
  result<persistence::entity_page> list_entities(
      const persistence::entity_selection& which,
      const std::optional<persistence::entity_place>& from, std::size_t max) override {
    return store_.list_entities(which, from, max);
  }
  result<std::optional<persistence::recorded_reply>> find_reply(
      const entity_key& entity, const persistence::idempotency_key& key, timestamp now) override {
    return store_.find_reply(entity, key, now);
  }
  result<std::vector<persistence::stored_event>> read_log(shard_id shard, log_offset from,
                                                          std::size_t bytes_max) override {
    return store_.read_log(shard, from, bytes_max);
  }

 private:
  persistence::step_store& store_;
  const in_process_runtime::on_commit told_;
};

std::unique_ptr<persistence::step_store> watch(persistence::step_store& store,
                                               in_process_runtime::on_commit told) {
  if (!told) return nullptr;
  return std::make_unique<watched_store>(store, std::move(told));
}

std::function<void(std::function<void()>)> runs_on(boost::asio::thread_pool& threads) {
  return [&threads](std::function<void()> what) { boost::asio::post(threads, std::move(what)); };
}

std::unique_ptr<runtime::topic_home> open_topics(const in_process_runtime::settings& with,
                                                 runtime::topic_home::surroundings around) {
  if (with.actions.empty() && with.views.empty()) return nullptr;
  runtime::settings chosen;
  chosen.data = with.folder;
  if (!with.kafka.empty()) {
    chosen.topics = runtime::topic_place::kafka;
    chosen.kafka.bootstrap_servers = with.kafka;
  }
  auto opened = runtime::topic_home::open(chosen, std::move(around));
  if (!opened.ok()) throw std::runtime_error(opened.error().message());
  return *std::move(opened);
}

std::unique_ptr<runtime::view_homes> open_views(const in_process_runtime::settings& with,
                                                const runtime::view_homes::surroundings& around) {
  runtime::settings chosen;
  chosen.data = with.folder;
  auto opened = runtime::view_homes::open(with.views, with.entities, chosen, around);
  if (!opened.ok()) throw std::runtime_error(opened.error().message());
  return *std::move(opened);
}

}  // namespace

in_process_runtime::in_process_runtime(settings with)
    : with_(std::move(with)),
      store_(open_store(with_.folder, time_)),
      watched_(watch(*store_, with_.told)),
      commits_(watched_ ? *watched_ : *store_),
      topics_(
          open_topics(with_, {*store_, commits_, time_, step_times_, grown_, runs_on(reads_)})) {
  if (!with_.views.empty()) {
    views_ = open_views(with_, {.store = *store_,
                                .grown = grown_,
                                .key_values = nullptr,
                                .key_values_grown = grown_,
                                .topics = topics_->log(),
                                .topics_may_repeat = topics_->may_repeat(),
                                .clock = time_,
                                .reads = runs_on(reads_)});
  }
  commits_.on_group([this] { grown_.grown(); });
  commits_.start();
  actors::environment around{.store = *store_,
                             .commits = commits_,
                             .clock = time_,
                             .step_times = step_times_,
                             .reads = runs_on(reads_),
                             .limits = limits{},
                             .runs_on_caller = true};
  if (topics_) {
    around.topics.emplace(actors::topics_home{.topics = topics_->log(),
                                              .may_repeat = topics_->may_repeat(),
                                              .grown = grown_,
                                              .elsewhere = runs_on(waits_)});
  }
  if (views_) around.followed = views_->followed();
  router_.emplace(actors_.system(), with_.entities, std::move(around), with_.actions);
  if (topics_) topics_->start();
  if (views_) views_->start();
}

in_process_runtime::~in_process_runtime() {
  if (views_) views_->stop();
  router_->drain(std::chrono::seconds{20});
  grown_.stop();
  if (topics_) topics_->stop();
  waits_.join();
  reads_.join();
}

std::vector<log_position> in_process_runtime::ends_of(const std::string& entity_type) const {
  return log_ends(*store_, entity_type);
}

}  // namespace perdure::bench
