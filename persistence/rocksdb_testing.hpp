#pragma once

#include <memory>

#include "persistence/rocksdb_step_store.hpp"

// For tests only: a store on another environment, such as a file system that fails on request.

namespace rocksdb {
class Env;
}

namespace perdure::persistence {

// As rocksdb_step_store::open(); `environment` outlives the store.
result<std::unique_ptr<rocksdb_step_store>> open_rocksdb_on(
    rocksdb::Env& environment, const rocksdb_step_store::settings& how);

}  // namespace perdure::persistence
