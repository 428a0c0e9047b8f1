// Topics and what their readers need, in the fewest words: each verb of the port topic_store on
// plain containers.

#include "persistence/memory_topics.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "persistence/topic_check.hpp"

namespace perdure::persistence {

status memory_topics::check(const step& s) const {
  return check_moves(s.mail->topics.cursors, [&](const cursor_move& m) {
    auto found = cursors_.find({m.reader, m.partition});
    return result<topic_offset>(found == cursors_.end() ? topic_offset{} : found->second);
  });
}

void memory_topics::apply(const step& s) {
  auto& effects = s.mail->topics;
  effects.positions.clear();
  for (const auto& m : effects.messages) {
    auto& partitions = topics_.try_emplace(m.topic, partitions_).first->second;
    auto& to = partitions[partition_of(m, partitions_)];
    effects.positions.push_back(to.end());
    to.messages.push_back({m, to.end(), s.time.wall()});
  }
  for (const auto& c : effects.cursors) cursors_[{c.reader, c.partition}] = c.next;
  for (const auto& reader : effects.forget_seen) {
    std::erase_if(seen_, [&](const auto& entry) { return entry.first.first == reader; });
  }
  for (const auto& seen : effects.seen) seen_[{seen.reader, seen.subject}] = seen.sequence;
  for (const auto& change : effects.held) {
    if (change.set) {
      held_[change.place] = *change.set;
    } else {
      held_.erase(change.place);
    }
  }
  for (const auto& pause : effects.pauses) {
    if (pause.is_paused) {
      paused_.insert(pause.reader);
    } else {
      paused_.erase(pause.reader);
    }
  }
}

// Null where nothing was ever published.
const memory_topics::message_queue* memory_topics::find(const std::string& topic,
                                                        std::uint32_t at) const {
  PERDURE_CHECK(at < partitions_);
  auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : &found->second[at];
}

std::vector<std::string> memory_topics::topics() const {
  std::vector<std::string> names;
  for (const auto& [name, partitions] : topics_) names.push_back(name);
  return names;
}

topic_bounds memory_topics::bounds(const std::string& topic, std::uint32_t partition) const {
  const auto* of = find(topic, partition);
  return of ? topic_bounds{of->first, of->end()} : topic_bounds{};
}

result<std::vector<stored_message>> memory_topics::read_topic(const std::string& topic,
                                                              std::uint32_t partition,
                                                              topic_offset from,
                                                              std::size_t bytes_max) const {
  std::vector<stored_message> page;
  const auto* of = find(topic, partition);
  if (!of) return page;
  if (from < of->first) return no_longer_there(topic, partition, from, of->first);
  std::size_t bytes = 0;
  for (auto i = value(from) - value(of->first); i < of->messages.size(); ++i) {
    bytes += bytes_of(of->messages[i].message);
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back(of->messages[i]);
  }
  return page;
}

topic_offset memory_topics::offset_at(const std::string& topic, std::uint32_t partition,
                                      timestamp time) const {
  const auto* of = find(topic, partition);
  if (!of) return {};
  auto found = std::ranges::lower_bound(of->messages, time, {}, &stored_message::time);
  return found == of->messages.end() ? of->end() : found->offset;
}

std::uint64_t memory_topics::bytes_from(const std::string& topic, std::uint32_t partition,
                                        topic_offset first) const {
  std::uint64_t bytes = 0;
  const auto* of = find(topic, partition);
  if (!of) return bytes;
  for (const auto& m : of->messages) {
    if (m.offset >= first) bytes += bytes_of(m.message);
  }
  return bytes;
}

void memory_topics::trim_topic(const std::string& topic, std::uint32_t partition,
                               topic_offset first) {
  if (!find(topic, partition)) return;
  auto& of = topics_[topic][partition];
  while (of.first < first && !of.messages.empty()) {
    of.messages.pop_front();
    of.first = of.first + 1;
  }
}

std::vector<std::string> memory_topics::readers() const {
  auto names = paused_;
  for (const auto& [at, next] : cursors_) names.insert(at.first);
  for (const auto& [place, what] : held_) names.insert(place.reader);
  return {names.begin(), names.end()};
}

std::vector<cursor> memory_topics::read_cursors(const std::string& reader) const {
  std::vector<cursor> cursors;
  for (auto it = cursors_.lower_bound({reader, 0});
       it != cursors_.end() && it->first.first == reader; ++it) {
    cursors.push_back({it->first.second, it->second});
  }
  return cursors;
}

std::optional<std::uint64_t> memory_topics::last_seen(const std::string& reader,
                                                      const std::string& subject) const {
  auto found = seen_.find({reader, subject});
  if (found == seen_.end()) return std::nullopt;
  return found->second;
}

std::vector<stored_held_message> memory_topics::read_held(const std::string& reader,
                                                          const std::optional<held_place>& after,
                                                          std::size_t bytes_max) const {
  std::vector<stored_held_message> page;
  std::size_t bytes = 0;
  auto it = after ? held_.upper_bound(*after) : held_.lower_bound({reader, {}, 0});
  for (; it != held_.end() && it->first.reader == reader; ++it) {
    bytes += bytes_of(it->second.what.message) + it->second.error.size();
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back({it->first, it->second});
  }
  return page;
}

}  // namespace perdure::persistence
