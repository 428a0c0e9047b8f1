// The file system of the crash test: RocksDB's own, each change of it noted in unsynced_changes.

#include "test/crash/power_loss_file_system.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "test/crash/activity.hpp"

namespace perdure::test {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

enum class kind { log, table, manifest, other };

kind kind_of(const std::string& name) {
  if (name.ends_with(".log")) return kind::log;
  if (name.ends_with(".sst")) return kind::table;
  if (name.find("MANIFEST-") != name.npos) return kind::manifest;
  return kind::other;
}

// The point in the midst of a write to such a file by this thread, if it has a name.
std::optional<point> half_way(kind k) {
  switch (current_activity) {
    case activity::commit:
      if (k == kind::log) return point::log_half;
      break;
    case activity::snapshot_commit:
      if (k == kind::log) return point::snapshot_half;
      break;
    case activity::flush:
      if (k == kind::table) return point::flush_half;
      if (k == kind::manifest) return point::flush_install;
      break;
    case activity::sweep:
      if (k == kind::table) return point::sweep_half;
      if (k == kind::manifest) return point::sweep_install;
      break;
    case activity::other:
      break;
  }
  return std::nullopt;
}

std::optional<point> before_sync(kind k) {
  if (k != kind::log) return std::nullopt;
  if (current_activity == activity::commit) return point::log_unsynced;
  if (current_activity == activity::snapshot_commit) return point::snapshot_unsynced;
  return std::nullopt;
}

// The way is `fail`, and the process has lived on.
IOStatus failed() { return IOStatus::IOError("the crash test's disk failed this once"); }

IOStatus not_modelled(const char* what) {
  return IOStatus::NotSupported("the crash test does not know what a power loss makes of", what);
}

class tracked_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  tracked_file(power_loss_file_system& owner, const std::string& name,
               std::shared_ptr<unsynced_changes::file> state,
               std::unique_ptr<rocksdb::FSWritableFile>&& file)
      : FSWritableFileOwnerWrapper(std::move(file)),
        owner_(owner),
        kind_(kind_of(name)),
        state_(std::move(state)) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    if (auto p = half_way(kind_); p && owner_.dies().is_due(*p)) {
      (void)append({data.data(), data.size() / 2}, options, debug);
      owner_.dies().now();
      return failed();
    }
    return append(data, options, debug);
  }
  // RocksDB computes no checksums for us to hand on, since none is asked for in its options.
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&, IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return owner_.changing([&] {
      auto s = target()->Truncate(size, options, debug);
      if (s.ok()) {
        state_->synced = std::min<std::uint64_t>(state_->synced, size);
        state_->size = size;
      }
      return s;
    });
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return target()->Fsync(options, debug); });
  }

  // RocksDB gives the tables that it flushes this priority, on the thread that writes them.
  void SetIOPriority(rocksdb::Env::IOPriority priority) override {
    target()->SetIOPriority(priority);
    if (kind_ == kind::table && priority == rocksdb::Env::IO_HIGH) {
      current_activity = activity::flush;
    }
  }

 private:
  IOStatus append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* debug) {
    return owner_.changing([&] {
      auto s = target()->Append(data, options, debug);
      if (s.ok()) state_->size += data.size();
      return s;
    });
  }

  template <class Call>
  IOStatus sync(Call call) {
    if (auto p = before_sync(kind_); p && owner_.dies().is_due(*p)) {
      owner_.dies().now();
      return failed();
    }
    if (kind_ == kind::log && owner_.log_syncs_lie()) return IOStatus::OK();
    auto s = owner_.changing([&] {
      auto size = state_->size.load();
      auto synced = call();
      if (synced.ok()) state_->synced = size;
      return synced;
    });
    // What a flush or a sweep has done is done.
    bool background = current_activity == activity::flush || current_activity == activity::sweep;
    if (kind_ == kind::manifest && background) current_activity = activity::other;
    return s;
  }

  power_loss_file_system& owner_;
  const kind kind_;
  const std::shared_ptr<unsynced_changes::file> state_;
};

class tracked_folder final : public rocksdb::FSDirectoryWrapper {
 public:
  tracked_folder(power_loss_file_system& owner, std::string name,
                 std::unique_ptr<rocksdb::FSDirectory>&& folder)
      : FSDirectoryWrapper(std::move(folder)), owner_(owner), name_(std::move(name)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return sync([&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& reason) override {
    return sync([&] { return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, reason); });
  }

 private:
  template <class Call>
  IOStatus sync(Call call) {
    if (owner_.folder_syncs_lie()) return IOStatus::OK();
    return owner_.changing([&] {
      auto begun = owner_.unsynced().now();
      auto s = call();
      if (s.ok()) owner_.unsynced().folder_synced(name_, begun);
      return s;
    });
  }

  power_loss_file_system& owner_;
  const std::string name_;
};

}  // namespace

