// From the outbox of the key-value entities' own store to mailboxes, timers and topics. Before:
// actors/entity_committing.cpp. Next: actors/mail_delivery.cpp.

#include "actors/outbox_relay.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"

namespace perdure::actors {
namespace {

constexpr std::size_t page_bytes = 256 << 10;
constexpr std::chrono::milliseconds pause{200};

// An outbox is trimmed when so much of it has been relayed, or nothing is under way.
constexpr std::uint64_t trim_every = 256;

}  // namespace

outbox_relay::outbox_relay(std::shared_ptr<const environment> env, surroundings around)
    : env_(std::move(env)),
      around_(std::move(around)),
      shards_(env_->key_values->store.shard_count()) {}

void outbox_relay::start() {
  for (std::uint32_t n = 0; n < shards_.size(); ++n) catch_up(shard_id{n});
}

void outbox_relay::stop() {
  std::lock_guard lock(mutex_);
  stopped_ = true;
}

void outbox_relay::posted(const entity_key& entity, hybrid_time time,
                          const std::shared_ptr<persistence::mail_effects>& effects) {
  auto shard = shard_of_sender(entity);
  std::lock_guard lock(mutex_);
  auto& s = shards_[value(shard)];
  if (s.is_behind || stopped_) {
    s.has_missed = true;
    return;
  }
  if (effects->posted != s.given + 1) {
    // A step whose fate was unknown has left an entry, too.
    s.is_behind = true;
    return read_on(shard, s);
  }
  auto offset = effects->posted;
  give(shard, s, entity, time, std::move(*effects), offset);
}

// While what has failed may yet show, the outbox cannot be read.
void outbox_relay::look_again(const entity_key& entity) {
  auto shard = shard_of_sender(entity);
  std::lock_guard lock(mutex_);
  auto& s = shards_[value(shard)];
  if (std::exchange(s.is_behind, true)) {
    s.has_missed = true;
  } else {
    read_on(shard, s);
  }
}

shard_id outbox_relay::shard_of_sender(const entity_key& entity) const {
  return shard_of(entity.id, static_cast<std::uint32_t>(shards_.size()));
}

void outbox_relay::catch_up(shard_id shard) {
  std::lock_guard lock(mutex_);
  auto& s = shards_[value(shard)];
  if (s.is_reading || s.in_flight > 0 || stopped_) return;
  s.has_failed = false;
  s.is_behind = s.is_reading = true;
  env_->reads([self = shared_from_this(), shard] {
    auto relayed = self->env_->store.relayed(shard);
    if (!relayed.ok()) return self->page_read(shard, relayed.error());
    // Also tells the outbox where later entries must come behind.
    auto trimmed = self->env_->key_values->store.trim_outbox(shard, *relayed);
    if (!trimmed.ok()) return self->page_read(shard, trimmed);
    {
      std::lock_guard inner(self->mutex_);
      auto& state = self->shards_[value(shard)];
      state.given = state.relayed = state.trimmed = *relayed;
    }
    self->page_read(shard, self->env_->key_values->store.read_outbox(shard, *relayed, page_bytes));
  });
}

// Reads behind what was given.
void outbox_relay::read_on(shard_id shard, shard_state& s) {
  if (s.is_reading || s.has_failed || stopped_) return;
  s.is_reading = true;
  s.has_missed = false;
  env_->reads([self = shared_from_this(), shard, after = s.given] {
    self->page_read(shard, self->env_->key_values->store.read_outbox(shard, after, page_bytes));
  });
}

void outbox_relay::page_read(shard_id shard, result<std::vector<persistence::outbox_entry>> page) {
  std::lock_guard lock(mutex_);
  auto& s = shards_[value(shard)];
  s.is_reading = false;
  if (stopped_) return;
  if (!page.ok()) s.has_failed = true;
  if (s.has_failed) {
    // Else committed() does, when nothing is in flight any more.
    if (s.in_flight == 0) around_.retry_after(pause, shard);
    return;
  }
  if (page->empty()) {
    if (std::exchange(s.has_missed, false)) return read_on(shard, s);
    s.is_behind = false;
    return;
  }
  for (auto& entry : *page) {
    give(shard, s, entry.entity, entry.time, std::move(entry.effects), entry.offset);
  }
}

void outbox_relay::give(shard_id shard, shard_state& s, const entity_key& entity, hybrid_time time,
                        persistence::mail_effects effects, outbox_offset offset) {
  auto taken_in = std::make_shared<persistence::mail_effects>();
  taken_in->mail = std::move(effects.mail);
  taken_in->timers = std::move(effects.timers);
  taken_in->topics.messages = std::move(effects.topics.messages);
  taken_in->relayed = offset;
  persistence::step relayed;
  relayed.entity = entity;
  relayed.kind = persistence::step_kind::mail_only;
  relayed.time = time;
  relayed.mail = taken_in;
  s.given = offset;
  ++s.in_flight;
  env_->commits.submit(std::move(relayed),
                       [self = shared_from_this(), shard, offset, taken_in](const status& done) {
                         self->committed(shard, offset, done, *taken_in);
                       });
}

void outbox_relay::committed(shard_id shard, outbox_offset offset, const status& done,
                             const persistence::mail_effects& effects) {
  if (done.ok()) {
    for (const auto& mail : effects.mail) around_.arrived(mail);
    if (!effects.timers.empty()) around_.timers_set(effects.timers);
  } else {
    around_.failed();
  }
  std::lock_guard lock(mutex_);
  auto& s = shards_[value(shard)];
  --s.in_flight;
  if (done.ok()) {
    s.relayed = std::max(s.relayed, offset);
  } else if (!std::exchange(s.has_failed, true)) {
    s.is_behind = true;
    log_warning("what key-value entities send is held up; trying again: " + to_string(done));
  }
  if (stopped_) return;
  trim(shard, s);
  if (s.in_flight > 0) return;
  if (s.has_failed) {
    if (!s.is_reading) around_.retry_after(pause, shard);
  } else if (s.is_behind) {
    read_on(shard, s);
  }
}

void outbox_relay::trim(shard_id shard, shard_state& s) {
  bool is_worth_it = value(s.relayed) - value(s.trimmed) >= trim_every || s.in_flight == 0;
  if (s.is_trimming || s.relayed == s.trimmed || !is_worth_it) return;
  s.is_trimming = true;
  env_->reads([self = shared_from_this(), shard, upto = s.relayed] {
    auto trimmed = self->env_->key_values->store.trim_outbox(shard, upto);
    std::lock_guard inner(self->mutex_);
    auto& state = self->shards_[value(shard)];
    state.is_trimming = false;
    if (!trimmed.ok()) return;  // with the next that is relayed
    state.trimmed = upto;
    self->trim(shard, state);
  });
}

}  // namespace perdure::actors
