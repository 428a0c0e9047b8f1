// The names of the folders that a new store is in: without them on the disk, what it has
// acknowledged would be gone after a power cut, however well its files were synced.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "persistence/rocksdb_testing.hpp"
#include "test/persistence/samples.hpp"

using namespace perdure;
using namespace perdure::persistence;
using namespace perdure::test;

namespace {

// The machine's file system, which remembers the folders that were synced.
class folders_file_system final : public rocksdb::FileSystemWrapper {
 public:
  folders_file_system() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "folders"; }

  std::set<std::filesystem::path> synced;

  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* made,
                                 rocksdb::IODebugContext* debug) override;
};

class remembered_folder final : public rocksdb::FSDirectoryWrapper {
 public:
  remembered_folder(folders_file_system& owner, std::string name,
                    std::unique_ptr<rocksdb::FSDirectory>&& folder)
      : FSDirectoryWrapper(std::move(folder)), owner_(owner), name_(std::move(name)) {}

  // What Env makes of a folder's Fsync().
  rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options,
                                        rocksdb::IODebugContext* debug,
                                        const rocksdb::DirFsyncOptions& reason) override {
    owner_.synced.insert(name_);
    return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, reason);
  }

 private:
  folders_file_system& owner_;
  const std::string name_;
};

rocksdb::IOStatus folders_file_system::NewDirectory(const std::string& name,
                                                    const rocksdb::IOOptions& options,
                                                    std::unique_ptr<rocksdb::FSDirectory>* made,
                                                    rocksdb::IODebugContext* debug) {
  auto s = FileSystemWrapper::NewDirectory(name, options, made, debug);
  if (s.ok()) *made = std::make_unique<remembered_folder>(*this, name, std::move(*made));
  return s;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rocksdb_folder)

BOOST_AUTO_TEST_CASE(a_power_cut_takes_no_folder_of_a_new_store) {
  temporary_folder folder;
  manual_clock clock;
  auto files = std::make_shared<folders_file_system>();
  auto environment = rocksdb::NewCompositeEnv(files);
  auto data = folder.path() / "made" / "too";
  auto store = open_rocksdb_on(*environment, {.folder = data, .clock = clock});
  BOOST_REQUIRE_MESSAGE(store.ok(), store.error());
  for (const auto& above : {data, data.parent_path(), folder.path()}) {
    BOOST_TEST(files->synced.contains(above), above << " was not synced");
  }
}

BOOST_AUTO_TEST_SUITE_END()
