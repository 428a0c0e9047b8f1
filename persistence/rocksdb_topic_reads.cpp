// What is read of topics and of what their readers have, and how damage is noticed.

#include "persistence/rocksdb_topic_reads.hpp"

#include <rocksdb/snapshot.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "base/log.hpp"
#include "persistence/rocksdb_keys.hpp"
#include "persistence/rocksdb_mail_records.hpp"
#include "persistence/rocksdb_topic_records.hpp"
#include "persistence/topic_check.hpp"

namespace perdure::persistence {
namespace {

status at(const std::string& place, const status& what) {
  return {what.code(), place + ": " + what.message()};
}

std::string place_of_message(const std::string& topic, std::uint32_t partition,
                             topic_offset offset) {
  return place_in_topic(topic, partition, offset) + " (column family topics)";
}

std::string place_of_reader(const reader_place& place) {
  auto what = place.partition ? place_of_cursor(place.reader, *place.partition)
                              : "reader \"" + place.reader + "\"";
  return what + " (column family readers)";
}

std::string place_of_held(const held_place& place) {
  return "reader \"" + place.reader + "\", message " + std::to_string(place.number) +
         " held of key \"" + place.key + "\" (column family held)";
}

status damaged_key(const char* family) {
  return {status_code::data_loss, std::string("a key of column family ") + family + " is damaged"};
}

constexpr topic_offset last_offset{UINT64_MAX};

// Records in the order of their keys, from `begin` up to, not including, `end`. Empty: no bound.
class scan {
 public:
  scan(const rocksdb_database& from, rocksdb::ColumnFamilyHandle* family, std::string begin,
       std::string end, rocksdb::ReadOptions options = {})
      : begin_(std::move(begin)), end_(std::move(end)), lower_bound_(begin_), upper_bound_(end_) {
    if (!begin_.empty()) options.iterate_lower_bound = &lower_bound_;
    if (!end_.empty()) options.iterate_upper_bound = &upper_bound_;
    it_.reset(from.db().NewIterator(options, family));
  }

  scan(const scan&) = delete;  // its iterator points to its bounds
  scan& operator=(const scan&) = delete;

  void seek(const std::string& key) { it_->Seek(key); }
  void seek_last() { it_->SeekToLast(); }
  void next() { it_->Next(); }
  void previous() { it_->Prev(); }
  bool is_at_record() const { return it_->Valid(); }
  std::string_view key() const { return view(it_->key()); }
  std::string_view value() const { return view(it_->value()); }
  rocksdb::Status failure() const { return it_->status(); }

