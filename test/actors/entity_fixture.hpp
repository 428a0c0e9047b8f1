#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include "actors/entity_router.hpp"
#include "base/clock.hpp"
#include "persistence/group_commit.hpp"
#include "persistence/memory_step_store.hpp"
#include "persistence/sequence_check.hpp"
#include "test/actors/counter.hpp"
#include "test/actors/desk.hpp"
#include "test/actors/memory_outbox_store.hpp"

namespace test {

// The memory store with a switch for each way in which the world fails.
class faulty_step_store : public perdure::persistence::topic_store {
 public:
  // What the next commit does: fail without a trace; fail although all is stored; fail, and show
  // what was stored only with the commit after it, as a database that replays its log.
  enum class fault { none, lost, stored_but_failed, shows_later };
  fault next_commit = fault::none;
  std::optional<perdure::status> load_fails;

  std::uint32_t shard_count() const override { return store_.shard_count(); }

  std::vector<perdure::status> commit(std::span<const perdure::persistence::step> group) override {
    ++commits;
    show_late();
    auto what = std::exchange(next_commit, fault::none);
    std::vector<perdure::status> done(group.size());
    if (what == fault::shows_later) {
      for (const auto& s : group) {
        if (perdure::persistence::check_generation(s, generation_).ok()) late_.push_back(s);
      }
    }
    if (what == fault::none || what == fault::stored_but_failed) done = commit_sound(group);
    if (what != fault::none) {
      done.assign(group.size(), {perdure::status_code::unavailable, "the disk is away"});
    }
    return done;
  }

  // As when it is opened anew.
  void show_late() {
    if (late_.empty()) return;
    ++generation_;
    for (auto& s : late_) s.generation.reset();
    store_.commit(std::exchange(late_, {}));
  }

  std::uint64_t generation() const override { return generation_; }

  perdure::result<perdure::persistence::history> load(const perdure::entity_key& entity) override {
    ++loads;
    if (load_fails) return *load_fails;
    return store_.load(entity);
  }

  perdure::result<std::optional<perdure::persistence::recorded_reply>> find_reply(
      const perdure::entity_key& entity, const perdure::persistence::idempotency_key& key,
      perdure::timestamp now) override {
    return store_.find_reply(entity, key, now);
  }

  perdure::result<std::vector<perdure::persistence::stored_event>> read_log(
      perdure::shard_id shard, perdure::log_offset from, std::size_t bytes_max) override {
    return store_.read_log(shard, from, bytes_max);
  }

  // Mailboxes, timers and what belongs to them: of the store below, which does not fail there.
  std::size_t mail_bytes(const perdure::entity_key& target) const override {
    return store_.mail_bytes(target);
  }
  std::vector<perdure::entity_key> entities_with_mail() const override {
    return store_.entities_with_mail();
  }
  perdure::result<std::vector<perdure::persistence::stored_mail>> read_mail(
      const perdure::entity_key& target, perdure::mail_position after,
      std::size_t bytes_max) override {
    ++mail_reads;
    return store_.read_mail(target, after, bytes_max);
  }
  perdure::result<std::vector<perdure::persistence::stored_timer>> read_due_timers(
      perdure::timestamp now, std::size_t max) override {
    ++timer_reads;
    return store_.read_due_timers(now, max);
  }
  perdure::result<std::optional<perdure::timestamp>> next_due() override {
    return store_.next_due();
  }
  perdure::result<std::optional<perdure::persistence::command_record>> find_command(
      const std::string& command_id, perdure::timestamp now) override {
    return store_.find_command(command_id, now);
  }
  perdure::result<perdure::outbox_offset> relayed(perdure::shard_id shard) override {
    return store_.relayed(shard);
  }
  perdure::result<std::size_t> drop_deleted(perdure::timestamp before) override {
    return store_.drop_deleted(before);
  }