power_loss_file_system::power_loss_file_system(const settings& how)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), how_(how), unsynced_(how.journal) {
  how_.dies.on_death([this] {
    power_.lock();
    unsynced_.write_journal();
  });
}

IOStatus power_loss_file_system::NewWritableFile(const std::string& name,
                                                 const rocksdb::FileOptions& options,
                                                 std::unique_ptr<rocksdb::FSWritableFile>* made,
                                                 IODebugContext* debug) {
  return changing([&] {
    bool was_there = std::filesystem::exists(name);
    auto s = target()->NewWritableFile(name, options, made, debug);
    if (!s.ok()) return s;
    auto state = unsynced_.created(name, was_there);
    *made = std::make_unique<tracked_file>(*this, name, std::move(state), std::move(*made));
    return s;
  });
}

IOStatus power_loss_file_system::ReopenWritableFile(const std::string& name,
                                                    const rocksdb::FileOptions& options,
                                                    std::unique_ptr<rocksdb::FSWritableFile>* made,
                                                    IODebugContext* debug) {
  return changing([&] {
    auto s = target()->ReopenWritableFile(name, options, made, debug);
    if (!s.ok()) return s;
    auto state = unsynced_.reopened(name, std::filesystem::file_size(name));
    *made = std::make_unique<tracked_file>(*this, name, std::move(state), std::move(*made));
    return s;
  });
}

IOStatus power_loss_file_system::NewDirectory(const std::string& name, const IOOptions& options,
                                              std::unique_ptr<rocksdb::FSDirectory>* made,
                                              IODebugContext* debug) {
  auto s = target()->NewDirectory(name, options, made, debug);
  if (s.ok()) *made = std::make_unique<tracked_folder>(*this, name, std::move(*made));
  return s;
}

IOStatus power_loss_file_system::CreateDir(const std::string& name, const IOOptions& options,
                                           IODebugContext* debug) {
  return changing([&] {
    auto s = target()->CreateDir(name, options, debug);
    if (s.ok()) unsynced_.folder_created(name);
    return s;
  });
}

IOStatus power_loss_file_system::CreateDirIfMissing(const std::string& name,
                                                    const IOOptions& options,
                                                    IODebugContext* debug) {
  if (std::filesystem::is_directory(name)) return IOStatus::OK();
  return CreateDir(name, options, debug);
}

IOStatus power_loss_file_system::DeleteFile(const std::string& name, const IOOptions& options,
                                            IODebugContext* debug) {
  return changing([&] {
    auto kept = unsynced_.new_kept();
    auto s = target()->RenameFile(name, kept, options, debug);
    if (s.ok()) unsynced_.deleted(name, kept);
    return s;
  });
}

// What the new name stood for gets a second name first, so that it never stands for nothing.
IOStatus power_loss_file_system::RenameFile(const std::string& from, const std::string& to,
                                            const IOOptions& options, IODebugContext* debug) {
  return changing([&] {
    std::string kept;
    if (std::filesystem::exists(to)) {
      kept = unsynced_.new_kept();
      if (auto s = target()->LinkFile(to, kept, options, debug); !s.ok()) return s;
    }
    auto s = target()->RenameFile(from, to, options, debug);
    if (s.ok()) unsynced_.renamed(from, to, kept);
    return s;
  });
}

IOStatus power_loss_file_system::ReuseWritableFile(const std::string&, const std::string&,
                                                   const rocksdb::FileOptions&,
                                                   std::unique_ptr<rocksdb::FSWritableFile>*,
                                                   IODebugContext*) {
  return not_modelled("ReuseWritableFile");
}

IOStatus power_loss_file_system::NewRandomRWFile(const std::string&, const rocksdb::FileOptions&,
                                                 std::unique_ptr<rocksdb::FSRandomRWFile>*,
                                                 IODebugContext*) {
  return not_modelled("NewRandomRWFile");
}

IOStatus power_loss_file_system::LinkFile(const std::string&, const std::string&, const IOOptions&,
                                          IODebugContext*) {
  return not_modelled("LinkFile");
}

IOStatus power_loss_file_system::Truncate(const std::string&, size_t, const IOOptions&,
                                          IODebugContext*) {
  return not_modelled("Truncate");
}

IOStatus power_loss_file_system::DeleteDir(const std::string&, const IOOptions&, IODebugContext*) {
  return not_modelled("DeleteDir");
}

}  // namespace perdure::test
