// What is read from Redis, and how damage is noticed: by checksum, by an entry that must be there,
// by a number that must follow the one before.

#include "persistence/redis_reads.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <utility>

namespace perdure::persistence {
namespace {

namespace records = redis_records;

// Events fetched from a log at a time while a history is read.
constexpr std::size_t events_per_fetch = 64;

// Entries of a stream fetched first, since it is not known how large they are, and at most.
constexpr std::size_t entries_first = 8;
constexpr std::size_t entries_max = 512;

std::string place(const std::string& key) { return "Redis key " + printable(key); }

std::string place_in(const std::string& stream, std::uint64_t offset) {
  return place(stream) + ", offset " + std::to_string(offset);
}

status damaged(const std::string& place, const std::string& what) {
  return {status_code::data_loss, place + ": " + what};
}

status at(const std::string& place, const status& what) {
  return {what.code(), place + ": " + what.message()};
}

status refused(const std::string& key, const redis_value& error) {
  if (has_code(error, "WRONGTYPE")) return damaged(place(key), "other data stands there");
  return {status_code::unavailable, status_of_error("reading", error).message()};
}

// The answer to a command that reads `key`, an error of Redis' being an error here too.
result<redis_reply> receive(redis_connection& redis, redis_socket::time_point until,
                            const std::string& key) {
  auto answer = redis.receive(until);
  if (answer && answer->is_error()) return refused(key, *answer);
  return answer;
}

result<redis_reply> ask(redis_connection& redis, const std::string& key,
                        std::initializer_list<std::string_view> command) {
  redis.add(command);
  auto until = redis.deadline();
  if (auto sent = redis.send(until); !sent.ok()) return sent;
  return receive(redis, until, key);
}

// ---------------------------------------------------------------------------------------- history

// Appends the events of `entity` from `first` on that stand in the log where `offsets` say.
status fetch_events(redis_connection& redis, const redis_keys& keys, const entity_key& entity,
                    sequence_nr first, const redis_value& offsets, std::size_t begin,
                    std::size_t end, std::vector<stored_event>& events) {
  auto events_key = keys.events(entity);
  std::vector<std::uint64_t> places;
  for (auto i = begin; i < end; ++i) {
    auto offset = offsets[i].number();
    if (!offset) return damaged(place(events_key), "an entry is no number");
    places.push_back(*offset);
    auto id = redis_stream_id(*offset + 1);
    redis.add({"XRANGE", keys.log(), id, id});
  }
  auto until = redis.deadline();
  if (auto sent = redis.send(until); !sent.ok()) return sent;
  status failure;
  for (std::size_t i = 0; i < places.size(); ++i) {
    auto answer = receive(redis, until, keys.log());
    if (redis.is_lost()) return answer.error();
    if (!failure.ok()) continue;  // the other answers have to be taken all the same
    if (!answer) {
      failure = answer.error();
      continue;
    }
    auto in_log = place_in(keys.log(), places[i]);
    auto decoded =
        answer->size() == 0
            ? result<records::event_record>(status(status_code::data_loss, "the entry is missing"))
            : records::decode_event(keys.log(), (*answer)[0][1][1].text());
    if (!decoded) {
      failure = at(in_log, decoded.error());
      continue;
    }
    auto& event = decoded->event;
    auto sequence = first + (begin + i);
    if (event.entity != entity || event.sequence != sequence) {
      failure = damaged(place(events_key), "event " + std::to_string(value(sequence)) +
                                               " should be at offset " + std::to_string(places[i]) +
                                               ", where " + to_string(event.entity) + ", event " +
                                               std::to_string(value(event.sequence)) + " is");
      continue;
    }
    event.offset = log_offset{places[i]};
    events.push_back(std::move(event));
  }
  return failure;
}

}  // namespace

// An entity's numbers and state are one hash, read at once, and what events it had then never
// changes: so this is the entity as one step left it, also while others are written.
result<history> read_redis_history(redis_connection& redis, const redis_keys& keys,
                                   const entity_key& entity) {
  auto key = keys.entity(entity);
  auto answer = ask(redis, key, {"HMGET", key, "sequence", "handled", "state"});
  if (!answer) return answer.error();
  history loaded;
  if ((*answer)[0].is_nil()) {
    if ((*answer)[2].is_nil()) return loaded;
    return damaged(place(key), "its sequence is missing, though it has a state");
  }
  auto last = (*answer)[0].number();
  auto handled = (*answer)[1].is_nil() ? 0 : (*answer)[1].number();
  if (!last || !handled) return damaged(place(key), "its sequence or handled is no number");
  loaded.handled = mail_position{*handled};
  if (!(*answer)[2].is_nil()) {
    auto state = records::decode_state(key, (*answer)[2].text());
    if (!state) return at(place(key) + ", field state", state.error());
    loaded.snapshot = *std::move(state);
  }
  auto held = loaded.snapshot ? value(loaded.snapshot->sequence) : 0;
  if (held > *last) return damaged(place(key), "its state is of a later event than its last");
  if (held == *last) return loaded;

  auto events_key = keys.events(entity);
  auto offsets = ask(redis, events_key,
                     {"LRANGE", events_key, std::to_string(held), std::to_string(*last - 1)});
  if (!offsets) return offsets.error();
  if (offsets->size() != *last - held) {
    return damaged(place(events_key), "of events " + std::to_string(held + 1) + " to " +
                                          std::to_string(*last) + " it holds " +
                                          std::to_string(offsets->size()));
  }
  for (std::size_t i = 0; i < offsets->size(); i += events_per_fetch) {
    auto end = std::min(offsets->size(), i + events_per_fetch);
    auto fetched =
        fetch_events(redis, keys, entity, sequence_nr{held + 1}, *offsets, i, end, loaded.events);
    if (!fetched.ok()) return fetched;
  }
  return loaded;
}

// ------------------------------------------------------------------------------- single records

result<std::optional<records::reply_record>> read_redis_reply(redis_connection& redis,
                                                              const redis_keys& keys,
                                                              const entity_key& entity,
                                                              const idempotency_key& chosen) {
  auto key = keys.reply(entity, chosen);
  auto answer = ask(redis, key, {"GET", key});
  if (!answer) return answer.error();
  if (answer->is_nil()) return std::optional<records::reply_record>{};
  auto decoded = records::decode_reply(key, answer->text());
  if (!decoded) return at(place(key), decoded.error());
  return std::optional{*std::move(decoded)};
}

result<std::optional<records::outcome_record>> read_redis_outcome(redis_connection& redis,
                                                                  const redis_keys& keys,
                                                                  const entity_key& entity,
                                                                  const std::string& command_id) {
  auto key = keys.outcome(entity, command_id);
  auto answer = ask(redis, key, {"GET", key});
  if (!answer) return answer.error();
  if (answer->is_nil()) return std::optional<records::outcome_record>{};
  auto decoded = records::decode_outcome(key, answer->text());
  if (!decoded) return at(place(key), decoded.error());
  return std::optional{*std::move(decoded)};
}

// ---------------------------------------------------------------------------------------- streams

namespace {

// Reads a stream on, so many entries at a time as are likely to fill what is left of a page.
class stream_pages {
 public:
  stream_pages(redis_connection& redis, const std::string& key, std::size_t bytes_max)
      : redis_(redis), key_(key), bytes_max_(bytes_max) {}

