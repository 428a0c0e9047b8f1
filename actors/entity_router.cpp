// Command path: finds or spawns the entity's actor.
// Before: gateway/command_endpoint.cpp. Next: actors/entity_actor.cpp.

#include "actors/entity_router.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <unordered_map>

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include "actors/calling_thread.hpp"
#include "actors/entity_actor.hpp"
#include "base/check.hpp"

namespace perdure::actors {
namespace {

struct sweep_now {};

// How often entities that have been idle for too long are looked for, per idle_max.
constexpr int sweeps_per_idle_max = 4;
constexpr std::chrono::milliseconds shortest_sweep{10};

}  // namespace
}  // namespace perdure::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(perdure::actors::sweep_now)

namespace perdure::actors {

// Every resident entity, by key, and those that are idle by since when. One mutex: what is done
// under it is a look-up and a few counters. Shared with the replies that are still out.
class entity_router::registry : public std::enable_shared_from_this<registry> {
 public:
  registry(caf::actor_system& system, std::span<const entity_model> models, environment env)
      : system_(system),
        env_(std::make_shared<const environment>(std::move(env))),
        waiting_bytes_(std::make_shared<std::atomic<std::size_t>>(0)) {
    for (const auto& model : models) {
      auto added = types_.emplace(model.entity_type, std::make_shared<entity_type>(model));
      PERDURE_CHECK(added.second);
    }
  }

  void start_sweeping() {
    auto interval = std::max(env_->limits.idle_max / sweeps_per_idle_max, shortest_sweep);
    sweeper_ = system_.spawn<caf::hidden>(
        [weak = weak_from_this(), interval](caf::event_based_actor* self) -> caf::behavior {
          self->delayed_send(self, interval, sweep_now{});
          return {[self, weak, interval](sweep_now) {
            if (auto live = weak.lock()) live->passivate_idle(self->clock().now());
            self->delayed_send(self, interval, sweep_now{});
          }};
        });
  }

  void submit(command c);
  bool drain(std::chrono::milliseconds timeout);
  void stop();

  std::size_t resident_entities() const {
    std::lock_guard lock(mutex_);
    return residents_.size();
  }

  std::size_t in_flight_bytes() const {
    std::lock_guard lock(mutex_);
    return in_flight_bytes_ + *waiting_bytes_;
  }

 private:
  using time_point = caf::actor_clock::time_point;  // steady; virtual under a test coordinator

  struct resident;
  using idle_list = std::list<resident*>;  // the one idle for longest stands last

  struct resident {
    entity_key key;
    const entity_type* type;
    caf::actor actor;
    std::size_t commands = 0;  // under way: such an entity is never passivated
    std::size_t bytes = 0;     // of those
    time_point idle_since;
    idle_list::iterator idle;  // while `commands` is 0
  };

  // All of these under the lock.
  status refusal(const command& c, const resident* entity, std::size_t bytes) const;
  resident& spawn(const entity_key& key);
  void passivate(resident& entity);

  void passivate_idle(time_point now);
  void answered(resident& entity, std::size_t bytes);

  caf::actor_system& system_;
  const std::shared_ptr<const environment> env_;  // shared with the actors, which may end later
  const std::shared_ptr<std::atomic<std::size_t>> waiting_bytes_;  // likewise; entity_committing
  std::unordered_map<std::string, std::shared_ptr<const entity_type>> types_;
  caf::actor sweeper_;

