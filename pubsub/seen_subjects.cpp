// Two generations: when the younger is large, it becomes the older, and the one before goes. So
// what came of late is found in memory, and what is not in the store yet always is.

#include "pubsub/seen_subjects.hpp"

#include <algorithm>
#include <utility>

namespace perdure::pubsub {
namespace {

constexpr std::size_t subjects_max = 4096;

}  // namespace

result<bool> seen_subjects::was_seen(const std::string& subject, std::uint64_t sequence) {
  auto [entry, is_new] = recent_.try_emplace(subject, sequence);
  if (!is_new) {
    bool seen = sequence <= entry->second;
    entry->second = std::max(entry->second, sequence);
    return seen;
  }
  std::optional<std::uint64_t> last;
  if (auto older = older_.find(subject); older != older_.end()) {
    last = older->second;
  } else {
    auto stored = store_.last_seen(reader_, subject);
    if (!stored) {
      recent_.erase(entry);
      return stored.error();
    }
    last = *stored;
  }
  bool seen = last && sequence <= *last;
  if (seen) entry->second = *last;
  return seen;
}

void seen_subjects::tidy(topic_offset stored, topic_offset read) {
  if (recent_.size() < subjects_max || stored < older_until_) return;
  older_ = std::exchange(recent_, {});
  older_until_ = read;
}

}  // namespace perdure::pubsub
