// Before a store writes to a Redis: what server it is, whose data it holds, and that nobody else
// writes there. Next: persistence/redis_step_store.cpp.

#include "persistence/redis_opening.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

#include "persistence/redis_scripts.hpp"

namespace perdure::persistence {
namespace {

using redis_records::store_record;

status failed_precondition(std::string text) {
  return {status_code::failed_precondition, std::move(text)};
}

// The term of a shard's fence, "12-..."; 0 where there is none.
std::uint64_t term_of(std::string_view fence) {
  std::uint64_t term = 0;
  std::from_chars(fence.data(), fence.data() + fence.size(), term);
  return term;
}

// The answer to `command`, an error of Redis' being an error here too.
result<redis_reply> ask(redis_connection& redis, std::initializer_list<std::string_view> command) {
  auto answer = redis.call(command);
  if (answer && answer->is_error()) return status_of_error(*command.begin(), *answer);
  return answer;
}

// ------------------------------------------------------------------------------------- the server

// A replica would take reads that are stale, and no writes. Where we may not ask, the first write
// tells.
status check_role(redis_connection& redis) {
  auto answer = redis.call({"ROLE"});
  if (!answer) return answer.error();
  if ((*answer)[0].text() != "slave") return {};
  return failed_precondition("it is a read-only replica of " + std::string((*answer)[1].text()) +
                             ":" + std::to_string((*answer)[2].integer()) + "; name that one");
}

// 6.2 is the first that can trim a stream by the ids of its entries.
status check_version(redis_connection& redis) {
  auto answer = redis.call({"INFO", "server"});
  if (!answer) return answer.error();
  static constexpr std::string_view name = "redis_version:";
  auto text = answer->text();
  auto at = text.find(name);
  if (at == std::string_view::npos) return {};
  text = text.substr(at + name.size());
  text = text.substr(0, text.find_first_of("\r\n"));
  int major = 0, minor = 0;
  if (std::sscanf(std::string(text).c_str(), "%d.%d", &major, &minor) != 2) return {};
  if (major > 6 || (major == 6 && minor >= 2)) return {};
  return failed_precondition("it is version " + std::string(text) + "; 6.2 or later is needed");
}

result<std::string> setting(redis_connection& redis, std::string_view name) {
  auto answer = redis.call({"CONFIG", "GET", name});
  if (!answer) return answer.error();
  return std::string((*answer)[1].text());  // empty where we may not ask
}

result<redis_durability> read_durability(redis_connection& redis) {
  std::array<std::string, 3> found;
  std::size_t i = 0;
  for (auto name : {"appendonly", "appendfsync", "maxmemory-policy"}) {
    auto value = setting(redis, name);
    if (!value) return value.error();
    found[i++] = *std::move(value);
  }
  const auto& [appendonly, appendfsync, policy] = found;
  using enum redis_durability::level;
  if (appendonly.empty() || appendfsync.empty() || policy.empty()) {
    return redis_durability{unknown,
                            "it does not tell how it keeps its data (CONFIG GET is refused); only "
                            "with appendonly yes, appendfsync always and maxmemory-policy "
                            "noeviction is nothing lost that was acknowledged"};
  }
  std::string loses;
  if (appendonly != "yes") {
    loses = "it has appendonly " + appendonly +
            ", so a crash loses what it has not saved; set "
            "appendonly yes and appendfsync always";
  } else if (appendfsync != "always") {
    loses = "it has appendfsync " + appendfsync +
            ", so a power cut loses what was acknowledged "
            "last; set appendfsync always";
  }
  if (policy != "noeviction") {
    if (!loses.empty()) loses += ". ";
    loses += "It has maxmemory-policy " + policy +
             ", so it drops what it holds when its memory is "
             "full; set maxmemory-policy noeviction";
  }
  return redis_durability{loses.empty() ? promised : weaker, std::move(loses)};
}

// --------------------------------------------------------------------------------------- the data

// The store record; nullopt when there is none.
result<std::optional<store_record>> read_store(redis_connection& redis) {
  auto foreign = [](const std::string& what) {
    return failed_precondition("it holds other data under our key " + std::string(redis_store_key) +
                               " (" + what + "); choose another Redis or another database of it");
  };
  auto answer = redis.call({"GET", redis_store_key});
  if (!answer) return answer.error();
  if (answer->is_error()) {
    if (has_code(*answer, "WRONGTYPE")) return foreign("no string");
    return status_of_error("GET", *answer);
  }
  if (answer->is_nil()) return std::optional<store_record>{};
  if (!redis_records::is_store(answer->text())) return foreign("no store record");
  auto decoded = redis_records::decode_store(answer->text());
  if (!decoded) {
    return status(decoded.error().code(),
                  std::string(redis_store_key) + ": " + decoded.error().message());
  }
  return std::optional{*std::move(decoded)};
}

// That our keys of all shards are of our types; of a store that is still to be created, that none
// is there.
status check_shards(redis_connection& redis, const std::vector<redis_keys>& shards, bool is_new) {
  struct expected {
    const std::string& key;
    std::string_view type;
  };
  auto of = [](const redis_keys& keys) {
    return std::array<expected, 3>{
        expected{keys.shard(), "hash"}, {keys.log(), "stream"}, {keys.outbox(), "stream"}};
  };
  for (const auto& keys : shards) {
    for (const auto& [key, type] : of(keys)) redis.add({"TYPE", key});
  }
  auto until = redis.deadline();
  if (auto sent = redis.send(until); !sent.ok()) return sent;
  status checked;
  for (const auto& keys : shards) {
    bool has_shard = false;
    for (const auto& [key, type] : of(keys)) {
      auto answer = redis.receive(until);
      if (!answer) return answer.error();
      if (!checked.ok()) continue;  // the other answers have to be taken all the same
      auto found = answer->text();
      if (answer->is_error()) {
        checked = status_of_error("TYPE", *answer);
      } else if (is_new ? found != "none" : found != "none" && found != type) {
        checked = failed_precondition("it holds other data under our key " + key + " (a " +
                                      std::string(found) +
                                      "); choose another Redis or another database of it");
      } else if (&key == &keys.shard()) {
        has_shard = found != "none";
      } else if (found != "none" && !has_shard) {
        checked = {status_code::data_loss,
                   keys.shard() + " is missing, though " + key + " is there; restore a backup"};
      }
    }
  }
  return checked;
}

// Nothing is claimed of a store that is not the chosen one: who has it goes on.
status check_choice(const std::optional<store_record>& found, const redis_store_choice& choice) {
  if (found && choice.must_be_it && found->id != choice.fresh.id) {
    return failed_precondition(
        "it holds the store of another data folder; choose the Redis of this data folder, or the "
        "data folder of this Redis");
  }
  if (!found && !choice.may_create) {
    return failed_precondition(
        "it holds no store, though one has to be there: it is another Redis, or has lost its "
        "data; give it back its data");
  }
  return {};
}

result<store_record> open_store(redis_connection& redis, const redis_store_choice& choice) {
  const auto& fresh = choice.fresh;
  auto found = read_store(redis);
  if (!found) return found.error();
  if (auto chosen = check_choice(*found, choice); !chosen.ok()) return chosen;
  auto shards = redis_keys_of(*found ? (*found)->shard_count : fresh.shard_count);
  if (auto checked = check_shards(redis, shards, !*found); !checked.ok()) return checked;
  if (*found) return **found;
  auto created = ask(redis, {"SET", redis_store_key, redis_records::encode_store(fresh), "NX"});
  if (!created) return created.error();
  found = read_store(redis);
  if (!found) return found.error();
  if (*found && (*found)->id == fresh.id) return fresh;
  return status(status_code::unavailable, "somebody else is creating a store there; try again");
}

// --------------------------------------------------------------------------------------- fencing

// The highest term of any shard.
result<std::uint64_t> read_last_term(redis_connection& redis,
                                     const std::vector<redis_keys>& shards) {
  for (const auto& keys : shards) redis.add({"HGET", keys.shard(), "fence"});
  auto until = redis.deadline();
  if (auto sent = redis.send(until); !sent.ok()) return sent;
  std::uint64_t last = 0;
  status failure;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    auto answer = redis.receive(until);
    if (!answer) return answer.error();
    if (answer->is_error()) failure = status_of_error("HGET", *answer);
    last = std::max(last, term_of(answer->text()));
  }
  if (!failure.ok()) return failure;
  return last;
}

// ABORTED when somebody else has a shard with a later term than `replaced`.
status take_fence(redis_connection& redis, const std::vector<redis_keys>& shards,
                  const redis_fence& fence, std::uint64_t replaced) {
  auto term = std::to_string(fence.term);
  auto last = std::to_string(replaced);
  for (const auto& keys : shards) {
    redis.add({"EVAL", redis_scripts::fence, "1", keys.shard(), term, fence.owner, last});
  }
  auto until = redis.deadline();
  if (auto sent = redis.send(until); !sent.ok()) return sent;
  status taken;
  for (const auto& keys : shards) {
    auto answer = redis.receive(until);
    if (!answer) return answer.error();
    if (answer->is_error()) {
      taken = status_of_error(keys.shard(), *answer);
    } else if (answer->integer() != 0 && taken.ok()) {
      taken = {status_code::aborted, "another process has opened the store and writes to it now (" +
                                         keys.shard() +
                                         "); stop one of the two, then start this one again"};
    }
  }
  return taken;
}

}  // namespace

