#pragma once

#include <rocksdb/file_system.h>

#include <memory>
#include <shared_mutex>
#include <string>

#include "test/crash/death.hpp"
#include "test/crash/unsynced_changes.hpp"

// The machine's file system, which knows what a loss of power would undo, and in which the process
// can die between any two of its changes and in the midst of a write.
//
// The process cannot lose what the system has taken from it; so at its death the journal of
// unsynced_changes says what the disk would not have had, and test/crash/power_loss.py takes that
// away. After a mere kill nothing is taken away, and the next process goes on with the journal: for
// it, too, those bytes are not yet safe.

namespace perdure::test {

class power_loss_file_system final : public rocksdb::FileSystemWrapper {
 public:
  struct settings {
    death& dies;          // outlives it
    std::string journal;  // unsynced_changes
    // Faults: a sync of the write-ahead log, or of a folder, does nothing and says OK.
    bool log_syncs_lie = false;
    bool folder_syncs_lie = false;
  };
  explicit power_loss_file_system(const settings& how);
  const char* Name() const override { return "power_loss"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* made,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* made,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* made,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus CreateDirIfMissing(const std::string& name, const rocksdb::IOOptions& options,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

  // Changes that RocksDB does not make with our options, and that are not modelled here.
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* made,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomRWFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSRandomRWFile>* made,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus Truncate(const std::string& name, size_t size,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteDir(const std::string& name, const rocksdb::IOOptions& options,
                              rocksdb::IODebugContext* debug) override;

  death& dies() { return how_.dies; }
  bool log_syncs_lie() const { return how_.log_syncs_lie; }
  bool folder_syncs_lie() const { return how_.folder_syncs_lie; }
  unsynced_changes& unsynced() { return unsynced_; }

  // Makes one change of the disk. Once the process is dying, no more is made.
  template <class Change>
  auto changing(Change change) {
    how_.dies.passes(point::open);
    std::shared_lock lock(power_);
    return change();
  }

 private:
  const settings how_;
  std::shared_mutex power_;  // held alone, and for ever, when it goes
  unsynced_changes unsynced_;
};

}  // namespace perdure::test
