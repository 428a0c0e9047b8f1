#pragma once

#include <vector>

#include "apps/runtime/host.hpp"
#include "apps/runtime/settings.hpp"
#include "perdure/module.hpp"

namespace perdure::runtime {

// The life of a process: starts the host, prints its addresses and "ready", waits for SIGTERM or
// SIGINT, stops. Returns the exit code: 0 after a graceful stop, 1 with the reason on stderr.
int serve(const std::vector<const module_v1*>& modules, const settings& with,
          const store_opener& open_store = open_rocksdb,
          const key_value_opener& open_key_values = open_redis);

}  // namespace perdure::runtime
