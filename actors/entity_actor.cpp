// Command path: the entity's actor, one command after the other.
// Before: actors/entity_router.cpp. Next: actors/entity_recovering.cpp.

#include "actors/entity_actor.hpp"

#include "base/log.hpp"

namespace perdure::actors {

entity_actor::entity_actor(caf::actor_config& cfg, std::shared_ptr<const entity_type> type,
                           entity_key key, std::shared_ptr<const environment> env)
    : caf::event_based_actor(cfg),
      type_(std::move(type)),
      key_(std::move(key)),
      env_(std::move(env)),
      commits_(env_->commits) {}

caf::behavior entity_actor::make_behavior() {
  return {
      [this](const command_ptr& c) { on_command(c); },
      [this](const history_ptr& history) { on_history(*history); },
      [this](commits_settled) { on_settled(); },
  };
}

void entity_actor::on_command(const command_ptr& c) {
  if (ready_) {
    if (ready_->handle(*c) == entity_ready::next::command) return;
    reload();
    if (c->reply) stash_.push_back(c);
    return;
  }
  stash_.push_back(c);
  if (!recovering_) load();
}

void entity_actor::load() {
  recovering_ = true;
  env_->reads([self = caf::actor(this), &store = env_->store, key = key_] {
    auto history = std::make_shared<result<persistence::history>>(store.load(key));
    caf::anon_send(self, std::move(history));
  });
}

// The history may be read only when every step still in flight has been stored or has failed:
// what is read then is all there is.
void entity_actor::reload() {
  ready_.reset();
  recovering_ = true;
  env_->commits.submit_barrier(
      [self = caf::actor(this)](const status&) { caf::anon_send(self, commits_settled{}); });
}

void entity_actor::on_settled() {
  commits_.reset();
  load();
}

void entity_actor::on_history(const result<persistence::history>& history) {
  recovering_ = false;
  auto recovered =
      history.ok() ? recover(*type_, key_, *history) : result<recovered_entity>(history.error());
  if (!recovered.ok()) {
    log_error("cannot recover " + to_string(key_) + ": " + to_string(recovered.error()));
    refuse_stash(recovered.error());
    return;
  }
  ready_.emplace(*type_, key_, *env_, std::move(*recovered), commits_);
  handle_stash();
}

void entity_actor::handle_stash() {
  while (ready_ && !stash_.empty()) {
    auto c = std::move(stash_.front());
    stash_.pop_front();
    if (ready_->handle(*c) == entity_ready::next::reload) {
      reload();
      if (c->reply) stash_.push_front(std::move(c));
    }
  }
}

void entity_actor::refuse_stash(const status& why) {
  auto refused = std::move(stash_);
  stash_.clear();
  for (auto& c : refused) commits_.release({why, {}}, std::move(c->reply));
}

}  // namespace perdure::actors
