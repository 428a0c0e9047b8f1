// The parts of a service, put together as its composition root does it.

#include "bench/in_process_runtime.hpp"

#include <boost/asio/post.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

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

}  // namespace

in_process_runtime::in_process_runtime(const std::filesystem::path& folder,
                                       std::vector<entity_model> models, on_commit told)
    : models_(std::move(models)),
      store_(open_store(folder, time_)),
      watched_(watch(*store_, std::move(told))),
      commits_(watched_ ? *watched_ : *store_),
      router_(actors_.system(), models_,
              {*store_, commits_, time_, step_times_,
               [this](std::function<void()> read) { boost::asio::post(reads_, std::move(read)); },
               limits{}, true}) {
  commits_.start();
}

in_process_runtime::~in_process_runtime() {
  router_.drain(std::chrono::seconds{20});
  reads_.join();
}

}  // namespace perdure::bench
