#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "perdure/status.hpp"
#include "pubsub/topic_log.hpp"
#include "views/sqlite_connection.hpp"
#include "views/view_plan.hpp"

// The rows of one view as one definition of it makes them, with the cursors of its readers and what
// they hold back: one SQLite file, so that rows and cursor change together, and a definition that
// has changed gets a file of its own beside the old.
//
//   <data>/views/<service>/<number>.db     the highest number is the newest
//   perdure_view    (name, value)          format, definition, is_complete, rows, last_change ...
//   perdure_cursors (source, part, next)   source: message_source::path()
//   perdure_seen    (source, subject, sequence)  of sources that may hold a message twice
//   perdure_held    (source, subject, number, the record, attempts, error, is_parked)
//   perdure_changes (number, table, key)   the latest changes, for streams that resume
//   <the view's tables>
//
// Write-ahead log, not synced at each commit: after a power cut rows and cursors are those of some
// earlier commit, and what came after it is read again.

namespace perdure::views {

// A message that is held back behind one that failed, or is it.
struct held_message {
  std::string source;    // message_source::path()
  std::string subject;   // in whose order it stands
  std::uint64_t number;  // grows
  pubsub::topic_record record;
  std::uint32_t partition = 0;
  std::uint32_t attempts = 0;
  std::string error;  // of the last attempt
  bool is_parked = false;
};

// A row that a commit has changed.
struct changed_row {
  std::size_t table;  // in view_plan::tables
  std::string key;
  // What it had, before or after, in the columns by which live queries pick (live_plan::picks).
  std::vector<std::pair<std::size_t, sql_value>> had = {};
};

// What a commit has changed in tables that queries with stream_updates read, once the file is
// complete; told to whoever watches.
struct committed_changes {
  std::uint64_t number = 0;       // of the last change; grows
  std::vector<changed_row> rows;  // each once
  bool too_many = false;          // more than are listed: whatever was read may be stale
};

class sqlite_view_file : public std::enable_shared_from_this<sqlite_view_file> {
 public:
  // Opens the file, or makes it. `plan` outlives it.
  //   FAILED_PRECONDITION  it holds the rows of another definition, or of a newer Perdure
  //   DATA_LOSS            it is no such file, or damaged
  //   UNAVAILABLE          it cannot be opened or written
  static result<std::shared_ptr<sqlite_view_file>> open(const std::string& path,
                                                        const view_plan& plan);

  // Opens a file of another definition, for reading only: queries of `plan` that do not fit its
  // tables are refused when they are prepared. Its last change stands still.
  static result<std::shared_ptr<sqlite_view_file>> open_old(const std::string& path,
                                                            const view_plan& plan);

  // The definition in a file, for who decides what becomes of it.
  //   NOT_FOUND            there is none, or one that was never finished being made
  //   FAILED_PRECONDITION  of a newer Perdure
  //   DATA_LOSS            it is no such file, or damaged
  struct identity {
    std::string definition;
    bool is_complete = false;
    std::map<std::string, std::string> rows;  // the message of each table
    std::string descriptors;                  // google.protobuf.FileDescriptorSet that has them
  };
  static result<identity> identify(const std::string& path);

  ~sqlite_view_file();

  // ---------------------------------------------------------------------- writing: one thread only

  // Between begin() and commit() rows and cursors change together, or not at all: after an error of
  // any of these, roll_back().
  status begin();
  result<std::optional<std::string>> find(std::size_t table, std::string_view key);
  status put(std::size_t table, std::string_view key, const google::protobuf::Message& row);
  status remove(std::size_t table, std::string_view key);
  status move_cursor(std::string_view source, std::uint32_t partition, topic_offset next);
  status hold(const held_message& message);
  status change_held(const held_message& message);  // attempts, error, is_parked
  status release(const held_message& message);
  // False: a message of this subject with this sequence number or a later one was seen already.
  result<bool> see(std::string_view source, std::string_view subject, std::uint64_t sequence);
  result<committed_changes> commit();
  void roll_back();

  struct cursor {
    std::string source;
    std::uint32_t partition;
    topic_offset next;
  };
  result<std::vector<cursor>> cursors();
  result<std::vector<held_message>> held();  // by source, subject, number

  // Whatever queries want beside the rows: takes long where there are many rows, and nothing the
  // second time. Not between begin() and commit().
  status make_indexes();
  // All sources have been read once: from now on it serves, after a restart and a power cut too.
  // Makes indexes that are not there.
  status set_complete();
  bool is_complete() const;

  // There is nothing to write: what the write-ahead log has grown to is given back.
  void idle();

  // ------------------------------------------------------------------------- reading: any thread

  // A connection for queries, with the statements that were prepared on it before. Given back when
  // it is destroyed; keeps the file.
  class reader {
   public:
    sqlite_connection& connection();
    // The statement of this SQL, prepared once.
    result<sqlite_statement*> statement(const std::string& sql);
    ~reader();
    reader(reader&&) noexcept;

   private:
    friend class sqlite_view_file;
    struct parts;
    explicit reader(std::shared_ptr<sqlite_view_file> of, std::unique_ptr<parts> lent);
    std::shared_ptr<sqlite_view_file> of_;
    std::unique_ptr<parts> lent_;
  };
  result<reader> lend();

  // The rows that changed behind `number`, each once, of tables that some query with stream_updates
  // reads; nullopt: not all of them are known any more. Numbers of a newer file are past those of
  // all older ones, so that none of theirs is mistaken for one of its own.
  result<std::optional<committed_changes>> changes_since(std::uint64_t number);
  std::uint64_t last_change() const;

  const view_plan& plan() const;
  const std::string& path() const;

  // Its files are removed once nobody has it any more.
  void remove_when_unused();

 private:
  struct parts;
  explicit sqlite_view_file(std::unique_ptr<parts> opened);
  std::unique_ptr<parts> parts_;
};

}  // namespace perdure::views
