// A group of the event relay: pages of many shards, one after the other, until it is full.

#include "pubsub/relay_group.hpp"

#include <algorithm>
#include <utility>

namespace perdure::pubsub {
namespace {

// Of one shard at a turn.
constexpr std::size_t page_bytes = 256 << 10;

}  // namespace

topic_offset readable_end(const persistence::topic_store& store, const relay_stops& stops,
                          const relay_line& line) {
  auto end = store.bounds(line.first, line.second).end;
  auto stop = stops.find(line);
  return stop == stops.end() ? end : std::min(end, stop->second);
}

relay_group next_group(persistence::topic_store& store, const relay_places& places,
                       relay_stops stops, relay_bounds bounds, std::size_t first) {
  relay_group group;
  std::vector<relay_line> lines;
  for (const auto& [topic, shards] : places) {
    for (std::uint32_t shard = 0; shard < shards.size(); ++shard) lines.emplace_back(topic, shard);
  }
  auto is_full = [&] {
    return group.bytes >= bounds.bytes_max || group.messages.size() >= bounds.messages_max;
  };
  if (!lines.empty()) {
    std::ranges::rotate(lines, lines.begin() + static_cast<std::ptrdiff_t>(first % lines.size()));
  }
  bool has_grown = true;
  while (has_grown && !is_full()) {
    has_grown = false;
    for (const auto& line : lines) {
      const auto& [topic, shard] = line;
      if (is_full()) break;
      auto& to = group.to.try_emplace(topic, places.at(topic)).first->second;
      auto end = readable_end(store, stops, line);
      if (to[shard] >= end) continue;
      auto page = store.read_topic(topic, shard, to[shard],
                                   std::min(page_bytes, bounds.bytes_max - group.bytes));
      if (!page) {
        group.stalled.push_back({line, to[shard], page.error()});
        stops[line] = to[shard];
        continue;
      }
      for (const auto& message : *page) {
        if (message.offset >= end || group.messages.size() >= bounds.messages_max) break;
        group.messages.push_back({&message, shard});
        group.bytes += persistence::bytes_of(message.message);
        to[shard] = message.offset + 1;
        has_grown = true;
      }
      group.pages.push_back(*std::move(page));
    }
  }
  std::erase_if(group.to, [&](const auto& t) { return t.second == places.at(t.first); });
  for (const auto& [topic, shards] : group.to) group.from[topic] = places.at(topic);
  return group;
}

}  // namespace perdure::pubsub
