#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "persistence/step.hpp"
#include "persistence/topic.hpp"

// The keys of the RocksDB adapter, byte by byte in docs/formats.md. Two things decide their shape:
// no key of one entity may be mistaken for, or lie between, those of another, whatever bytes their
// names hold; and what is read together lies together, in order.

namespace perdure::persistence {

// Text that may be followed by more: the bytes, 00 as 00 FF, then 00 01. No text so written is the
// beginning of another's, and they sort as the texts do.
void append_text(std::string& key, std::string_view text);

// Unsigned integers stand with the most significant byte first, so that they sort as numbers.
void append_u16(std::string& bytes, std::uint16_t n);
void append_u32(std::string& bytes, std::uint32_t n);
void append_u64(std::string& bytes, std::uint64_t n);
std::uint64_t read_unsigned(std::string_view bytes);  // at most 8 of them

// The text in front of `key`, which is cut off it; nullopt when there is none.
std::optional<std::string> take_text(std::string_view& key);

// Column family `log`: one event. Its key begins with its shard.
inline constexpr std::size_t shard_bytes = 4;
std::string log_key(shard_id shard, log_offset offset);
log_offset offset_of_log_key(std::string_view key);

// Column family `snapshot`: one entity. The beginning of its keys in `index` and `replies`, so a
// commit makes it once and appends what follows. `buffer` is one whose memory may be used again.
std::string entity_prefix(const entity_key& entity, std::string buffer = {});

// Column family `index`: one event of an entity; its prefix, then append_u64(sequence).
inline constexpr std::size_t sequence_bytes = 8;
std::string index_key(const entity_key& entity, sequence_nr sequence);
sequence_nr sequence_of_index_key(std::string_view key);

// Column family `replies`: one idempotency key of an entity's method; its prefix, then
// append_reply_key().
std::string reply_key(const entity_key& entity, const idempotency_key& key);
void append_reply_key(std::string& prefix, const idempotency_key& key);

// Column family `mailbox`: one mail; the prefix of its target, then append_u64(position).
struct mailbox_place {
  entity_key entity;
  mail_position position{};
};
std::string mailbox_key(const entity_key& target, mail_position position);
std::optional<mailbox_place> place_of_mailbox_key(std::string_view key);

// Column family `timers`: one timer; the prefix of its owner, then append_text(name).
struct timer_place {
  entity_key owner;
  std::string name;
};
std::string timer_key(const entity_key& owner, std::string_view name);
std::optional<timer_place> place_of_timer_key(std::string_view key);

// Column family `due`: one timer; when it is due, then its key in `timers`. So they are read in the
// order in which they are due.
std::string due_key(timestamp due, std::string_view key_in_timers);
timestamp time_of_due_key(std::string_view key);
std::string_view timer_of_due_key(std::string_view key);

// Column family `deleted`: one deletion of an event sourced entity; its time, then the entity's
// prefix. So they are read in the order in which they were made.
std::string deletion_key(hybrid_time time, std::string_view prefix);
struct deletion_place {
  hybrid_time time;
  entity_key entity;
};
std::optional<deletion_place> place_of_deletion_key(std::string_view key);

// Column family `topics`: one message; its topic as text, its partition and offset. And one
// partition that was trimmed, under the same without an offset, so that it stands before its
// messages.
std::string partition_prefix(std::string_view topic, std::uint32_t partition,
                             std::string buffer = {});
std::string message_key(std::string_view topic, std::uint32_t partition, topic_offset offset,
                        std::string buffer = {});
struct topic_place {
  std::string topic;
  std::uint32_t partition = 0;
  std::optional<topic_offset> offset;
};
std::optional<topic_place> place_of_topic_key(std::string_view key);

// Column family `readers`: one cursor; its reader as text, its partition. And one reader that is
// paused, under its text alone.
std::string reader_prefix(std::string_view reader, std::string buffer = {});
std::string cursor_key(std::string_view reader, std::uint32_t partition, std::string buffer = {});
struct reader_place {
  std::string reader;
  std::optional<std::uint32_t> partition;
};
std::optional<reader_place> place_of_reader_key(std::string_view key);

// Column family `seen`: one subject of a reader; both as text.
std::string seen_key(const seen_subject& seen, std::string buffer = {});

// Column family `held`: one held message; its reader and key as text, its number.
std::string held_key(const held_place& place, std::string buffer = {});
std::optional<held_place> place_of_held_key(std::string_view key);

// The first key behind all that begin with `text`, which append_text() has written.
std::string behind_text(std::string text);

// Column family `default`: what was relayed last of a shard, and the number that was given last to
// a mail or timer.
std::string relayed_key(shard_id shard);
inline constexpr std::string_view last_number_key = "number";

}  // namespace perdure::persistence
