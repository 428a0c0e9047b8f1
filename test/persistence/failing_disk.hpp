#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "persistence/rocksdb_testing.hpp"
#include "test/persistence/samples.hpp"

// A store on a disk that fails when a test says so, and is well again when it says so.

namespace perdure::test {

enum class disk { well, full, broken };

// The machine's file system, whose files take nothing more while the disk is not well.
class failing_file_system final : public rocksdb::FileSystemWrapper {
 public:
  failing_file_system() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "failing"; }

  std::atomic<disk> state = disk::well;
  std::atomic<bool> fails_after_append = false;  // the bytes get there, the sync does not

  // Called whenever RocksDB has made a change of its list of files durable; null for no more.
  void on_manifest_synced(std::function<void()> call);
  void manifest_synced();

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* made,
                                    rocksdb::IODebugContext* debug) override;

  rocksdb::IOStatus trouble() const;

 private:
  std::mutex mutex_;
  std::function<void()> manifest_synced_;
};

struct store_on_failing_disk {
  temporary_folder folder;
  manual_clock clock;
  std::shared_ptr<failing_file_system> files = std::make_shared<failing_file_system>();
  std::unique_ptr<rocksdb::Env> environment = rocksdb::NewCompositeEnv(files);
  std::unique_ptr<persistence::rocksdb_step_store> store = [this] {
    auto opened =
        persistence::open_rocksdb_on(*environment, {.folder = folder.path(), .clock = clock});
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    return *std::move(opened);
  }();

  std::uint64_t last_sequence() {
    auto h = store->load({"cart", "1"});
    BOOST_REQUIRE_MESSAGE(h.ok(), h.error());
    return h->events.size();
  }

  // Commits `s` until its fate is known; RocksDB looks at a full disk every few seconds.
  status commit_until_healed(const persistence::step& s) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
      auto committed = commit(*store, s);
      if (committed.code() != status_code::unavailable) return committed;
      std::this_thread::yield();
    }
    return {status_code::deadline_exceeded, "the store has not healed"};
  }
};

}  // namespace perdure::test
