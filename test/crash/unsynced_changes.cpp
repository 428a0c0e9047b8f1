// The bookkeeping of what is on the disk and what is not. No file is touched here but the journal
// and what is kept.

#include "test/crash/unsynced_changes.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

#include "base/check.hpp"

namespace perdure::test {

namespace fs = std::filesystem;

unsynced_changes::unsynced_changes(fs::path journal)
    : journal_(std::move(journal)), kept_folder_(journal_.string() + ".kept") {
  if (fs::exists(journal_)) {
    read_journal();
    fs::remove(journal_);
  } else {
    fs::remove_all(kept_folder_);
  }
  fs::create_directories(kept_folder_);
}

std::shared_ptr<unsynced_changes::file> unsynced_changes::created(const std::string& path,
                                                                  bool was_there) {
  std::lock_guard lock(mutex_);
  if (!was_there) add_change(path, "created " + path);
  return files_[path] = std::make_shared<file>();
}

std::shared_ptr<unsynced_changes::file> unsynced_changes::reopened(const std::string& path,
                                                                   std::uint64_t size) {
  std::lock_guard lock(mutex_);
  auto& known = files_[path];
  if (!known) {
    known = std::make_shared<file>();
    known->size = known->synced = size;
  }
  return known;
}

void unsynced_changes::folder_created(const std::string& path) {
  std::lock_guard lock(mutex_);
  add_change(path, "folder_created " + path);
}

std::string unsynced_changes::new_kept() {
  std::lock_guard lock(mutex_);
  // The process id keeps apart what an earlier process has kept.
  return kept_folder_ / (std::to_string(::getpid()) + "-" + std::to_string(++kept_));
}

void unsynced_changes::deleted(const std::string& path, const std::string& kept) {
  std::lock_guard lock(mutex_);
  move_file(path, kept);
  add_change(path, "deleted " + path + " " + kept, kept);
}

void unsynced_changes::renamed(const std::string& from, const std::string& to,
                               const std::string& kept) {
  std::lock_guard lock(mutex_);
  if (!kept.empty()) move_file(to, kept);
  move_file(from, to);
  add_change(to, "renamed " + from + " " + to + " " + (kept.empty() ? "-" : kept), kept);
}

unsynced_changes::moment unsynced_changes::now() {
  std::lock_guard lock(mutex_);
  return changes_made_;
}

void unsynced_changes::folder_synced(const std::string& folder, moment begun) {
  std::lock_guard lock(mutex_);
  std::erase_if(changes_, [&](const name_change& change) {
    if (change.folder != folder || change.when > begun) return false;
    if (!change.kept.empty()) {
      files_.erase(change.kept);
      fs::remove(change.kept);
    }
    return true;
  });
}

void unsynced_changes::write_journal() {
  std::lock_guard lock(mutex_);
  std::ofstream out(journal_);
  for (const auto& [path, f] : files_) {
    if (f->synced < f->size) out << "file " << f->synced << ' ' << f->size << ' ' << path << '\n';
  }
  for (const auto& change : changes_) out << change.line << '\n';
  PERDURE_CHECK(out.flush().good());
}

void unsynced_changes::read_journal() {
  std::ifstream in(journal_);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "file") {
      std::uint64_t synced = 0;
      std::uint64_t size = 0;
      std::string path;
      words >> synced >> size >> path;
      auto& f = files_[path] = std::make_shared<file>();
      f->synced = synced;
      f->size = size;
      continue;
    }
    std::string path, kept, to;
    words >> path;
    if (kind == "renamed") words >> to;
    words >> kept;
    add_change(to.empty() ? path : to, line, kept == "-" ? "" : kept);
  }
}

void unsynced_changes::add_change(const std::string& path, std::string line, std::string kept) {
  changes_.push_back(
      {++changes_made_, fs::path(path).parent_path(), std::move(line), std::move(kept)});
}

void unsynced_changes::move_file(const std::string& from, const std::string& to) {
  if (auto moved = files_.extract(from); !moved.empty()) {
    files_.erase(to);
    moved.key() = to;
    files_.insert(std::move(moved));
  }
}

}  // namespace perdure::test