result<redis_opening> open_redis_data(redis_connection& redis, const redis_store_choice& choice,
                                      const std::string& owner) {
  if (auto checked = check_role(redis); !checked.ok()) return checked;
  if (auto checked = check_version(redis); !checked.ok()) return checked;
  auto durability = read_durability(redis);
  if (!durability) return durability.error();
  auto store = open_store(redis, choice);
  if (!store) return store.error();
  auto shards = redis_keys_of(store->shard_count);
  auto last = read_last_term(redis, shards);
  if (!last) return last.error();
  redis_fence fence{*last + 1, owner};
  auto taken = take_fence(redis, shards, fence, *last);
  if (taken.code() == status_code::aborted) {
    return status(status_code::unavailable, "another process is opening the store; try again");
  }
  if (!taken.ok()) return taken;
  return redis_opening{*std::move(store), std::move(fence), *std::move(durability)};
}

result<redis_opening> reopen_redis_data(redis_connection& redis, const redis_opening& before) {
  if (auto checked = check_role(redis); !checked.ok()) return checked;
  auto durability = read_durability(redis);
  if (!durability) return durability.error();
  auto store = read_store(redis);
  if (!store) return store.error();
  if (*store != before.store) {
    return status(status_code::unavailable,
                  *store ? "it holds another store than before; give it back its data"
                         : "the store is gone; give it back its data, or restart to begin anew");
  }
  auto shards = redis_keys_of(before.store.shard_count);
  if (auto checked = check_shards(redis, shards, false); !checked.ok()) return checked;
  redis_fence fence{before.fence.term + 1, before.fence.owner};
  if (auto taken = take_fence(redis, shards, fence, before.fence.term); !taken.ok()) return taken;
  return redis_opening{before.store, std::move(fence), *std::move(durability)};
}

}  // namespace perdure::persistence
