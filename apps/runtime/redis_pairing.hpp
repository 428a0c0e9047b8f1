#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "perdure/status.hpp"

// Which store in a Redis keeps the key-value entities of a data folder. Mail to them stands in the
// folder, and what of it they have handled in Redis: either with another one would take new mail
// for mail that was handled. So the folder has a file that names the store:
//
//   REDIS.perdure    the id of the store, or "new" and the id while the store is being created
//
// Both are for the process that has the folder open.

namespace perdure::runtime {

struct redis_pairing {
  std::string id;       // as redis_step_store::settings::id
  bool is_new = false;  // whether the store was there has not been seen yet
};

// nullopt when no Redis has been used with the folder.
//   UNAVAILABLE  the file cannot be read
//   DATA_LOSS    it is none of ours
result<std::optional<redis_pairing>> read_redis_pairing(const std::filesystem::path& data);

// Durable once it returns OK. UNAVAILABLE otherwise; then the file is as it was.
status write_redis_pairing(const std::filesystem::path& data, const redis_pairing& what);

}  // namespace perdure::runtime