 private:
  const std::string begin_, end_;
  const rocksdb::Slice lower_bound_, upper_bound_;
  std::unique_ptr<rocksdb::Iterator> it_;
};

topic_offset offset_of_message_key(std::string_view key) {
  return topic_offset{read_unsigned(key.substr(key.size() - 8))};
}

// The first sound message at `first` or behind it; nullopt when there is none.
result<std::optional<message_record>> next_sound(scan& messages, const std::string& topic,
                                                 std::uint32_t partition, topic_offset first) {
  for (messages.seek(message_key(topic, partition, first)); messages.is_at_record();
       messages.next()) {
    auto decoded = decode_message(messages.key(), messages.value());
    if (decoded) return std::optional{*std::move(decoded)};
  }
  if (auto s = messages.failure(); !s.ok()) {
    return read_failure(s, place_of_message(topic, partition, first));
  }
  return std::optional<message_record>{};
}

}  // namespace

// ----------------------------------------------------------------------------------------- topics

result<std::vector<stored_message>> read_messages(const rocksdb_database& from,
                                                  const std::string& topic, std::uint32_t partition,
                                                  topic_offset first, topic_offset end,
                                                  std::size_t bytes_max) {
  auto begin = message_key(topic, partition, first);
  scan messages(from, from.topics(), begin, message_key(topic, partition, end));
  std::vector<stored_message> page;
  std::size_t bytes = 0;
  auto next = first;
  status failure;
  for (messages.seek(begin); messages.is_at_record(); messages.next(), next = next + 1) {
    auto offset = offset_of_message_key(messages.key());
    if (offset != next) {
      failure = {status_code::data_loss, place_of_message(topic, partition, next) +
                                             ": the record is missing; the next is offset " +
                                             std::to_string(value(offset))};
      break;
    }
    auto decoded = decode_message(messages.key(), messages.value());
    if (!decoded) {
      failure = at(place_of_message(topic, partition, next), decoded.error());
      break;
    }
    bytes += bytes_of(decoded->what.message);
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back(std::move(decoded->what));
  }
  if (auto s = messages.failure(); !s.ok()) {
    failure = read_failure(s, place_of_message(topic, partition, next));
  }
  if (!failure.ok() && page.empty()) return failure;
  return page;
}

result<topic_offset> read_offset_at(const rocksdb_database& from, const std::string& topic,
                                    std::uint32_t partition, topic_bounds bounds, timestamp time) {
  scan messages(from, from.topics(), message_key(topic, partition, bounds.first),
                message_key(topic, partition, bounds.end));
  auto [low, high] = bounds;
  while (low < high) {
    auto middle = low + (value(high) - value(low)) / 2;
    auto found = next_sound(messages, topic, partition, middle);
    if (!found) return found.error();
    bool is_before = *found && (*found)->what.time < time;
    if (is_before) {
      low = (*found)->what.offset + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

result<std::uint64_t> read_bytes_before(const rocksdb_database& from, const std::string& topic,
                                        std::uint32_t partition, topic_offset at, topic_end end) {
  if (at >= end.next) return end.bytes;
  scan messages(from, from.topics(), message_key(topic, partition, at),
                message_key(topic, partition, end.next));
  auto found = next_sound(messages, topic, partition, at);
  if (!found) return found.error();
  return *found ? (*found)->bytes_before : end.bytes;
}

namespace {

result<std::optional<trimmed_record>> read_trimmed(const rocksdb_database& from,
                                                   const rocksdb::ReadOptions& options,
                                                   const topic_place& of) {
  auto key = partition_prefix(of.topic, of.partition);
  auto place = [&] {
    return "topic \"" + of.topic + "\", what was trimmed of partition " +
           std::to_string(of.partition) + " (column family topics)";
  };
  rocksdb::PinnableSlice value;
  auto s = from.db().Get(options, from.topics(), key, &value);
  if (s.IsNotFound()) return std::optional<trimmed_record>{};
  if (!s.ok()) return read_failure(s, place());
  auto decoded = decode_trimmed(key, view(value));
  if (!decoded) return at(place(), decoded.error());
  return std::optional{*decoded};
}

// The last message that is sound has the sum of bytes before it; of those behind it the size is
// known. When what was trimmed is damaged, the first message that is there tells as much.
result<topic_partition> read_partition(const rocksdb_database& from,
                                       const rocksdb::ReadOptions& options, const topic_place& of) {
  auto begin = message_key(of.topic, of.partition, topic_offset{0});
  scan messages(from, from.topics(), begin, message_key(of.topic, of.partition, last_offset),
                options);
  topic_partition partition;
  auto trimmed = read_trimmed(from, options, of);
  if (trimmed && *trimmed) {
    partition = {(*trimmed)->first, {(*trimmed)->first, (*trimmed)->bytes_before}};
  } else if (!trimmed) {
    messages.seek(begin);
    if (!messages.is_at_record()) return trimmed.error();
    log_error(trimmed.error().message());
    partition.first = offset_of_message_key(messages.key());
  }
  std::uint64_t bytes = 0;
  for (messages.seek_last(); messages.is_at_record(); messages.previous()) {
    partition.end.next = std::max(partition.end.next, offset_of_message_key(messages.key()) + 1);
    if (auto decoded = decode_message(messages.key(), messages.value())) {
      partition.end.bytes = decoded->bytes_before + bytes_of(decoded->what.message);
      break;
    }
    bytes += messages.value().size();
  }
  partition.end.bytes += bytes;
  if (auto s = messages.failure(); !s.ok()) {
    return read_failure(s, place_of_message(of.topic, of.partition, partition.end.next));
  }
  return partition;
}

}  // namespace

// As of one moment: of a partition that is trimmed meanwhile neither its messages nor where it goes
// on might be seen.
result<topic_partitions> read_all_topics(const rocksdb_database& from) {
  rocksdb::ManagedSnapshot moment(&from.db());
  rocksdb::ReadOptions options;
  options.snapshot = moment.snapshot();
  topic_partitions all;
  scan records(from, from.topics(), {}, {}, options);
  records.seek({});
  while (records.is_at_record()) {
    auto place = place_of_topic_key(records.key());
    if (!place || place->partition >= from.store().shard_count) return damaged_key("topics");
    auto partition = read_partition(from, options, *place);
    if (!partition) return partition.error();
    auto& partitions = all[place->topic];
    partitions.resize(from.store().shard_count);
    partitions[place->partition] = *partition;
    records.seek(partition_prefix(place->topic, place->partition + 1));
  }
  if (auto s = records.failure(); !s.ok()) return read_failure(s, "column family topics");
  return all;
}

// ---------------------------------------------------------------------------------------- readers

namespace {

// Adds the names in front of all keys of a column family.
status add_readers(const rocksdb_database& from, rocksdb::ColumnFamilyHandle* family,
                   const char* family_name, std::set<std::string>& names) {
  scan records(from, family, {}, {});
  records.seek({});
  while (records.is_at_record()) {
    auto key = records.key();
    auto name = take_text(key);
    if (!name) return damaged_key(family_name);
    records.seek(behind_text(reader_prefix(*name)));
    names.insert(*std::move(name));
  }
  auto s = records.failure();
  return s.ok() ? status() : read_failure(s, std::string("column family ") + family_name);
}

// What can still be told of a held message whose record is damaged: it stays where it is, and keeps
// those behind it from overtaking it, until somebody looks at it.
held_message damaged_message(const held_place& place, const status& why) {
  held_message held;
  held.what.message.key = place.key;
  held.attempts = 1;
  held.retry_at = timestamp::max();
  held.error = to_string(at(place_of_held(place), why));
  return held;
}

// A record that is one number; nullopt when it is not there.
template <class Place>
result<std::optional<std::uint64_t>> read_number(const rocksdb_database& from,
                                                 rocksdb::ColumnFamilyHandle* family,
                                                 record_kind kind, const std::string& key,
                                                 Place place) {
  rocksdb::PinnableSlice value;
  auto s = from.db().Get(rocksdb::ReadOptions(), family, key, &value);
  if (s.IsNotFound()) return std::optional<std::uint64_t>{};
  if (!s.ok()) return read_failure(s, place());
  auto n = decode_number(kind, key, view(value));
  if (!n) return at(place(), n.error());
  return std::optional{*n};
}

}  // namespace

result<std::vector<std::string>> read_readers(const rocksdb_database& from) {
  std::set<std::string> names;
  if (auto s = add_readers(from, from.readers(), "readers", names); !s.ok()) return s;
  if (auto s = add_readers(from, from.held(), "held", names); !s.ok()) return s;
  return std::vector<std::string>(names.begin(), names.end());
}

result<std::vector<cursor>> read_cursors(const rocksdb_database& from, const std::string& reader) {
  auto begin = cursor_key(reader, 0);
  scan records(from, from.readers(), begin, behind_text(reader_prefix(reader)));
  std::vector<cursor> cursors;
  for (records.seek(begin); records.is_at_record(); records.next()) {
    auto place = place_of_reader_key(records.key());
    if (!place || !place->partition) return damaged_key("readers");
    auto next = decode_number(record_kind::cursor, records.key(), records.value());
    if (!next) return at(place_of_reader(*place), next.error());
    cursors.push_back({*place->partition, topic_offset{*next}});
  }
  if (auto s = records.failure(); !s.ok()) return read_failure(s, place_of_reader({reader, {}}));
  return cursors;
}

result<topic_offset> read_cursor(const rocksdb_database& from, const std::string& key_in_readers) {
  auto n = read_number(from, from.readers(), record_kind::cursor, key_in_readers,
                       [&] { return place_of_reader(*place_of_reader_key(key_in_readers)); });
  if (!n) return n.error();
  return topic_offset{n->value_or(0)};
}

result<bool> read_is_paused(const rocksdb_database& from, const std::string& reader) {
  auto n = read_number(from, from.readers(), record_kind::pause, reader_prefix(reader), [&] {
    return place_of_reader({reader, {}});
  });
  if (!n) return n.error();
  return n->has_value();
}

result<std::optional<std::uint64_t>> read_last_seen(const rocksdb_database& from,
                                                    const seen_subject& what) {
  return read_number(from, from.seen(), record_kind::seen, seen_key(what), [&] {
    return "reader \"" + what.reader + "\", subject \"" + what.subject + "\" (column family seen)";
  });
}

result<std::vector<stored_held_message>> read_held(const rocksdb_database& from,
                                                   const std::string& reader,
                                                   const std::optional<held_place>& after,
                                                   std::size_t bytes_max) {
  auto prefix = reader_prefix(reader);
  // Nothing stands between a key and itself with one more byte.
  auto begin = after ? held_key(*after) + '\0' : prefix;
  scan records(from, from.held(), begin, behind_text(prefix));
  std::vector<stored_held_message> page;
  std::size_t bytes = 0;
  for (records.seek(begin); records.is_at_record(); records.next()) {
    auto place = place_of_held_key(records.key());
    if (!place) return damaged_key("held");
    auto decoded = decode_held(records.key(), records.value());
    if (!decoded && decoded.error().code() != status_code::data_loss) {
      return at(place_of_held(*place), decoded.error());
    }
    auto what = decoded ? *std::move(decoded) : damaged_message(*place, decoded.error());
    bytes += bytes_of(what.what.message) + what.error.size();
    if (!page.empty() && bytes > bytes_max) break;
    page.push_back({*std::move(place), std::move(what)});
  }
  if (auto s = records.failure(); !s.ok()) return read_failure(s, place_of_reader({reader, {}}));
  return page;
}

}  // namespace perdure::persistence
