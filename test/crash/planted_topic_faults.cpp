// Faults of topics and of subscriptions.

#include "test/crash/planted_topic_faults.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "base/check.hpp"
#include "test/crash/forwarding_step_store.hpp"
#include "test/crash/parting_step_store.hpp"

namespace perdure::test {
namespace {

using persistence::mail_effects;
using persistence::step;

class published_apart final : public parting_step_store {
  using parting_step_store::parting_step_store;

  bool part(const step&, mail_effects& first, mail_effects& second) override {
    if (first.topics.messages.empty()) return false;
    second.topics.messages = std::exchange(first.topics.messages, {});
    return true;
  }
};

class cursor_first final : public parting_step_store {
  using parting_step_store::parting_step_store;

  bool part(const step&, mail_effects& first, mail_effects& second) override {
    if (first.topics.cursors.empty() || first.mail.empty()) return false;
    second.mail = std::exchange(first.mail, {});
    return true;
  }
};

class cursor_last final : public parting_step_store {
  using parting_step_store::parting_step_store;

  bool part(const step&, mail_effects& first, mail_effects& second) override {
    if (first.topics.cursors.empty() || first.mail.empty()) return false;
    second.topics.cursors = std::exchange(first.topics.cursors, {});
    return true;
  }
};

class cursor_stale final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const step> group) override {
    for (const auto& s : group) {
      if (!s.mail) continue;
      for (auto& move : s.mail->topics.cursors) move.expected.reset();
    }
    return inner().commit(group);
  }

  result<std::vector<persistence::cursor>> read_cursors(const std::string& reader) override {
    auto read = inner().read_cursors(reader);
    if (!read.ok()) return read;
    std::lock_guard lock(mutex_);
    return first_read_.try_emplace(reader, *std::move(read)).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<persistence::cursor>> first_read_;
};

class awaited_unrecorded final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  std::vector<status> commit(std::span<const step> group) override {
    std::vector<step> steps(group.begin(), group.end());
    for (auto& s : steps) {
      if (s.entity.type == "ear") s.key.reset();
    }
    return inner().commit(steps);
  }
};

// What was dropped before the store was opened counts for nothing.
class end_forgotten final : public forwarding_step_store {
 public:
  using forwarding_step_store::forwarding_step_store;

  persistence::topic_bounds bounds(const std::string& topic,
                                   std::uint32_t partition) const override {
    auto there = forwarding_step_store::bounds(topic, partition);
    auto by = forgotten(topic, partition);
    return {shown(there.first, by), shown(there.end, by)};
  }
  result<std::vector<persistence::stored_message>> read_topic(const std::string& topic,
                                                              std::uint32_t partition,
                                                              topic_offset from,
                                                              std::size_t bytes_max) override {
    auto by = forgotten(topic, partition);
    auto page = inner().read_topic(topic, partition, from + by, bytes_max);
    if (!page.ok()) return page;
    for (auto& m : *page) m.offset = shown(m.offset, by);
    return page;
  }
  result<topic_offset> offset_at(const std::string& topic, std::uint32_t partition,
                                 timestamp time) override {
    auto at = inner().offset_at(topic, partition, time);
    return at.ok() ? shown(*at, forgotten(topic, partition)) : at;
  }
  result<std::uint64_t> bytes_from(const std::string& topic, std::uint32_t partition,
                                   topic_offset first) override {
    return inner().bytes_from(topic, partition, first + forgotten(topic, partition));
  }
  status trim_topic(const std::string& topic, std::uint32_t partition,
                    topic_offset first) override {
    return inner().trim_topic(topic, partition, first + forgotten(topic, partition));
  }

 private:
  static topic_offset shown(topic_offset there, std::uint64_t by) {
    return topic_offset{std::max(value(there), by) - by};
  }

  std::uint64_t forgotten(const std::string& topic, std::uint32_t partition) const {
    auto there = forwarding_step_store::bounds(topic, partition);
    std::lock_guard lock(mutex_);
    return forgotten_.try_emplace({topic, partition}, value(there.first)).first->second;
  }

  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> forgotten_;
};

}  // namespace

std::unique_ptr<persistence::topic_store> with_topic_fault(
    std::unique_ptr<persistence::topic_store> inner, fault f) {
  switch (f) {
    case fault::published_apart:
      return std::make_unique<published_apart>(std::move(inner));
    case fault::cursor_first:
      return std::make_unique<cursor_first>(std::move(inner));
    case fault::cursor_last:
      return std::make_unique<cursor_last>(std::move(inner));
    case fault::cursor_stale:
      return std::make_unique<cursor_stale>(std::move(inner));
    case fault::awaited_unrecorded:
      return std::make_unique<awaited_unrecorded>(std::move(inner));
    case fault::end_forgotten:
      return std::make_unique<end_forgotten>(std::move(inner));
    default:
      PERDURE_CHECK(false);
  }
}

}  // namespace perdure::test
