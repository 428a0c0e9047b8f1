// Command path: finds or spawns the entity's actor, and counts what is under way.
// Before: actors/entity_router.cpp. Next: actors/entity_actor.cpp.

#include "actors/entity_registry.hpp"

#include <utility>

#include <caf/logger.hpp>
#include <caf/send.hpp>

#include "actors/calling_thread.hpp"
#include "actors/entity_actor.hpp"
#include "base/check.hpp"

namespace perdure::actors {
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

// CAF leaves its logger with a thread that spawns, and a system does not end while a thread has it.
// A committer's thread brings mail to entities, and outlives the system.
class logger_of_thread {
 public:
  logger_of_thread() : was_there_(caf::logger::current_logger() != nullptr) {}
  logger_of_thread(const logger_of_thread&) = delete;
  logger_of_thread& operator=(const logger_of_thread&) = delete;
  ~logger_of_thread() {
    if (!was_there_) caf::logger::set_current_actor_system(nullptr);
  }

 private:
  const bool was_there_;
};

}  // namespace

entity_registry::entity_registry(caf::actor_system& system, std::shared_ptr<const environment> env,
                                 std::shared_ptr<const entity_directory> directory)
    : system_(system),
      env_(std::move(env)),
      directory_(std::move(directory)),
      waiting_bytes_(std::make_shared<std::atomic<std::size_t>>(0)) {}

void entity_registry::submit(command c, origin from) {
  auto bytes = bytes_of(c);
  status refused;
  calling_thread here(system_);
  {
    std::lock_guard lock(mutex_);
    auto found = residents_.find(c.target);
    auto* known = found == residents_.end() ? nullptr : &found->second;
    refused = refusal(c, from, known, bytes);
    if (refused.ok()) {
      auto& entity = count(c, bytes, known);
      bool is_callers = from == origin::caller;
      if (is_callers) ++callers_commands_;
      c.reply = answering(entity, bytes, is_callers, std::move(c.reply));
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

void entity_registry::hand_over(command c) {
  auto bytes = bytes_of(c);
  std::lock_guard lock(mutex_);
  auto found = residents_.find(c.target);
  auto& entity = count(c, bytes, found == residents_.end() ? nullptr : &found->second);
  c.reply = answering(entity, bytes, false, std::move(c.reply));
  caf::anon_send(entity.actor, std::make_shared<command>(std::move(c)));
}

status entity_registry::admit(command& c, origin from) {
  auto bytes = bytes_of(c);
  bool is_callers = from == origin::caller;
  std::lock_guard lock(mutex_);
  if (auto refused = refusal(from, bytes); !refused.ok()) return refused;
  in_flight_bytes_ += bytes;
  ++in_flight_commands_;
  if (is_callers) ++callers_commands_;
  c.reply = [self = shared_from_this(), bytes, is_callers, reply = std::move(c.reply)](outcome o) {
    reply(std::move(o));
    self->admitted_ended(bytes, is_callers);
  };
  return {};
}

entity_registry::resident& entity_registry::count(const command& c, std::size_t bytes,
                                                  resident* known) {
  auto& entity = known ? *known : spawn(c.target);
  if (entity.commands++ == 0) idle_.erase(entity.idle);
  entity.bytes += bytes;
  ++in_flight_commands_;
  in_flight_bytes_ += bytes;
  return entity;
}

reply_to entity_registry::answering(resident& entity, std::size_t bytes, bool is_callers,
                                    reply_to reply) {
  return
      [self = shared_from_this(), &entity, bytes, is_callers, reply = std::move(reply)](outcome o) {
        reply(std::move(o));
        self->answered(entity, bytes, is_callers);
      };
}

status entity_registry::refusal(origin from, std::size_t bytes) const {
  if (from == origin::accepted) return {};
  if (draining_ && from == origin::caller) return shutting_down();
  if (in_flight_bytes_ + *waiting_bytes_ + bytes > env_->limits.in_flight_bytes_max) {
    return {status_code::resource_exhausted,
            "the service has too many commands in flight; retry later"};
  }
  return {};
}

// `entity` is null when it is not resident.
status entity_registry::refusal(const command& c, origin from, const resident* entity,
                                std::size_t bytes) const {
  if (auto refused = refusal(from, bytes); !refused.ok()) return refused;
  // A command that alone is over the bound gets through, one at a time.
  if (entity && entity->commands > 0 && entity->bytes + bytes > env_->limits.mailbox_bytes_max) {
    return {status_code::resource_exhausted,
            "too many commands wait for " + to_string(c.target) + "; retry later"};
  }
  return {};
}

// It is idle until its first command is counted. Its actor takes no thread before that comes.
entity_registry::resident& entity_registry::spawn(const entity_key& key) {
  auto type = directory_->find(key.type);
  PERDURE_CHECK(type != nullptr);
  logger_of_thread as_before;
  auto& entity = residents_.try_emplace(key).first->second;
  entity.key = key;
  entity.type = type.get();
  entity.actor =
      system_.spawn<entity_actor, caf::lazy_init>(type, key, env_, others_.lock(), waiting_bytes_);
  entity.idle = idle_.insert(idle_.begin(), &entity);
  return entity;
}

void entity_registry::passivate(resident& entity) {
  caf::anon_send_exit(entity.actor, caf::exit_reason::user_shutdown);
  idle_.erase(entity.idle);
  residents_.erase(residents_.find(entity.key));
}

void entity_registry::passivate_idle() {
  auto now = system_.clock().now();
  std::lock_guard lock(mutex_);
  while (!idle_.empty() && now - idle_.back()->idle_since >= env_->limits.idle_max) {
    passivate(*idle_.back());
  }
}

void entity_registry::answered(resident& entity, std::size_t bytes, bool is_callers) {
  std::lock_guard lock(mutex_);
  entity.bytes -= bytes;
  in_flight_bytes_ -= bytes;
  if (--entity.commands == 0) {
    entity.idle_since = system_.clock().now();
    entity.idle = idle_.insert(idle_.begin(), &entity);
    // Where all are in use, what is in flight bounds how many there are.
    if (residents_.size() > env_->limits.resident_entities_max) passivate(*idle_.back());
  }
  if (is_callers) --callers_commands_;
  --in_flight_commands_;
  if (draining_) all_answered_.notify_all();
}

void entity_registry::admitted_ended(std::size_t bytes, bool is_callers) {
  std::lock_guard lock(mutex_);
  in_flight_bytes_ -= bytes;
  if (is_callers) --callers_commands_;
  --in_flight_commands_;
  if (draining_) all_answered_.notify_all();
}

void entity_registry::begin_draining() {
  std::lock_guard lock(mutex_);
  draining_ = true;
}

bool entity_registry::wait_for_callers(deadline end) {
  std::unique_lock lock(mutex_);
  return all_answered_.wait_until(lock, end, [&] { return callers_commands_ == 0; });
}

bool entity_registry::wait_for_all(deadline end) {
  std::unique_lock lock(mutex_);
  return all_answered_.wait_until(lock, end, [&] { return in_flight_commands_ == 0; });
}

void entity_registry::stop() {
  std::lock_guard lock(mutex_);
  PERDURE_CHECK(in_flight_commands_ == 0);
  while (!idle_.empty()) passivate(*idle_.back());
}

std::size_t entity_registry::resident_entities() const {
  std::lock_guard lock(mutex_);
  return residents_.size();
}

std::size_t entity_registry::in_flight_bytes() const {
  std::lock_guard lock(mutex_);
  return in_flight_bytes_ + *waiting_bytes_;
}

}  // namespace perdure::actors
