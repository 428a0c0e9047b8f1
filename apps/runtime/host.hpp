#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/runtime/redis_store.hpp"
#include "apps/runtime/settings.hpp"
#include "base/clock.hpp"
#include "perdure/module.hpp"
#include "perdure/status.hpp"
#include "persistence/topic_store.hpp"

// The composition root: the only place that names adapters and joins the parts of a process.

namespace perdure::runtime {

// Opens the store of a process; the clock outlives it. What fails, fails the start.
using store_opener = std::function<result<std::unique_ptr<persistence::topic_store>>(
    const settings& with, const perdure::clock& clock)>;

// The one on RocksDB, in the folder `with.data`.
result<std::unique_ptr<persistence::topic_store>> open_rocksdb(const settings& with,
                                                               const perdure::clock& clock);

// Opens the one of key-value entities, where the settings say that it is another.
using key_value_opener = std::function<result<key_value_store>(
    const settings& with, const perdure::clock& clock, std::uint32_t shard_count)>;

// A running process: its store, its entities, its ports.
class host {
 public:
  // Opens the store and serves these modules. Returns once all ports are open.
  //   INVALID_ARGUMENT     what the modules ask for cannot be served: an entity type twice, a wrong
  //                        HTTP mapping
  //   FAILED_PRECONDITION  the data folder is in use or unusable, or Redis is not one to be used
  //   UNAVAILABLE          a port is taken, or a store cannot be read now
  static result<std::unique_ptr<host>> start(const std::vector<const module_v1*>& modules,
                                             const settings& with,
                                             const store_opener& open_store = open_rocksdb,
                                             const key_value_opener& open_key_values = open_redis);

  // As stop().
  ~host();

  // "grpc 127.0.0.1:9000" and so on, a line per port.
  std::string addresses() const;

  // Accepts nothing new, answers what was accepted, closes the store. False when something was
  // still unanswered after drain_max; the process should then end without further ado. Returns
  // later than that only where a handler holds a thread of a gateway: when the handler returns.
  bool stop();

 private:
  class parts;
  explicit host(std::unique_ptr<parts> running);
  std::unique_ptr<parts> running_;
};

}  // namespace perdure::runtime
