// The life of a view's file: made or opened, complete, removed. Next: sqlite_view_rows.cpp.

#include "views/sqlite_view_file.hpp"

#include <google/protobuf/descriptor.pb.h>
#include <sqlite3.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <utility>

#include "base/check.hpp"
#include "views/sqlite_tables.hpp"
#include "views/sqlite_view_parts.hpp"

namespace perdure::views {
namespace {

constexpr std::string_view format = "1";
constexpr int wait_ms = 1000;  // for somebody else's lock: nobody of ours takes one for long

constexpr std::string_view own_tables = R"(
  CREATE TABLE perdure_view (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE perdure_rows ("table" TEXT PRIMARY KEY, message TEXT) WITHOUT ROWID;
  CREATE TABLE perdure_cursors (source TEXT, part INTEGER, next INTEGER,
                                PRIMARY KEY (source, part)) WITHOUT ROWID;
  CREATE TABLE perdure_seen (source TEXT, subject TEXT, sequence INTEGER,
                             PRIMARY KEY (source, subject)) WITHOUT ROWID;
  CREATE TABLE perdure_held (source TEXT, subject TEXT, number INTEGER, part INTEGER,
                             "offset" INTEGER, time INTEGER, key BLOB, payload BLOB, headers BLOB,
                             attempts INTEGER, error TEXT, is_parked INTEGER,
                             PRIMARY KEY (source, subject, number)) WITHOUT ROWID;
  CREATE TABLE perdure_changes (number INTEGER PRIMARY KEY, "table" TEXT, key TEXT);
)";

status in_file(const std::string& path, const status& why) {
  return {why.code(), "\"" + path + "\": " + why.message()};
}

// Whose answer, if any, is one value.
result<sql_value> asked(sqlite_connection& of, std::string_view sql) {
  auto statement = of.prepare(sql);
  if (!statement) return statement.error();
  auto there = statement->step();
  if (!there) return there.error();
  return *there ? statement->column(0) : sql_value{};
}

std::string text_of(const sql_value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* blob = std::get_if<sql_blob>(&value)) return blob->bytes;
  return {};
}

void add_file(const google::protobuf::FileDescriptor& file,
              std::set<const google::protobuf::FileDescriptor*>& known,
              google::protobuf::FileDescriptorSet& all) {
  if (!known.insert(&file).second) return;
  for (int n = 0; n < file.dependency_count(); ++n) add_file(*file.dependency(n), known, all);
  file.CopyTo(all.add_file());
}

std::string descriptors_of(const view_plan& plan) {
  google::protobuf::FileDescriptorSet all;
  std::set<const google::protobuf::FileDescriptor*> known;
  for (const auto& table : plan.tables) add_file(*table.schema.row->file(), known, all);
  return all.SerializeAsString();
}

// NOT_FOUND: nothing is in it yet.
status check_is_ours(sqlite_connection& file) {
  auto ours = asked(file, "SELECT count(*) FROM sqlite_schema WHERE name = 'perdure_view'");
  if (!ours) return ours.error();
  if (std::get<std::int64_t>(*ours) != 0) return {};
  auto others = asked(file, "SELECT count(*) FROM sqlite_schema");
  if (!others) return others.error();
  if (std::get<std::int64_t>(*others) == 0) return {status_code::not_found, "it is empty"};
  return {status_code::data_loss, "it is another program's file"};
}

status check_format(sqlite_connection& file) {
  auto found = asked(file, "SELECT value FROM perdure_view WHERE name = 'format'");
  if (!found) return found.error();
  if (text_of(*found) == format) return {};
  return {status_code::failed_precondition, "it has the format \"" + text_of(*found) +
                                                "\" of another Perdure, not \"" +
                                                std::string(format) + "\""};
}

// Of a new file: past the numbers of all older ones, as none counts a million changes a second.
std::uint64_t first_number() {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

status make(sqlite_connection& file, const view_plan& plan) {
  if (auto s = file.run("BEGIN IMMEDIATE"); !s.ok()) return s;
  if (auto s = file.run(own_tables); !s.ok()) return s;
  std::vector<view_table_plan> tables(plan.tables.begin(), plan.tables.end());
  if (auto s = create_tables(file, tables); !s.ok()) return s;
  auto note = file.prepare("INSERT INTO perdure_view VALUES (?1, ?2)");
  if (!note) return note.error();
  auto add = [&](std::string_view name, const std::string& value, bool is_text) -> status {
    note->bind_text(1, name);
    is_text ? note->bind_text(2, value) : note->bind_blob(2, value);
    auto done = note->step();
    return done ? status() : done.error();
  };
  auto number = std::to_string(first_number());
  for (const auto& [name, value] : {std::pair<std::string_view, std::string>{"format", format},
                                    {"definition", plan.definition},
                                    {"is_complete", "0"},
                                    {"last_change", number},
                                    {"forgotten", number}}) {
    if (auto s = add(name, value, true); !s.ok()) return s;
  }
  if (auto s = add("descriptors", descriptors_of(plan), false); !s.ok()) return s;
  auto row = file.prepare("INSERT INTO perdure_rows VALUES (?1, ?2)");
  if (!row) return row.error();
  for (const auto& table : plan.tables) {
    row->bind_text(1, table.schema.name);
    row->bind_text(2, table.schema.row->full_name());
    if (auto done = row->step(); !done) return done.error();
  }
  return file.run("COMMIT");
}

result<sqlite_connection> open_writer(const std::string& path) {
  auto file = sqlite_connection::open(path, sqlite_connection::access::write);
  if (!file) return file.error();
  sqlite3_busy_timeout(file->handle(), wait_ms);
  for (auto pragma :
       {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -16000"}) {
    if (auto set = asked(*file, pragma); !set) return in_file(path, set.error());
  }
  return file;
}

}  // namespace

result<sqlite_statement*> prepared_statements::find(sqlite_connection& in, std::string_view sql) {
  std::string text(sql);
  auto known = all_.find(text);
  if (known == all_.end()) {
    auto made = in.prepare(text);
    if (!made) return made.error();
    known = all_.emplace(std::move(text), *std::move(made)).first;
  }
  return &known->second;
}

// ----------------------------------------------------------------------------------------- opening

result<std::shared_ptr<sqlite_view_file>> sqlite_view_file::open(const std::string& path,
                                                                 const view_plan& plan) {
  auto p = std::make_unique<parts>(path, plan);
  auto file = open_writer(path);
  if (!file) return file.error();
  p->writer.emplace(*std::move(file));
  auto opened = [&]() -> status {
    auto& writer = *p->writer;
    auto ours = check_is_ours(writer);
    if (ours.code() == status_code::not_found) ours = make(writer, plan);
    if (!ours.ok()) return ours;
    if (auto s = check_format(writer); !s.ok()) return s;
    auto definition = p->note("definition");
    if (!definition) return definition.error();
    if (*definition != plan.definition) {
      return {status_code::failed_precondition, "its rows are of another definition"};
    }
    auto complete = p->note("is_complete");
    if (!complete) return complete.error();
    p->is_complete = *complete == "1";
    if (auto s = bring_words(writer, plan); !s.ok()) return s;
    // Rows come faster where there is no index yet.
    if (p->is_complete) {
      if (auto s = bring_indexes(writer, plan); !s.ok()) return s;
    }
    if (auto s = p->load_changes(); !s.ok()) return s;
    return p->prepare_tables();
  }();
  if (!opened.ok()) return in_file(path, opened);
  for (const auto& table : plan.tables) p->readable.push_back(table.schema.name);
  return std::shared_ptr<sqlite_view_file>(new sqlite_view_file(std::move(p)));
}

result<std::shared_ptr<sqlite_view_file>> sqlite_view_file::open_old(const std::string& path,
                                                                     const view_plan& plan) {
  auto known = identify(path);
  if (!known) return known.error();
  auto p = std::make_unique<parts>(path, plan);
  p->is_old = true;
  p->is_complete = known->is_complete;
  for (const auto& [table, message] : known->rows) p->readable.push_back(table);
  auto file = sqlite_connection::open(path, sqlite_connection::access::read);
  if (!file) return file.error();
  auto number = asked(*file, "SELECT value FROM perdure_view WHERE name = 'last_change'");
  if (!number) return in_file(path, number.error());
  p->last_change = std::stoull("0" + text_of(*number));
  return std::shared_ptr<sqlite_view_file>(new sqlite_view_file(std::move(p)));
}

result<sqlite_view_file::identity> sqlite_view_file::identify(const std::string& path) {
  if (std::error_code none; !std::filesystem::exists(path, none)) {
    return status(status_code::not_found, "\"" + path + "\" is not there");
  }
  auto file = sqlite_connection::open(path, sqlite_connection::access::read);
  if (!file) return file.error();
  identity found;
  auto read = [&]() -> status {
    if (auto s = check_is_ours(*file); !s.ok()) return s;
    if (auto s = check_format(*file); !s.ok()) return s;
    auto notes = file->prepare("SELECT name, value FROM perdure_view");
    if (!notes) return notes.error();
    auto more = notes->step();
    for (; more.ok() && *more; more = notes->step()) {
      auto name = notes->bytes(0);
      if (name == "definition") found.definition = notes->bytes(1);
      if (name == "is_complete") found.is_complete = notes->bytes(1) == "1";
      if (name == "descriptors") found.descriptors = notes->bytes(1);
    }
    if (!more) return more.error();
    auto rows = file->prepare("SELECT \"table\", message FROM perdure_rows");
    if (!rows) return rows.error();
    for (more = rows->step(); more.ok() && *more; more = rows->step()) {
      found.rows.emplace(rows->bytes(0), rows->bytes(1));
    }
    return more ? status() : more.error();
  }();
  if (!read.ok()) return in_file(path, read);
  return found;
}

sqlite_view_file::sqlite_view_file(std::unique_ptr<parts> opened) : parts_(std::move(opened)) {}

sqlite_view_file::~sqlite_view_file() {
  auto path = parts_->path;
  bool is_to_be_removed = parts_->is_to_be_removed;
  parts_.reset();
  if (!is_to_be_removed) return;
  // The rows first: a log without them is nothing.
  for (const auto* end : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(path + end, ignored);
  }
}

// ------------------------------------------------------------------------------------ its life

status sqlite_view_file::make_indexes() {
  auto& writer = *parts_->writer;
  auto made = writer.run("BEGIN IMMEDIATE");
  if (made.ok()) made = bring_indexes(writer, parts_->plan);
  if (made.ok()) made = writer.run("COMMIT");
  if (!made.ok()) roll_back();
  return made;
}

status sqlite_view_file::set_complete() {
  auto& writer = *parts_->writer;
  // Older files go when this one is complete, so that must not be lost.
  if (auto s = writer.run("PRAGMA synchronous = FULL"); !s.ok()) return s;
  auto set = [&]() -> status {
    if (auto s = writer.run("BEGIN IMMEDIATE"); !s.ok()) return s;
    if (auto s = bring_indexes(writer, parts_->plan); !s.ok()) return s;
    if (auto s = parts_->set_note("is_complete", "1"); !s.ok()) return s;
    if (auto s = parts_->set_note("forgotten", std::to_string(parts_->last_change)); !s.ok()) {
      return s;
    }
    return writer.run("COMMIT");
  }();
  if (!set.ok()) roll_back();
  if (auto s = writer.run("PRAGMA synchronous = NORMAL"); set.ok() && !s.ok()) set = s;
  if (set.ok()) parts_->is_complete = true;
  if (set.ok()) set = parts_->prepare_changes();
  return set;
}

bool sqlite_view_file::is_complete() const { return parts_->is_complete; }

void sqlite_view_file::idle() {
  constexpr std::uintmax_t worth_it = 1 << 20;
  std::error_code none;
  auto grown = std::filesystem::file_size(parts_->path + "-wal", none);
  if (none || grown <= worth_it) return;
  // Readers that are in the way are not waited for: they end some time, then it is done.
  auto* writer = parts_->writer->handle();
  sqlite3_busy_timeout(writer, 0);
  sqlite3_wal_checkpoint_v2(writer, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(writer, wait_ms);
}

const view_plan& sqlite_view_file::plan() const { return parts_->plan; }
const std::string& sqlite_view_file::path() const { return parts_->path; }
void sqlite_view_file::remove_when_unused() { parts_->is_to_be_removed = true; }

}  // namespace perdure::views