  // Topics and their readers: likewise.
  std::vector<std::string> topics() const override { return store_.topics(); }
  perdure::persistence::topic_bounds bounds(const std::string& topic,
                                            std::uint32_t partition) const override {
    return store_.bounds(topic, partition);
  }
  perdure::result<std::vector<perdure::persistence::stored_message>> read_topic(
      const std::string& topic, std::uint32_t partition, perdure::topic_offset from,
      std::size_t bytes_max) override {
    return store_.read_topic(topic, partition, from, bytes_max);
  }
  perdure::result<perdure::topic_offset> offset_at(const std::string& topic,
                                                   std::uint32_t partition,
                                                   perdure::timestamp time) override {
    return store_.offset_at(topic, partition, time);
  }
  perdure::result<std::uint64_t> bytes_from(const std::string& topic, std::uint32_t partition,
                                            perdure::topic_offset first) override {
    return store_.bytes_from(topic, partition, first);
  }
  perdure::status trim_topic(const std::string& topic, std::uint32_t partition,
                             perdure::topic_offset first) override {
    return store_.trim_topic(topic, partition, first);
  }
  perdure::log_offset log_end(perdure::shard_id shard) const override {
    return store_.log_end(shard);
  }
  perdure::result<std::vector<std::string>> readers() override { return store_.readers(); }
  perdure::result<std::vector<perdure::persistence::cursor>> read_cursors(
      const std::string& reader) override {
    return store_.read_cursors(reader);
  }
  perdure::result<bool> is_paused(const std::string& reader) override {
    return store_.is_paused(reader);
  }
  perdure::result<std::optional<std::uint64_t>> last_seen(const std::string& reader,
                                                          const std::string& subject) override {
    return store_.last_seen(reader, subject);
  }
  perdure::result<std::vector<perdure::persistence::stored_held_message>> read_held(
      const std::string& reader, const std::optional<perdure::persistence::held_place>& after,
      std::size_t bytes_max) override {
    return store_.read_held(reader, after, bytes_max);
  }

  int commits = 0;
  int loads = 0;
  std::atomic<int> mail_reads = 0;
  std::atomic<int> timer_reads = 0;

 private:
  std::vector<perdure::status> commit_sound(std::span<const perdure::persistence::step> group) {
    std::vector<perdure::status> done;
    for (const auto& s : group) {
      auto fits = perdure::persistence::check_generation(s, generation_);
      auto same = s;
      same.generation.reset();  // the store below has one only
      done.push_back(fits.ok() ? store_.commit(std::span(&same, 1)).front() : fits);
    }
    return done;
  }

  perdure::persistence::memory_step_store store_;
  std::vector<perdure::persistence::step> late_;
  std::atomic<std::uint64_t> generation_{0};
};

// A clock that stands until it is moved, and that something may be done by when it is next read: in
// the middle of handling a command, that is.
class interrupting_clock final : public perdure::clock {
 public:
  perdure::timestamp now() const override {
    if (auto interrupt = std::exchange(when_read, {})) interrupt();
    return time_.now();
  }
  void advance(std::chrono::milliseconds by) { time_.advance(by); }

  mutable std::function<void()> when_read;

 private:
  perdure::manual_clock time_;
};

// The models of these entities, with instances made without arguments.
template <class... Entities>
std::vector<perdure::entity_model> models_of() {
  std::vector<perdure::entity_model> models{Entities::model()...};
  std::size_t at = 0;
  ((models[at++].create = [] { return std::make_unique<Entities>(); }), ...);
  return models;
}

// The same of actions, of a service called "office".
template <class... Actions>
std::vector<perdure::action_model> actions_of() {
  std::vector<perdure::action_model> models{Actions::model()...};
  std::size_t at = 0;
  ((models[at++].create = [] { return std::make_unique<Actions>(); }), ...);
  for (auto& model : models) model.service_name = "office";
  return models;
}

// A reply that has come or not.
struct reply_slot {
  std::optional<perdure::actors::outcome> came;

  perdure::status_code code() const { return came.value().result.code(); }
  const std::string& message() const { return came.value().result.message(); }
  template <class Message>
  Message as() const {
    Message parsed;
    if (!parsed.ParseFromString(came.value().reply)) throw std::logic_error("no valid reply");
    return parsed;
  }
  std::int64_t value() const { return as<counter::Value>().value(); }
};
using reply_ptr = std::shared_ptr<reply_slot>;

// Entities on CAF's test coordinator: one thread, virtual time, and nothing becomes durable before
// commit().
class entity_fixture {
 public:
  explicit entity_fixture(std::size_t group_bytes_max = 8 << 20)
      : commits_(store, group_bytes_max) {
    start();
  }

  ~entity_fixture() {
    settle();
    router.reset();
    run();
  }

  entity_fixture(const entity_fixture&) = delete;
  entity_fixture& operator=(const entity_fixture&) = delete;

  // Router and actors anew on the same store, as after a restart of the process.
  void start() {
    if (router) settle();
    router.reset();
    run();
    store.show_late();
    store_elsewhere.show_late();
    router.emplace(
        system_, models_of<counter::counter, desk::desk, desk::label>(),
        perdure::actors::environment{store, commits_, clock, step_times_,
                                     [this](auto work) { reads_.push_back(std::move(work)); },
                                     limits, runs_on_caller, steady_now,
                                     is_elsewhere ? std::optional(elsewhere_) : std::nullopt},
        actions);
  }

