// Each fault is the least that a careless change could do.

#include "test/crash/planted_faults.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

#include "base/check.hpp"
#include "test/crash/forwarding_step_store.hpp"
#include "test/crash/planted_mail_faults.hpp"
#include "test/crash/planted_topic_faults.hpp"

namespace perdure::test {

using persistence::step;
using persistence::step_store;

namespace {

// In the order of the enumeration.
constexpr std::string_view names[] = {"",
                                      "reply_before_sync",
                                      "reply_before_write",
                                      "names_unsynced",
                                      "skip_dedupe",
                                      "another_reply",
                                      "two_batches",
                                      "event_by_event",
                                      "lost_tail",
                                      "sweep_too_much",
                                      "mail_apart",
                                      "handled_apart",
                                      "fired_apart",
                                      "mail_swapped",
                                      "no_outcome",
                                      "relay_unchecked",
                                      "handled_forgotten",
                                      "published_apart",
                                      "cursor_first",
                                      "cursor_last",
                                      "cursor_stale",
                                      "awaited_unrecorded",
                                      "end_forgotten"};

class reply_before_write final : public forwarding_step_store {
 public:
  explicit reply_before_write(std::unique_ptr<persistence::topic_store> inner)
      : forwarding_step_store(std::move(inner)), thread_([this] { write_until_stopped(); }) {}

  ~reply_before_write() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  std::vector<status> commit(std::span<const step> group) override {
    if (std::ranges::any_of(group, sends_or_reads)) {
      await_written();
      return inner().commit(group);
    }
    {
      std::lock_guard lock(mutex_);
      waiting_.emplace_back(group.begin(), group.end());
    }
    changed_.notify_all();
    return std::vector<status>(group.size());
  }

  // While the process lives, nobody is to notice.
  result<persistence::history> load(const entity_key& entity) override {
    await_written();
    return inner().load(entity);
  }
  result<std::optional<persistence::recorded_reply>> find_reply(
      const entity_key& entity, const persistence::idempotency_key& key, timestamp now) override {
    await_written();
    return inner().find_reply(entity, key, now);
  }
  log_offset log_end(shard_id shard) const override {
    await_written();
    return forwarding_step_store::log_end(shard);
  }
  persistence::topic_bounds bounds(const std::string& topic,
                                   std::uint32_t partition) const override {
    await_written();
    return forwarding_step_store::bounds(topic, partition);
  }

 private:
  // Who takes such a step asks where its mail was put.
  static bool sends_or_reads(const step& s) {
    return s.kind == persistence::step_kind::mail_only || (s.mail && !s.mail->mail.empty());
  }

  void await_written() const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_.empty(); });
  }

  void write_until_stopped() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      auto group = waiting_.front();
      lock.unlock();
      (void)inner().commit(group);
      lock.lock();
      waiting_.pop_front();
      changed_.notify_all();
    }
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<std::vector<step>> waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

class skip_dedupe final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  result<std::optional<persistence::recorded_reply>> find_reply(const entity_key&,
                                                                const persistence::idempotency_key&,
                                                                timestamp) override {
    return std::optional<persistence::recorded_reply>{};
  }
};

class another_reply final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  result<std::optional<persistence::recorded_reply>> find_reply(
      const entity_key& entity, const persistence::idempotency_key& key, timestamp now) override {
    auto found = inner().find_reply(entity, key, now);
    // A reply ends in its receipt.
    if (found.ok() && *found && !(*found)->payload.empty()) (*found)->payload.back() = 'x';
    return found;
  }
};

class two_batches final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const step> group) override {
    std::vector<step> events(group.begin(), group.end());
    for (auto& s : events) s.key.reset();
    auto statuses = inner().commit(events);

    // The events are there, so each reply follows the last of its entity's.
    std::unordered_map<entity_key, sequence_nr> last;
    for (const auto& s : group) last[s.entity] = s.last();
    std::vector<step> replies;
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!group[i].key || !statuses[i].ok()) continue;
      auto& reply = replies.emplace_back(group[i]);
      reply.events.clear();
      reply.snapshot.reset();
      reply.mail.reset();
      reply.expected = last[reply.entity];
    }
    if (!replies.empty()) (void)inner().commit(replies);
    return statuses;
  }
};

class event_by_event final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const step> group) override {
    std::vector<status> statuses;
    for (const auto& s : group) statuses.push_back(commit_one(s));
    return statuses;
  }

 private:
  status commit_one(const step& s) {
    if (s.events.size() < 2) return inner().commit(std::span(&s, 1)).front();
    for (std::size_t i = 0; i < s.events.size(); ++i) {
      bool is_last = i + 1 == s.events.size();
      auto part = s;
      part.expected = s.expected + i;
      part.events = {s.events[i]};
      if (!is_last) {
        part.snapshot.reset();
        part.key.reset();
        part.mail.reset();
      }
      if (auto stored = inner().commit(std::span(&part, 1)).front(); !stored.ok()) return stored;
    }
    return {};
  }
};

class lost_tail final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  result<persistence::history> load(const entity_key& entity) override {
    auto loaded = inner().load(entity);
    if (loaded.ok() && loaded->snapshot && !loaded->events.empty()) loaded->events.pop_back();
    return loaded;
  }
};

}  // namespace

fault fault_named(std::string_view name) {
  const auto* found = std::ranges::find(names, name);
  PERDURE_CHECK(found != std::end(names));
  return static_cast<fault>(found - names);
}

std::unique_ptr<persistence::topic_store> with_fault(
    std::unique_ptr<persistence::topic_store> inner, fault f) {
  switch (f) {
    case fault::reply_before_write:
      return std::make_unique<reply_before_write>(std::move(inner));
    case fault::skip_dedupe:
      return std::make_unique<skip_dedupe>(std::move(inner));
    case fault::another_reply:
      return std::make_unique<another_reply>(std::move(inner));
    case fault::two_batches:
      return std::make_unique<two_batches>(std::move(inner));
    case fault::event_by_event:
      return std::make_unique<event_by_event>(std::move(inner));
    case fault::lost_tail:
      return std::make_unique<lost_tail>(std::move(inner));
    case fault::none:
    case fault::reply_before_sync:
    case fault::names_unsynced:
    case fault::sweep_too_much:
    case fault::handled_forgotten:
      break;
    case fault::mail_apart:
    case fault::handled_apart:
    case fault::fired_apart:
    case fault::mail_swapped:
    case fault::no_outcome:
    case fault::relay_unchecked:
      return with_mail_fault(std::move(inner), f);
    case fault::published_apart:
    case fault::cursor_first:
    case fault::cursor_last:
    case fault::cursor_stale:
    case fault::awaited_unrecorded:
    case fault::end_forgotten:
      return with_topic_fault(std::move(inner), f);
  }
  return inner;
}

}  // namespace perdure::test
