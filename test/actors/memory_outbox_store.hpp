#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "persistence/memory_step_store.hpp"
#include "persistence/outbox_store.hpp"
#include "persistence/sequence_check.hpp"

// A store of key-value entities only, as plain containers: what an outbox_store does, in the fewest
// words, with a switch for each way in which the world fails. Any thread.

namespace test {

class memory_outbox_store final : public perdure::persistence::outbox_store {
 public:
  // As of faulty_step_store.
  enum class fault { none, lost, stored_but_failed, shows_later };
  std::atomic<fault> next_commit{fault::none};
  std::atomic<bool> is_away{false};  // nothing can be read
  std::atomic<int> log_reads{0};
  std::function<void()> when_read;  // once, after a page of an outbox was read; tests of one thread

  std::uint32_t shard_count() const override { return entities_.shard_count(); }
  std::uint64_t generation() const override { return generation_; }

  std::vector<perdure::status> commit(std::span<const perdure::persistence::step> group) override {
    show_late();
    std::lock_guard lock(mutex_);
    auto what = next_commit.exchange(fault::none);
    if (what == fault::shows_later) {
      for (const auto& s : group) {
        if (perdure::persistence::check_generation(s, generation_).ok()) late_.push_back(s);
      }
    }
    std::vector<perdure::status> done(group.size());
    if (what == fault::none || what == fault::stored_but_failed) done = commit_sound(group);
    if (what != fault::none) {
      done.assign(group.size(), {perdure::status_code::unavailable, "the other store is away"});
    }
    return done;
  }

  // As when it is connected to anew.
  void show_late() {
    std::lock_guard lock(mutex_);
    if (late_.empty()) return;
    ++generation_;
    for (const auto& s : std::exchange(late_, {})) std::ignore = store(s);
  }

  perdure::result<perdure::persistence::entity_page> list_entities(
      const perdure::persistence::entity_selection& which,
      const std::optional<perdure::persistence::entity_place>& from, std::size_t max) override {
    if (is_away) return away();
    return entities_.list_entities(which, from, max);
  }
  perdure::result<perdure::persistence::history> load(const perdure::entity_key& key) override {
    if (is_away) return away();
    auto loaded = entities_.load(key);
    std::lock_guard lock(mutex_);
    if (loaded.ok()) loaded->handled = handled_[key];
    return loaded;
  }

  perdure::result<std::optional<perdure::persistence::recorded_reply>> find_reply(
      const perdure::entity_key& entity, const perdure::persistence::idempotency_key& key,
      perdure::timestamp now) override {
    if (is_away) return away();
    return entities_.find_reply(entity, key, now);
  }

  perdure::result<std::vector<perdure::persistence::stored_event>> read_log(
      perdure::shard_id shard, perdure::log_offset from, std::size_t bytes_max) override {
    ++log_reads;
    return entities_.read_log(shard, from, bytes_max);
  }

  perdure::result<std::vector<perdure::persistence::outbox_entry>> read_outbox(
      perdure::shard_id shard, perdure::outbox_offset after, std::size_t) override {
    constexpr std::size_t page = 8;  // small, so that there are many
    if (is_away) return away();
    std::vector<perdure::persistence::outbox_entry> entries;
    {
      std::lock_guard lock(mutex_);
      const auto& box = outboxes_[shard].entries;
      for (auto it = box.upper_bound(after); it != box.end() && entries.size() < page; ++it) {
        entries.push_back(it->second);
      }
    }
    if (auto interrupt = std::exchange(when_read, {})) interrupt();
    return entries;
  }

  perdure::status trim_outbox(perdure::shard_id shard, perdure::outbox_offset last) override {
    if (is_away) return away();
    std::lock_guard lock(mutex_);
    auto& box = outboxes_[shard];
    box.posted = std::max(box.posted, last);
    box.entries.erase(box.entries.begin(), box.entries.upper_bound(last));
    return {};
  }

  perdure::result<std::optional<perdure::persistence::command_outcome>> find_outcome(
      const perdure::entity_key& target, const std::string& command_id) override {
    if (is_away) return away();
    std::lock_guard lock(mutex_);
    auto found = outcomes_.find({target, command_id});
    if (found == outcomes_.end()) return std::optional<perdure::persistence::command_outcome>{};
    return std::optional{found->second};
  }

  // What waits to be relayed, of all shards.
  std::size_t waiting() {
    std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [shard, box] : outboxes_) sum += box.entries.size();
    return sum;
  }

 private:
  struct outbox {
    perdure::outbox_offset posted{};  // the last place that was given
    std::map<perdure::outbox_offset, perdure::persistence::outbox_entry> entries;
  };

  static perdure::status away() {
    return {perdure::status_code::unavailable, "the other store is away"};
  }

  std::vector<perdure::status> commit_sound(std::span<const perdure::persistence::step> group) {
    std::vector<perdure::status> done;
    std::set<perdure::entity_key> failed;
    for (const auto& s : group) {
      auto fits = perdure::persistence::check_generation(s, generation_);
      if (fits.ok() && failed.contains(s.entity))
        fits = perdure::persistence::earlier_step_failed(s);
      done.push_back(fits.ok() ? store(s) : fits);
      if (!done.back().ok()) failed.insert(s.entity);
    }
    return done;
  }

  perdure::status store(const perdure::persistence::step& s) {
    auto* mail = s.mail.get();
    if (mail && mail->handled && *mail->handled <= handled_[s.entity]) {
      return {perdure::status_code::aborted, "handled already"};
    }
    auto state = s;
    state.mail = nullptr;
    state.generation.reset();  // looked at before
    if (auto stored = entities_.commit(std::span(&state, 1)).front(); !stored.ok()) return stored;
    if (!mail) return {};
    if (mail->handled) handled_[s.entity] = *mail->handled;
    if (mail->outcome) {
      outcomes_.insert_or_assign({s.entity, mail->outcome->command_id}, *mail->outcome);
    }
    if (!perdure::persistence::sends_something(*mail)) return {};
    auto& box = outboxes_[perdure::shard_of(s.entity.id, shard_count())];
    mail->posted = box.posted = box.posted + 1;
    perdure::persistence::mail_effects posted;
    posted.mail = mail->mail;
    posted.timers = mail->timers;
    posted.topics.messages = mail->topics.messages;
    box.entries[box.posted] = {box.posted, s.entity, s.time, std::move(posted)};
    return {};
  }

  perdure::persistence::memory_step_store entities_;
  std::mutex mutex_;
  std::map<perdure::entity_key, perdure::mail_position> handled_;
  std::map<std::pair<perdure::entity_key, std::string>, perdure::persistence::command_outcome>
      outcomes_;
  std::map<perdure::shard_id, outbox> outboxes_;
  std::vector<perdure::persistence::step> late_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace test
