#pragma once

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "persistence/memory_step_store.hpp"
#include "persistence/sequence_check.hpp"
#include "persistence/topic_store.hpp"

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

  perdure::result<perdure::persistence::entity_page> list_entities(
      const perdure::persistence::entity_selection& which,
      const std::optional<perdure::persistence::entity_place>& from, std::size_t max) override {
    return store_.list_entities(which, from, max);
  }
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

}  // namespace test
