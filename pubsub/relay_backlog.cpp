// The relay's positions in our topics. They are those of the messages that we know to be elsewhere;
// what the store has of them may lag behind.

#include "pubsub/relay_backlog.hpp"

#include <algorithm>
#include <utility>

#include "pubsub/event_relay.hpp"

namespace perdure::pubsub {
namespace {

constexpr std::size_t page_bytes_max = 1 << 20;

}  // namespace

status relay_backlog::load() {
  std::map<std::string, topic_state> loaded;
  for (const auto& topic : store_.topics()) {
    if (topic == refused_topic) continue;
    auto& state = loaded[topic];
    state.shards.resize(store_.shard_count());
    auto cursors = store_.read_cursors(relay_reader(topic));
    if (!cursors.ok()) return cursors.error();
    for (const auto& c : *cursors) state.shards.at(c.partition) = {c.next, c.next};
  }
  std::lock_guard lock(mutex_);
  topics_ = std::move(loaded);
  return {};
}

relay_backlog::topic_state& relay_backlog::state_of(const std::string& topic) {
  auto& state = topics_[topic];
  if (state.shards.empty()) state.shards.resize(store_.shard_count());
  return state;
}

std::vector<std::string> relay_backlog::topics() {
  auto all = store_.topics();
  std::erase(all, refused_topic);
  std::lock_guard lock(mutex_);
  for (const auto& topic : all) state_of(topic);
  return all;
}

relay_backlog::positions relay_backlog::at(const std::string& topic, std::uint32_t shard) const {
  std::lock_guard lock(mutex_);
  auto found = topics_.find(topic);
  return found == topics_.end() ? positions{} : found->second.shards[shard];
}

void relay_backlog::written(const std::string& topic, std::uint32_t shard, topic_offset next) {
  std::lock_guard lock(mutex_);
  auto& reached = state_of(topic).shards[shard];
  reached.written = std::max(reached.written, next);
  reached.given = std::max(reached.given, reached.written);
}

void relay_backlog::written(const relay_group& group) {
  for (const auto& m : group.messages) {
    written(m.message->message.topic, m.shard, m.message->offset + 1);
  }
}

void relay_backlog::give_again() {
  std::lock_guard lock(mutex_);
  for (auto& [topic, state] : topics_) {
    for (auto& reached : state.shards) reached.given = reached.written;
  }
}

// Each partition gets its turn to be the first, so that none waits for ever behind a busy one.
result<relay_group> relay_backlog::next(std::size_t bytes_max, std::size_t messages_max) {
  std::vector<place> all;
  auto now = clock::now();
  for (const auto& topic : topics()) {
    if (is_held(topic, now)) continue;
    for (std::uint32_t shard = 0; shard < store_.shard_count(); ++shard) {
      if (store_.bounds(topic, shard).end > at(topic, shard).given) all.emplace_back(topic, shard);
    }
  }
  relay_group group;
  if (all.empty()) return group;
  std::ranges::rotate(all, all.begin() + static_cast<std::ptrdiff_t>(turn_++ % all.size()));
  std::size_t bytes = 0;
  for (const auto& [topic, shard] : all) {
    group.is_full = bytes >= bytes_max || group.messages.size() >= messages_max;
    if (group.is_full) break;
    auto before = group.messages.size();
    auto added = add_page(group, topic, shard, bytes_max - bytes, messages_max - before);
    if (!added.ok()) return added;
    for (auto i = before; i < group.messages.size(); ++i) {
      bytes += persistence::bytes_of(group.messages[i].message->message);
    }
  }
  return group;
}

status relay_backlog::add_page(relay_group& group, const std::string& topic, std::uint32_t shard,
                               std::size_t bytes_max, std::size_t messages_max) {
  auto from = std::max(at(topic, shard).given, store_.bounds(topic, shard).first);
  auto page = store_.read_topic(topic, shard, from, std::min(bytes_max, page_bytes_max));
  if (!page.ok()) return page.error();
  auto refused = refused_.find({topic, shard});
  group.pages.push_back(*std::move(page));
  for (const auto& m : group.pages.back()) {
    if (refused != refused_.end() && refused->second.count(m.offset) > 0) break;
    if (messages_max-- == 0) break;
    group.messages.push_back({&m, shard});
    from = m.offset + 1;
  }
  std::lock_guard lock(mutex_);
  state_of(topic).shards[shard].given = from;
  return {};
}

void relay_backlog::hold(const std::string& topic, clock::time_point until) {
  std::lock_guard lock(mutex_);
  state_of(topic).held_until = until;
}

bool relay_backlog::is_held(const std::string& topic, clock::time_point now) const {
  std::lock_guard lock(mutex_);
  auto found = topics_.find(topic);
  return found != topics_.end() && found->second.held_until > now;
}

void relay_backlog::refuse(const std::string& topic, std::uint32_t shard, topic_offset at,
                           status why) {
  refused_[{topic, shard}].insert_or_assign(at, std::move(why));
}

std::vector<relay_backlog::refused_message> relay_backlog::take_refused() {
  std::vector<refused_message> due;
  for (auto& [where, places] : refused_) {
    const auto& [topic, shard] = where;
    auto first = places.begin();
    auto next = at(topic, shard).written;
    if (first == places.end() || first->first > next) continue;
    if (first->first == next) {
      due.push_back({topic, shard, first->first, first->second});
    }
    places.erase(first);
  }
  std::erase_if(refused_, [](const auto& entry) { return entry.second.empty(); });
  return due;
}

bool relay_backlog::has_more() const {
  auto known = store_.topics();
  auto now = clock::now();
  std::lock_guard lock(mutex_);
  return std::ranges::any_of(known, [&](const std::string& topic) {
    if (topic == refused_topic) return false;
    auto found = topics_.find(topic);
    if (found == topics_.end()) return true;
    const auto& state = found->second;
    if (state.held_until > now) return false;
    for (std::uint32_t shard = 0; shard < state.shards.size(); ++shard) {
      if (store_.bounds(topic, shard).end > state.shards[shard].given) return true;
    }
    return false;
  });
}

std::uint64_t relay_backlog::size() const {
  std::uint64_t sum = 0;
  for (const auto& topic : store_.topics()) {
    if (topic == refused_topic) continue;
    for (std::uint32_t shard = 0; shard < store_.shard_count(); ++shard) {
      auto bounds = store_.bounds(topic, shard);
      auto from = std::max(bounds.first, at(topic, shard).written);
      sum += value(std::max(bounds.end, from)) - value(from);
    }
  }
  return sum;
}

}  // namespace perdure::pubsub