  template <class Request>
  reply_ptr send(const std::string& rpc, Request request, std::string idempotency_key = {}) {
    return send(command_for(rpc, std::move(request), std::move(idempotency_key)));
  }

  reply_ptr send(perdure::actors::command c) {
    auto slot = std::make_shared<reply_slot>();
    c.reply = [slot](perdure::actors::outcome o) {
      if (slot->came) throw std::logic_error("replied twice");
      slot->came = std::move(o);
    };
    router->submit(std::move(c));
    return slot;
  }

  template <class Request>
  perdure::actors::command command_for(const std::string& rpc, Request request,
                                       std::string idempotency_key = {}) {
    return command_to<counter::counter>(request.counter_id(), rpc, request, idempotency_key);
  }

  // A command to the entity of class `Entity` with this id.
  template <class Entity, class Request>
  perdure::actors::command command_to(const std::string& id, const std::string& rpc,
                                      Request request, std::string idempotency_key = {}) {
    perdure::actors::command c;
    c.target = {Entity::model().entity_type, id};
    c.method = Entity::model().service->FindMethodByName(rpc);
    c.request_bytes = request.ByteSizeLong();
    c.request = std::make_unique<Request>(std::move(request));
    c.idempotency_key = std::move(idempotency_key);
    return c;
  }

  template <class Request>
  reply_ptr to_desk(const std::string& rpc, const Request& request, std::string key = {}) {
    return send(command_to<desk::desk>(request.desk_id(), rpc, request, std::move(key)));
  }

  template <class Request>
  reply_ptr to_label(const std::string& rpc, const Request& request) {
    return send(command_to<desk::label>(request.label_id(), rpc, request));
  }

  // The notes of a desk, as they are when everything has settled.
  std::vector<std::string> notes_of(const std::string& desk_id) {
    desk::DeskRequest request;
    request.set_desk_id(desk_id);
    auto reply = to_desk("Read", request);
    settle();
    auto notes = reply->as<desk::Notes>().notes();
    return {notes.begin(), notes.end()};
  }

  reply_ptr add(const std::string& id, std::int64_t amount, std::string key = {}) {
    counter::AddRequest request;
    request.set_counter_id(id);
    request.set_amount(amount);
    return send("Add", request, std::move(key));
  }

  reply_ptr subtract(const std::string& id, std::int64_t amount, std::string key = {}) {
    counter::SubtractRequest request;
    request.set_counter_id(id);
    request.set_amount(amount);
    return send("Subtract", request, std::move(key));
  }

  reply_ptr get(const std::string& id) {
    counter::GetRequest request;
    request.set_counter_id(id);
    return send("Get", request);
  }

  // Actors work until they have nothing to do. Nothing becomes durable.
  void run() {
    scheduler().run();
    while (read_next()) scheduler().run();
  }

  // Reads of the store that somebody waits for, and what is done with them on the same thread.
  bool read_next() {
    if (reads_.empty()) return false;
    auto read = std::move(reads_.front());
    reads_.pop_front();
    read();
    return true;
  }

  // What has been submitted becomes durable, or fails.
  void commit() { commits_.commit_pending(); }
  void commit_elsewhere() { commits_elsewhere_.commit_pending(); }

  // Both, until nothing is left to do.
  void settle() {
    do {
      run();
    } while (commits_.commit_pending() || commits_elsewhere_.commit_pending() ||
             scheduler().has_job());
  }

  void advance(std::chrono::milliseconds by) {
    clock.advance(by);
    scheduler().advance_time(by);
    run();
  }

  std::int64_t value_of(const std::string& id) {
    auto reply = get(id);
    settle();
    return reply->value();
  }

  interrupting_clock clock;
  faulty_step_store store;
  memory_outbox_store store_elsewhere;
  perdure::limits limits;
  std::vector<perdure::action_model> actions;
  bool runs_on_caller = false;  // these from the next start() on
  bool is_elsewhere = false;    // key-value entities are, in the other store
  perdure::actors::handler_pace::time_point (*steady_now)() = std::chrono::steady_clock::now;
  std::optional<perdure::actors::entity_router> router;

 private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }  // an atom in CAF 0.17
  };

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  perdure::hybrid_clock step_times_{clock};
  std::deque<std::function<void()>> reads_;  // of the store, still to be done
  perdure::persistence::group_commit commits_;
  perdure::persistence::group_commit commits_elsewhere_{store_elsewhere};
  perdure::actors::key_value_home elsewhere_{store_elsewhere, commits_elsewhere_};
  config config_;
  caf::actor_system system_{config_};
};

}  // namespace test
