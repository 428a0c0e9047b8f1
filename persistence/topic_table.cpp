// The bounds of what topics hold, as they are durable: asked for far too often to read a database.

#include "persistence/topic_table.hpp"

#include <algorithm>
#include <utility>

namespace perdure::persistence {

void topic_table::replace(topic_partitions all) {
  std::lock_guard lock(mutex_);
  topics_ = std::move(all);
}

void topic_table::grown(const std::string& topic, std::span<const topic_end> ends) {
  std::lock_guard lock(mutex_);
  auto& partitions = topics_[topic];
  partitions.resize(ends.size());
  for (std::size_t n = 0; n < ends.size(); ++n) partitions[n].end = ends[n];
}

void topic_table::trimmed(const std::string& topic, std::uint32_t partition, topic_offset first) {
  std::lock_guard lock(mutex_);
  auto& of = topics_.at(topic)[partition];
  of.first = std::max(of.first, first);
}

std::vector<std::string> topic_table::topics() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  names.reserve(topics_.size());
  for (const auto& [name, partitions] : topics_) names.push_back(name);
  return names;
}

topic_partition topic_table::of(const std::string& topic, std::uint32_t partition) const {
  std::lock_guard lock(mutex_);
  auto found = topics_.find(topic);
  return found == topics_.end() ? topic_partition{} : found->second.at(partition);
}

}  // namespace perdure::persistence
