#pragma once

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <memory>

#include "persistence/memory_step_store.hpp"
#include "persistence/rocksdb_step_store.hpp"
#include "test/persistence/redis_server.hpp"
#include "test/persistence/samples.hpp"

// What the contract suites run on: each adapter with a new store of `shards` shards that keeps
// idempotency records for `retention`.

namespace perdure::test {

inline constexpr std::uint32_t shards = 4;
inline constexpr auto retention = std::chrono::milliseconds(std::chrono::hours(24));

struct memory_store {
  persistence::memory_step_store store{shards, retention};
  persistence::memory_step_store& operator*() { return store; }
};

struct rocksdb_store {
  temporary_folder folder;
  manual_clock clock;
  std::unique_ptr<persistence::rocksdb_step_store> store = [this] {
    auto opened = persistence::rocksdb_step_store::open({.folder = folder.path(),
                                                         .clock = clock,
                                                         .shard_count = shards,
                                                         .idempotency_retention = retention});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    return *std::move(opened);
  }();
  persistence::rocksdb_step_store& operator*() { return *store; }
};

using step_store_adapters = boost::mpl::list<memory_store, rocksdb_store, redis_store>;
using mail_store_adapters = boost::mpl::list<memory_store, rocksdb_store>;

}  // namespace perdure::test