  mutable std::mutex mutex_;
  std::condition_variable all_answered_;
  std::unordered_map<entity_key, resident> residents_;
  idle_list idle_;
  std::size_t in_flight_bytes_ = 0;
  std::size_t in_flight_commands_ = 0;
  bool draining_ = false;
};

namespace {

// What a waiting command costs beside its request: its own structures, and those of an entry of
// its metadata.
constexpr std::size_t command_overhead_bytes = 512;
constexpr std::size_t metadata_entry_overhead_bytes = 96;

std::size_t bytes_of(const command& c) {
  auto bytes =
      c.request_bytes + c.target.id.size() + c.idempotency_key.size() + command_overhead_bytes;
  for (const auto& [name, value] : c.metadata) {
    bytes += name.size() + value.size() + metadata_entry_overhead_bytes;
  }
  return bytes;
}

}  // namespace

void entity_router::registry::submit(command c) {
  auto bytes = bytes_of(c);
  status refused;
  calling_thread here(system_);
  {
    std::lock_guard lock(mutex_);
    auto found = residents_.find(c.target);
    auto* known = found == residents_.end() ? nullptr : &found->second;
    refused = refusal(c, known, bytes);
    if (refused.ok()) {
      auto& entity = known ? *known : spawn(c.target);
      if (entity.commands++ == 0) idle_.erase(entity.idle);
      entity.bytes += bytes;
      ++in_flight_commands_;
      in_flight_bytes_ += bytes;
      c.reply = [self = shared_from_this(), &entity, bytes, reply = std::move(c.reply)](outcome o) {
        reply(std::move(o));
        self->answered(entity, bytes);
      };
      // Under the lock, so that commands reach the entity in the order they were accepted in.
      auto accepted = std::make_shared<command>(std::move(c));
      if (runs_on_caller(*entity.type, *env_)) {
        here.send(entity.actor, std::move(accepted));
      } else {
        caf::anon_send(entity.actor, std::move(accepted));
      }
    }
  }
  if (!refused.ok()) return c.reply({std::move(refused), {}});
  here.run();
}

// `entity` is null when it is not resident.
status entity_router::registry::refusal(const command& c, const resident* entity,
                                        std::size_t bytes) const {
  if (draining_) return {status_code::unavailable, "the service is shutting down; retry later"};
  if (in_flight_bytes_ + *waiting_bytes_ + bytes > env_->limits.in_flight_bytes_max) {
    return {status_code::resource_exhausted,
            "the service has too many commands in flight; retry later"};
  }
  // A command that alone is over the bound gets through, one at a time.
  if (entity && entity->commands > 0 && entity->bytes + bytes > env_->limits.mailbox_bytes_max) {
    return {status_code::resource_exhausted,
            "too many commands wait for " + to_string(c.target) + "; retry later"};
  }
  return {};
}

// It is idle until its first command is counted. Its actor takes no thread before that comes.
entity_router::registry::resident& entity_router::registry::spawn(const entity_key& key) {
  auto type = types_.find(key.type);
  PERDURE_CHECK(type != types_.end());
  auto& entity = residents_.try_emplace(key).first->second;
  entity.key = key;
  entity.type = type->second.get();
  entity.actor =
      system_.spawn<entity_actor, caf::lazy_init>(type->second, key, env_, waiting_bytes_);
  entity.idle = idle_.insert(idle_.begin(), &entity);
  return entity;
}

void entity_router::registry::passivate(resident& entity) {
  caf::anon_send_exit(entity.actor, caf::exit_reason::user_shutdown);
  idle_.erase(entity.idle);
  residents_.erase(residents_.find(entity.key));
}

void entity_router::registry::passivate_idle(time_point now) {
  std::lock_guard lock(mutex_);
  while (!idle_.empty() && now - idle_.back()->idle_since >= env_->limits.idle_max) {
    passivate(*idle_.back());
  }
}

void entity_router::registry::answered(resident& entity, std::size_t bytes) {
  std::lock_guard lock(mutex_);
  entity.bytes -= bytes;
  in_flight_bytes_ -= bytes;
  if (--entity.commands == 0) {
    entity.idle_since = system_.clock().now();
    entity.idle = idle_.insert(idle_.begin(), &entity);
    // Where all are in use, what is in flight bounds how many there are.
    if (residents_.size() > env_->limits.resident_entities_max) passivate(*idle_.back());
  }
  if (--in_flight_commands_ == 0) all_answered_.notify_all();
}

bool entity_router::registry::drain(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  draining_ = true;
  return all_answered_.wait_for(lock, timeout, [&] { return in_flight_commands_ == 0; });
}

void entity_router::registry::stop() {
  std::lock_guard lock(mutex_);
  caf::anon_send_exit(sweeper_, caf::exit_reason::user_shutdown);
  sweeper_ = nullptr;
  PERDURE_CHECK(in_flight_commands_ == 0);
  while (!idle_.empty()) passivate(*idle_.back());
}

entity_router::entity_router(caf::actor_system& system, std::span<const entity_model> models,
                             environment env)
    : registry_(std::make_shared<registry>(system, models, std::move(env))) {
  registry_->start_sweeping();
}

entity_router::~entity_router() { registry_->stop(); }

void entity_router::submit(command c) { registry_->submit(std::move(c)); }

void entity_router::find_command(std::string,
                                 std::function<void(result<std::optional<command_status>>)> reply) {
  reply(std::optional<command_status>{});
}

bool entity_router::drain(std::chrono::milliseconds timeout) { return registry_->drain(timeout); }

std::size_t entity_router::resident_entities() const { return registry_->resident_entities(); }

std::size_t entity_router::in_flight_bytes() const { return registry_->in_flight_bytes(); }

}  // namespace perdure::actors
