#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "persistence/redis_connection.hpp"
#include "persistence/redis_durability.hpp"
#include "persistence/redis_keys.hpp"
#include "persistence/redis_records.hpp"

// What is found out and laid claim to on a connection to a Redis before a store writes there. For
// redis_step_store.cpp only.
//
// The texts of all that fails are to be read behind "Redis at <address>: ".

namespace perdure::persistence {

// Who may write: the newest fence. A step names it and stands only where its shard holds the same,
// so that a command of a former connection, or process, that comes late changes nothing.
struct redis_fence {
  std::uint64_t term = 0;  // grows with each time somebody lays claim to the store
  std::string owner;       // of this process' store; another one each time it is opened

  std::string text() const { return std::to_string(term) + "-" + owner; }
};

struct redis_opening {
  redis_records::store_record store;
  redis_fence fence;
  redis_durability durability;
};

// Which store is to be opened.
struct redis_store_choice {
  redis_records::store_record fresh;  // what is created where there is none
  bool must_be_it = false;            // the store that is there must have the id of `fresh`
  bool may_create = true;
};

// Opens the store that is there, or creates one, and fences off whoever had it before.
//   FAILED_PRECONDITION  it is a replica, too old, does not let us, holds other data under our
//                        keys or not the store that was chosen, or was written by a newer Perdure
//   DATA_LOSS            the store record is damaged, or shards are missing
//   UNAVAILABLE          anything else
result<redis_opening> open_redis_data(redis_connection& redis, const redis_store_choice& choice,
                                      const std::string& owner);

// The same for the store that was open `before`, and none but it, with the codes of above.
//   ABORTED  somebody else has opened it in between and may write to it now
result<redis_opening> reopen_redis_data(redis_connection& redis, const redis_opening& before);

}  // namespace perdure::persistence
