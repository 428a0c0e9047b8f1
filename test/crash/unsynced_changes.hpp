#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

// What a loss of power would undo: the bytes of files that no sync has covered, and the names in
// folders that were made, changed or removed since the folder was synced.
//
// The journal tells it to whoever comes after the process, a line each:
//
//   file <synced> <size> <path>       bytes from <synced> on may be missing, from any on
//   created <path>                    a name, in the order in which they were changed; the disk
//   folder_created <path>             has those of a folder up to any one of them
//   deleted <path> <kept>             its content stands in <kept>
//   renamed <from> <to> <kept>        what <to> was before stands in <kept>, or "-"
//
// That is POSIX: only fsync of a folder makes its names durable, and only in this order, as every
// file system with a journal of its own does it. A file that was lost in the middle of its unsynced
// bytes and not at their end is not modelled.

namespace perdure::test {

// Any thread. Paths hold no white space.
class unsynced_changes {
 public:
  struct file {
    std::atomic<std::uint64_t> size{0};
    std::atomic<std::uint64_t> synced{0};
  };

  // Goes on from the journal that a process has left behind, if there is one.
  explicit unsynced_changes(std::filesystem::path journal);

  // A file that was made or emptied; it had that name before or not.
  std::shared_ptr<file> created(const std::string& path, bool was_there);
  // One that was there and is written on, with the size it has.
  std::shared_ptr<file> reopened(const std::string& path, std::uint64_t size);
  void folder_created(const std::string& path);

  // A place for what a name stood for until now, on the same disk.
  std::string new_kept();
  void deleted(const std::string& path, const std::string& kept);
  void renamed(const std::string& from, const std::string& to, const std::string& kept);

  // A folder's sync covers the changes made before it began.
  using moment = std::uint64_t;
  moment now();
  void folder_synced(const std::string& folder, moment begun);

  // The power goes, or the process: writes the journal.
  void write_journal();

 private:
  struct name_change {
    moment when;
    std::string folder;
    std::string line;
    std::string kept;  // empty: nothing
  };

  void read_journal();
  void add_change(const std::string& path, std::string line, std::string kept = {});
  void move_file(const std::string& from, const std::string& to);

  const std::filesystem::path journal_;
  const std::filesystem::path kept_folder_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<file>> files_;
  std::vector<name_change> changes_;
  moment changes_made_ = 0;
  std::uint64_t kept_ = 0;
};

}  // namespace perdure::test
