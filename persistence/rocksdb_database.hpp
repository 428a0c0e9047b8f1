#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"
#include "persistence/rocksdb_records.hpp"

// An open RocksDB with Perdure's column families and options. For persistence/rocksdb_*.cpp only:
// this header is heavy.

namespace perdure::persistence {

class rocksdb_database {
 public:
  struct settings {
    std::filesystem::path folder;
    // What a store that is not there yet is created with; or that of a store that must be there.
    store_record store;
    bool must_exist = false;
    // What may be forgotten of the column families replies and commands; used by background
    // threads.
    std::shared_ptr<rocksdb::CompactionFilter> replies_filter;
    std::shared_ptr<rocksdb::CompactionFilter> commands_filter;
    rocksdb::Env* environment;
  };

  // Codes as for rocksdb_step_store::open().
  static result<std::unique_ptr<rocksdb_database>> open(const settings& how);
  ~rocksdb_database();  // writes sorted files, so that the next open() is quick

  rocksdb::DB& db() const { return *db_; }
  const store_record& store() const { return store_; }

  rocksdb::ColumnFamilyHandle* log() const { return families_[1]; }
  rocksdb::ColumnFamilyHandle* index() const { return families_[2]; }
  rocksdb::ColumnFamilyHandle* snapshot() const { return families_[3]; }
  rocksdb::ColumnFamilyHandle* replies() const { return families_[4]; }
  rocksdb::ColumnFamilyHandle* mailbox() const { return families_[5]; }
  rocksdb::ColumnFamilyHandle* timers() const { return families_[6]; }
  rocksdb::ColumnFamilyHandle* due() const { return families_[7]; }
  rocksdb::ColumnFamilyHandle* commands() const { return families_[8]; }
  rocksdb::ColumnFamilyHandle* deleted() const { return families_[9]; }
  rocksdb::ColumnFamilyHandle* topics() const { return families_[10]; }
  rocksdb::ColumnFamilyHandle* readers() const { return families_[11]; }
  rocksdb::ColumnFamilyHandle* seen() const { return families_[12]; }
  rocksdb::ColumnFamilyHandle* held() const { return families_[13]; }

 private:
  rocksdb_database() = default;
  status read_or_create_store_record(const settings& how);
  bool is_empty() const;
  void flush();

  std::shared_ptr<rocksdb::CompactionFilter> replies_filter_, commands_filter_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // in the order of their names in the .cpp
  store_record store_;
};

// RocksDB counts, for the calling thread, every comparison of two keys, a tenth of the cost of a
// write, unless that thread has said that nobody asks.
void count_nothing();

// What a failed reading means to the port. The detail, which may name files, goes to the log; the
// status names only `place`.
status read_failure(const rocksdb::Status& s, std::string_view place);

inline std::string_view view(const rocksdb::Slice& s) { return {s.data(), s.size()}; }

}  // namespace perdure::persistence
