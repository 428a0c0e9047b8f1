// Command path: the entity's actor, one command after the other.
// Before: actors/entity_router.cpp. Next: actors/entity_recovering.cpp.

#include "actors/entity_actor.hpp"

#include <algorithm>

#include "actors/calling_thread.hpp"
#include "base/log.hpp"

namespace perdure::actors {

entity_actor::entity_actor(caf::actor_config& cfg, std::shared_ptr<const entity_type> type,
                           entity_key key, std::shared_ptr<const environment> env,
                           std::shared_ptr<dispatcher> others,
                           std::shared_ptr<std::atomic<std::size_t>> all_waiting_bytes)
    : caf::event_based_actor(cfg),
      type_(std::move(type)),
      key_(std::move(key)),
      env_(std::move(env)),
      others_(std::move(others)),
      commits_(env_->commits_of(type_->model().kind), type_->model().kind,
               entity_positions(*env_, *type_, key_.id), others_, std::move(all_waiting_bytes)) {}

caf::behavior entity_actor::make_behavior() {
  return {
      [this](const command_ptr& c) { on_command(c); },
      [this](const loaded_ptr& loaded) { on_loaded(*loaded); },
      [this](commits_settled) { on_settled(); },
  };
}

void entity_actor::on_command(const command_ptr& c) {
  if (ready_ && stash_.empty()) {
    handle(c);
    return;
  }
  stash_.push_back(c);
  if (!ready_ && !recovering_) load();
}

void entity_actor::load() {
  recovering_ = true;
  env_->reads([self = caf::actor(this), type = type_, env = env_, key = key_] {
    auto& store = env->store_of(type->model().kind);
    auto generation = store.generation();
    auto loaded = std::make_shared<loaded_history>(loaded_history{generation, store.load(key)});
    if (!runs_on_caller(*type, *env)) return caf::anon_send(self, std::move(loaded));
    calling_thread here(self->home_system());
    here.send(self, std::move(loaded));
    here.run();
  });
}

// The history may be read only when every step still in flight has been stored or has failed:
// what is read then is all there is.
void entity_actor::reload() {
  ready_.reset();
  recovering_ = true;
  end_mail_round();
  await_settled();
}

void entity_actor::await_settled() {
  env_->commits_of(type_->model().kind).submit_barrier([self = caf::actor(this)](const status&) {
    caf::anon_send(self, commits_settled{});
  });
}

void entity_actor::on_settled() {
  if (ready_) return handle_stash();
  commits_.reset();
  load();
}

void entity_actor::on_loaded(const loaded_history& loaded) {
  recovering_ = false;
  auto recovered = loaded.read.ok() ? recover(*type_, key_, *loaded.read)
                                    : result<recovered_entity>(loaded.read.error());
  if (!recovered.ok()) {
    // That a store is away it has said itself, once; every command that needs it comes by here.
    auto is_away = recovered.error().code() == status_code::unavailable;
    log(is_away ? log_level::debug : log_level::error,
        "cannot recover " + to_string(key_) + ": " + to_string(recovered.error()));
    refuse_stash(recovered.error());
    return;
  }
  ready_.emplace(*type_, key_, *env_, *others_, std::move(*recovered), loaded.generation, commits_);
  handle_stash();
}

// False when the next command must wait, and perhaps this one too.
bool entity_actor::handle(const command_ptr& c) {
  if (would_overtake(*c)) {
    c->reply({{status_code::aborted, "mail before it was not handled"}, {}});
    return true;
  }
  auto begun = env_->steady_now();
  auto next = ready_->handle(*c);
  auto ended = env_->steady_now();
  type_->pace().took(ended - begun, ended);
  bool was_begun = c->reply == nullptr;
  if (c->mail && was_begun) last_mail_round_ = c->mail->round;
  switch (next) {
    case entity_ready::next::command:
      return true;
    case entity_ready::next::mail_failed:
      end_mail_round();
      return true;
    case entity_ready::next::wait:
      await_settled();
      break;
    case entity_ready::next::reload:
      reload();
      break;
  }
  if (!was_begun) stash_.push_front(c);
  return false;
}

bool entity_actor::would_overtake(const command& c) const {
  return c.mail && c.mail->round < mail_round_;
}

void entity_actor::end_mail_round() { mail_round_ = last_mail_round_ + 1; }

void entity_actor::handle_stash() {
  while (!stash_.empty()) {
    auto c = std::move(stash_.front());
    stash_.pop_front();
    if (!handle(c)) return;
  }
}

void entity_actor::refuse_stash(const status& why) {
  for (const auto& c : stash_) {
    if (c->mail) last_mail_round_ = std::max(last_mail_round_, c->mail->round);
  }
  end_mail_round();
  auto refused = std::move(stash_);
  stash_.clear();
  for (auto& c : refused) commits_.release({why, {}}, std::move(c->reply));
}

}  // namespace perdure::actors