  // The entries from the one with `number` on; an empty array behind the last.
  result<redis_reply> from(std::uint64_t number) {
    auto answer =
        ask(redis_, key_,
            {"XRANGE", key_, redis_stream_id(number), "+", "COUNT", std::to_string(count_)});
    was_last_ = answer && answer->size() < count_;
    return answer;
  }

  // That what from() gave last went to the end of the stream.
  bool was_last() const { return was_last_; }

  // Takes `bytes` of another entry into account: whether it still belongs to the page.
  bool add(std::size_t bytes) {
    bytes_ += bytes;
    ++entries_;
    if (entries_ > 1 && bytes_ > bytes_max_) return false;
    count_ = std::clamp<std::size_t>(
        (bytes_max_ - std::min(bytes_, bytes_max_)) * entries_ / std::max<std::size_t>(bytes_, 1),
        1, entries_max);
    return true;
  }

 private:
  redis_connection& redis_;
  const std::string& key_;
  const std::size_t bytes_max_;
  std::size_t count_ = entries_first;
  bool was_last_ = false;
  std::size_t bytes_ = 0, entries_ = 0;
};

// The number of an entry of a stream, from its id: "258-0".
std::uint64_t number_of(const redis_value& entry) {
  auto id = entry[0].text();
  std::uint64_t number = 0;
  for (char c : id.substr(0, id.find('-'))) {
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

// The states of the key-value entities of which `entries` tell, as they are now.
class current_states {
 public:
  status read(redis_connection& redis, const redis_keys& keys, const redis_value& entries) {
    states_.clear();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      auto decoded = records::decode_event(keys.log(), entries[i][1][1].text());
      if (!decoded || !decoded->is_state || decoded->event.is_deletion()) continue;
      states_.try_emplace(decoded->event.entity, status(status_code::data_loss, "not read"));
    }
    for (const auto& [entity, state] : states_) {
      redis.add({"HGET", keys.entity(entity), "state"});
    }
    if (states_.empty()) return {};
    auto until = redis.deadline();
    if (auto sent = redis.send(until); !sent.ok()) return sent;
    for (auto& [entity, state] : states_) {
      auto key = keys.entity(entity);
      auto answer = receive(redis, until, key);
      if (redis.is_lost()) return answer.error();
      if (!answer) {
        state = answer.error();
      } else if (answer->is_nil()) {
        state = damaged(place(key), "its state is missing");
      } else if (state = records::decode_state(key, answer->text()); !state) {
        state = at(place(key) + ", field state", state.error());
      }
    }
    return {};
  }

  // Puts the state into the event that tells of it, unless a later one has taken its place.
  status resolve(stored_event& event) const {
    const auto& state = states_.at(event.entity);
    if (!state) return state.error();
    event.superseded = state->sequence > event.sequence;
    if (event.superseded) return {};
    if (state->sequence == event.sequence) {
      event.payload = state->payload;
      return {};
    }
    return damaged("Redis, " + to_string(event.entity), "its state is older than its last change");
  }

 private:
  std::map<entity_key, result<stored_snapshot>> states_;
};

}  // namespace

result<std::vector<stored_event>> read_redis_log(redis_connection& redis, const redis_keys& keys,
                                                 log_offset from, std::size_t bytes_max) {
  // Asked first, so that what is added meanwhile does not seem to be missing.
  auto next = ask(redis, keys.shard(), {"HGET", keys.shard(), "next"});
  if (!next) return next.error();
  auto end = next->is_nil() ? 0 : next->number();
  if (!end) return damaged(place(keys.shard()), "its next is no number");

  std::vector<stored_event> page;
  status failure;
  current_states states;
  stream_pages log(redis, keys.log(), bytes_max);
  auto offset = value(from);
  auto is_full = [&] {
    auto entries = log.from(offset + 1);
    if (!entries) {
      failure = entries.error();
      return true;
    }
    if (failure = states.read(redis, keys, *entries); !failure.ok()) return true;
    for (std::size_t i = 0; i < entries->size(); ++i, ++offset) {
      auto entry = (*entries)[i];
      if (number_of(entry) != offset + 1) {
        failure = damaged(place_in(keys.log(), offset), "the entry is missing");
        return true;
      }
      auto decoded = records::decode_event(keys.log(), entry[1][1].text());
      if (!decoded) {
        failure = at(place_in(keys.log(), offset), decoded.error());
        return true;
      }
      auto& event = decoded->event;
      event.offset = log_offset{offset};
      if (decoded->is_state && !event.is_deletion()) failure = states.resolve(event);
      if (!failure.ok() || !log.add(bytes_of(event))) return true;
      page.push_back(std::move(event));
    }
    return log.was_last();
  };
  while (!is_full()) {
  }
  if (page.empty() && failure.ok() && offset < *end) {
    failure = damaged(place_in(keys.log(), offset), "the entry is missing");
  }
  if (redis.is_lost() || (page.empty() && !failure.ok())) return failure;
  return page;
}

namespace {

// Whether the entry `found` may be the next one from `wanted` on: what was in between was trimmed.
status check_outbox_entry(redis_connection& redis, const redis_keys& keys, std::uint64_t wanted,
                          std::uint64_t found) {
  if (found == wanted) return {};
  auto trimmed = ask(redis, keys.shard(), {"HGET", keys.shard(), "trimmed"});
  if (!trimmed) return trimmed.error();
  if (found <= trimmed->number().value_or(0) + 1) return {};
  return damaged(place_in(keys.outbox(), wanted), "the entry is missing");
}

}  // namespace

result<std::vector<outbox_entry>> read_redis_outbox(redis_connection& redis, const redis_keys& keys,
                                                    outbox_offset after, std::size_t bytes_max) {
  std::vector<outbox_entry> page;
  stream_pages outbox(redis, keys.outbox(), bytes_max);
  auto first = value(after) + 1;
  while (true) {
    auto entries = outbox.from(first);
    if (!entries) return entries.error();
    for (std::size_t i = 0; i < entries->size(); ++i) {
      auto entry = (*entries)[i];
      auto number = number_of(entry);
      if (auto follows = check_outbox_entry(redis, keys, first, number); !follows.ok()) {
        if (page.empty() || redis.is_lost()) return follows;
        return page;
      }
      auto decoded = records::decode_outbox(keys.outbox(), entry[1][1].text());
      if (!decoded) {
        if (!page.empty()) return page;
        return at(place_in(keys.outbox(), number), decoded.error());
      }
      if (!outbox.add(bytes_of(decoded->effects))) return page;
      decoded->offset = outbox_offset{number};
      page.push_back(*std::move(decoded));
      first = number + 1;
    }
    if (outbox.was_last()) return page;
  }
}

}  // namespace perdure::persistence
