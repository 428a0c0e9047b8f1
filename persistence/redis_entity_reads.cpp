// Which entities there are: the first events in the logs of the shards, one after the other, and
// what the entities' own keys say today.

#include "persistence/redis_entity_reads.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "persistence/redis_records.hpp"

namespace perdure::persistence {
namespace {

namespace records = redis_records;

// Entries of a log that are read for one page.
constexpr std::size_t entries_per_page = 256;

std::string place_in(const std::string& log, std::uint64_t offset) {
  return "Redis key " + printable(log) + ", offset " + std::to_string(offset) + ": ";
}

status refused(const std::string& key, const redis_value& error) {
  return {status_code::unavailable, status_of_error("reading " + printable(key), error).message()};
}

// The number of an entry of a stream, from its id: "258-0".
std::uint64_t number_of(const redis_value& entry) {
  auto id = entry[0].text();
  std::uint64_t number = 0;
  std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

// What an entity's hash and list say of it: "HMGET <entity> sequence state", "LLEN <events>".
entity_summary told(const entity_key& entity, const std::string& key, const redis_value& fields,
                    const redis_value& events) {
  entity_summary made{.entity = entity};
  auto place = "Redis key " + printable(key) + ": ";
  if (fields.is_error() || events.is_error()) {
    made.problem = place + "other data stands there";
    return made;
  }
  auto sequence = fields[0].number();
  if (!sequence) {
    made.problem = place + "its sequence is missing, or no number";
    return made;
  }
  made.sequence = sequence_nr{*sequence};
  made.is_key_value = events.integer() == 0;
  if (fields[1].is_nil()) return made;
  auto state = records::decode_state(key, fields[1].text());
  if (!state) {
    made.problem = "Redis key " + printable(key) + ", field state: " + state.error().message();
    return made;
  }
  made.is_deleted = state->is_deletion() && state->sequence == made.sequence;
  return made;
}

// Completes those of a page that have no problem yet.
status complete(redis_connection& redis, const redis_keys& keys,
                std::vector<entity_summary>& entities) {
  for (const auto& one : entities) {
    if (!one.problem.empty()) continue;
    redis.add({"HMGET", keys.entity(one.entity), "sequence", "state"});
    redis.add({"LLEN", keys.events(one.entity)});
  }
  auto until = redis.deadline();
  if (auto sent = redis.send(until); !sent.ok()) return sent;
  for (auto& one : entities) {
    if (!one.problem.empty()) continue;
    auto fields = redis.receive(until);
    if (!fields) return fields.error();
    auto events = redis.receive(until);
    if (!events) return events.error();
    one = told(one.entity, keys.entity(one.entity), *fields, *events);
  }
  return {};
}

// The entities whose first event is among `entries`, which should begin at `offset`; gives where it
// went on to.
std::uint64_t take_first_events(const redis_value& entries, const std::string& log,
                                std::uint64_t offset, const std::string& type, std::size_t max,
                                std::vector<entity_summary>& entities) {
  auto add_problem = [&](std::string_view what) {
    entities.push_back({.entity = {}, .problem = place_in(log, offset).append(what)});
  };
  for (std::size_t i = 0; i < entries.size() && entities.size() < max; ++i) {
    auto found = number_of(entries[i]) - 1;
    if (found != offset) {
      add_problem("the entry is missing");
      offset = found;
      if (entities.size() == max) return offset;
    }
    auto decoded = records::decode_event(log, entries[i][1][1].text());
    if (!decoded) {
      add_problem(decoded.error().message());
    } else if (decoded->event.sequence == sequence_nr{1} &&
               (type.empty() || decoded->event.entity.type == type)) {
      entities.push_back({.entity = std::move(decoded->event.entity)});
    }
    ++offset;
  }
  return offset;
}

}  // namespace

result<entity_page> read_redis_entities(redis_connection& redis, const redis_keys& keys,
                                        std::uint32_t shard_count, const std::string& type,
                                        const entity_place& from, std::size_t max) {
  auto entries = redis.call({"XRANGE", keys.log(), redis_stream_id(value(from.offset) + 1), "+",
                             "COUNT", std::to_string(entries_per_page)});
  if (!entries) return entries.error();
  if (entries->is_error()) return refused(keys.log(), *entries);
  entity_page page;
  auto begin = value(from.offset);
  auto end = take_first_events(*entries, keys.log(), begin, type, max, page.entities);
  if (auto completed = complete(redis, keys, page.entities); !completed.ok()) return completed;
  bool is_shard_done = entries->size() < entries_per_page &&
                       (entries->size() == 0 || end == number_of((*entries)[entries->size() - 1]));
  if (!is_shard_done) {
    page.next = entity_place{.behind = {}, .shard = from.shard, .offset = log_offset{end}};
  } else if (value(from.shard) + 1 < shard_count) {
    page.next = entity_place{.behind = {}, .shard = shard_id{value(from.shard) + 1}};
  }
  return page;
}

result<entity_page> read_redis_entity(redis_connection& redis, const redis_keys& keys,
                                      const entity_key& entity) {
  auto fields = redis.call({"HMGET", keys.entity(entity), "sequence", "state"});
  if (!fields) return fields.error();
  entity_page page;
  if (!fields->is_error() && (*fields)[0].is_nil() && (*fields)[1].is_nil()) return page;
  page.entities.push_back({.entity = entity});
  if (auto completed = complete(redis, keys, page.entities); !completed.ok()) return completed;
  return page;
}

}  // namespace perdure::persistence
