#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include "actors/entity_router.hpp"
#include "base/clock.hpp"
#include "persistence/group_commit.hpp"
#include "test/actors/counter.hpp"
#include "test/actors/desk.hpp"
#include "test/actors/faulty_step_store.hpp"
#include "test/actors/memory_outbox_store.hpp"

namespace test {

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
                                     is_elsewhere ? std::optional(elsewhere_) : std::nullopt,
                                     std::nullopt, followed},
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
  bool runs_on_caller = false;     // these from the next start() on
  std::set<std::string> followed;  // environment::followed
  bool is_elsewhere = false;       // key-value entities are, in the other store
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
  perdure::pubsub::growth grown_;
  perdure::actors::key_value_home elsewhere_{store_elsewhere, commits_elsewhere_, grown_};
  config config_;
  caf::actor_system system_{config_};
};

}  // namespace test
