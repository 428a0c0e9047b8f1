// Sizes and partitions of what is published; the rest of topic.hpp is plain values.

#include "persistence/topic.hpp"

namespace perdure::persistence {
namespace {

// What a record has beside its texts.
constexpr std::size_t fixed_bytes = 64;

std::size_t bytes_of(const perdure::metadata& entries) {
  std::size_t sum = 0;
  for (const auto& [name, value] : entries) sum += name.size() + value.size() + 8;
  return sum;
}

}  // namespace

std::uint32_t partition_of(const new_message& m, std::uint32_t partitions) {
  return value(shard_of(m.key.empty() ? m.id : m.key, partitions));
}

std::size_t bytes_of(const new_message& m) {
  return fixed_bytes + m.topic.size() + m.key.size() + m.id.size() + m.source.size() +
         m.type.size() + m.content_type.size() + (m.payload ? m.payload->size() : 0) +
         m.trace_parent.size() + bytes_of(m.metadata);
}

std::size_t bytes_of(const topic_effects& e) {
  std::size_t sum = 0;
  for (const auto& m : e.messages) sum += bytes_of(m);
  for (const auto& c : e.cursors) sum += fixed_bytes + c.reader.size();
  for (const auto& s : e.seen) sum += fixed_bytes + s.reader.size() + s.subject.size();
  for (const auto& h : e.held) {
    sum += fixed_bytes + h.place.reader.size() + h.place.key.size();
    if (h.set) sum += bytes_of(h.set->what.message) + h.set->error.size();
  }
  return sum;
}

}  // namespace perdure::persistence
