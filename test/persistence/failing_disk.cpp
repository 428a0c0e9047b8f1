// The files of a disk that fails: RocksDB opens them through our file system, which hands them what
// they are to write, or trouble.

#include "test/persistence/failing_disk.hpp"

#include <utility>

namespace perdure::test {
namespace {

class failing_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  failing_file(failing_file_system& owner, const std::string& name,
               std::unique_ptr<rocksdb::FSWritableFile>&& file)
      : FSWritableFileOwnerWrapper(std::move(file)),
        owner_(owner),
        is_manifest_(name.find("MANIFEST-") != name.npos) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (auto s = owner_.trouble(); !s.ok() && !owner_.fails_after_append) return s;
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* debug) override {
    if (auto s = owner_.trouble(); !s.ok() && !owner_.fails_after_append) return s;
    return FSWritableFileOwnerWrapper::Append(data, options, verification, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    if (auto s = owner_.trouble(); !s.ok()) return s;
    auto s = FSWritableFileOwnerWrapper::Sync(options, debug);
    if (s.ok() && is_manifest_) owner_.manifest_synced();
    return s;
  }

 private:
  failing_file_system& owner_;
  const bool is_manifest_;
};

}  // namespace

void failing_file_system::on_manifest_synced(std::function<void()> call) {
  std::lock_guard lock(mutex_);
  manifest_synced_ = std::move(call);
}

void failing_file_system::manifest_synced() {
  std::lock_guard lock(mutex_);
  if (manifest_synced_) manifest_synced_();
}

rocksdb::IOStatus failing_file_system::NewWritableFile(
    const std::string& name, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* made, rocksdb::IODebugContext* debug) {
  auto s = FileSystemWrapper::NewWritableFile(name, options, made, debug);
  if (s.ok()) *made = std::make_unique<failing_file>(*this, name, std::move(*made));
  return s;
}

rocksdb::IOStatus failing_file_system::trouble() const {
  switch (state.load()) {
    case disk::well:
      return rocksdb::IOStatus::OK();
    case disk::full: {
      auto s = rocksdb::IOStatus::NoSpace("no space left on this test's device");
      s.SetRetryable(true);  // as RocksDB's own file system marks it
      return s;
    }
    case disk::broken:
      return rocksdb::IOStatus::IOError("this test's device is broken");
  }
  return rocksdb::IOStatus::OK();
}

}  // namespace perdure::test
