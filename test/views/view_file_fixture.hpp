#pragma once

#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "test/views/ledger.hpp"

namespace perdure::test {

// A file of the ledger's rows.
struct view_file_fixture {
  temporary_folder folder;
  std::string path = folder.path() / "1.db";
  view_plan plan = ledger_plan();
  std::shared_ptr<sqlite_view_file> file;

  view_file_fixture() { open(); }

  void open() {
    file.reset();
    auto opened = sqlite_view_file::open(path, plan);
    BOOST_REQUIRE_MESSAGE(opened.ok(), opened.error());
    file = *opened;
  }
  void tell_of(const std::string& table) {
    test::tell_of(plan, table);
    open();
    if (!file->is_complete()) BOOST_REQUIRE(file->set_complete() == status());
  }
  void begin() { BOOST_REQUIRE(file->begin() == status()); }
  views::committed_changes commit() {
    auto done = file->commit();
    BOOST_REQUIRE_MESSAGE(done.ok(), done.error());
    return *done;
  }
  void put(const std::string& key, int balance) {
    Account row;
    row.set_balance(balance);
    BOOST_REQUIRE(file->put(0, key, row) == status());
  }
  std::uint64_t put_alone(const std::string& key, int balance) {
    begin();
    put(key, balance);
    return commit().number;
  }
  // Keys of what has changed since; nullopt: nobody knows any more.
  std::optional<texts> since(std::uint64_t number) {
    auto changes = file->changes_since(number);
    BOOST_REQUIRE_MESSAGE(changes.ok(), changes.error());
    if (!*changes) return std::nullopt;
    BOOST_TEST((*changes)->number == file->last_change());
    texts keys;
    for (const auto& row : (*changes)->rows) keys.push_back(row.key);
    return keys;
  }
};

inline bool is(const std::optional<texts>& found, const texts& expected) {
  return found && *found == expected;
}

// Of SQLite as it is.
inline void run_on(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  sqlite3_busy_timeout(db, 10'000);
  BOOST_TEST(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
}

}  // namespace perdure::test
