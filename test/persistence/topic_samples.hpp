#pragma once

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "persistence/topic_store.hpp"
#include "test/persistence/mail_samples.hpp"
#include "test/persistence/samples.hpp"

// Messages of topics, and what readers have: published, moved, held and read back; failing to read
// fails the test.

namespace perdure::test {

inline persistence::new_message message_of(const std::string& topic, const std::string& key,
                                           const std::string& payload) {
  persistence::new_message m;
  m.topic = topic;
  m.key = key;
  m.id = key + ":" + payload;
  m.payload = payload;
  return m;
}

// The partition, of so many, of a message with this key.
inline std::uint32_t partition_of_key(const std::string& key, std::uint32_t partitions) {
  return value(shard_of(key, partitions));
}

// What a step of a reader says, to be added to.
inline persistence::topic_effects& topics_of(persistence::step& s) { return mail_of(s).topics; }

// Commits a step that changes nothing else and publishes `messages`.
inline status publish(persistence::topic_store& store,
                      std::vector<persistence::new_message> messages) {
  auto s = mail_only("publisher");
  topics_of(s).messages = std::move(messages);
  return commit(store, s);
}

inline std::vector<persistence::stored_message> messages_in(persistence::topic_store& store,
                                                            const std::string& topic,
                                                            std::uint32_t partition,
                                                            std::uint64_t from = 0) {
  auto read = store.read_topic(topic, partition, topic_offset{from}, everything);
  BOOST_REQUIRE_MESSAGE(read.ok(), read.error());
  return *std::move(read);
}

inline texts payloads_of(const std::vector<persistence::stored_message>& messages) {
  texts payloads;
  for (const auto& m : messages) payloads.push_back(m.message.payload.value_or("(deleted)"));
  return payloads;
}

inline persistence::cursor_move move_of(const std::string& reader, std::uint32_t partition,
                                        std::optional<std::uint64_t> expected, std::uint64_t next) {
  persistence::cursor_move m{reader, partition, {}, topic_offset{next}};
  if (expected) m.expected = topic_offset{*expected};
  return m;
}

inline persistence::step moving(std::vector<persistence::cursor_move> moves) {
  auto s = mail_only("reader");
  topics_of(s).cursors = std::move(moves);
  return s;
}

// Where the cursors of a reader stand, by partition.
using places = std::vector<std::pair<std::uint32_t, std::uint64_t>>;
inline places cursors_of(persistence::topic_store& store, const std::string& reader) {
  auto read = store.read_cursors(reader);
  BOOST_REQUIRE_MESSAGE(read.ok(), read.error());
  places all;
  for (const auto& c : *read) all.emplace_back(c.partition, value(c.next));
  return all;
}

inline persistence::held_message held_of(const std::string& payload) {
  persistence::held_message held;
  held.what.message = message_of("t", "k", payload);
  held.what.time = timestamp{};
  return held;
}

inline persistence::step holding(std::vector<persistence::held_change> changes) {
  auto s = mail_only("reader");
  topics_of(s).held = std::move(changes);
  return s;
}

inline std::vector<persistence::stored_held_message> held_by(
    persistence::topic_store& store, const std::string& reader,
    const std::optional<persistence::held_place>& after = {}) {
  auto read = store.read_held(reader, after, everything);
  BOOST_REQUIRE_MESSAGE(read.ok(), read.error());
  return *std::move(read);
}

}  // namespace perdure::test

// So that Boost.Test can print and compare them.
namespace perdure::persistence {
inline std::ostream& operator<<(std::ostream& out, const topic_bounds& b) {
  return out << "[" << value(b.first) << ", " << value(b.end) << ")";
}
}  // namespace perdure::persistence
