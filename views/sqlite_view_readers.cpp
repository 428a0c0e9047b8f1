// Connections on which a view's file is read, as many as there are queries at a time.

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "views/sqlite_view_parts.hpp"

namespace perdure::views {
namespace {

constexpr std::size_t idle_max = 16;  // each holds some pages of the file in memory

// Of a table also what its full text search consists of.
bool is_of(std::string_view name, const std::vector<std::string>& tables) {
  return std::ranges::any_of(tables, [&](const std::string& table) {
    return name == table || name.starts_with(table + ".words");
  });
}

}  // namespace

result<sqlite_view_file::reader> sqlite_view_file::lend() {
  {
    std::lock_guard lock(parts_->mutex);
    if (!parts_->idle.empty()) {
      auto lent = std::move(parts_->idle.back());
      parts_->idle.pop_back();
      return reader(shared_from_this(), std::move(lent));
    }
  }
  auto opened = sqlite_connection::open(parts_->path, sqlite_connection::access::read);
  if (!opened) return opened.error();
  opened->restrict_to([tables = parts_->readable](std::string_view table, std::string_view) {
    return is_of(table, tables);
  });
  auto lent = std::unique_ptr<reader::parts>(new reader::parts{*std::move(opened), {}});
  return reader(shared_from_this(), std::move(lent));
}

sqlite_view_file::reader::reader(std::shared_ptr<sqlite_view_file> of, std::unique_ptr<parts> lent)
    : of_(std::move(of)), lent_(std::move(lent)) {}

sqlite_view_file::reader::reader(reader&&) noexcept = default;

sqlite_view_file::reader::~reader() {
  if (!lent_) return;
  auto& connection = lent_->connection;
  connection.go_on(0, {});
  // A snapshot that is left open would keep the log from being given back.
  if (sqlite3_get_autocommit(connection.handle()) == 0) {
    lent_->statements.reset_all();
    if (!connection.run("ROLLBACK").ok()) return;
  }
  std::lock_guard lock(of_->parts_->mutex);
  if (of_->parts_->idle.size() < idle_max) of_->parts_->idle.push_back(std::move(lent_));
}

sqlite_connection& sqlite_view_file::reader::connection() { return lent_->connection; }

result<sqlite_statement*> sqlite_view_file::reader::statement(const std::string& sql) {
  return lent_->statements.find(lent_->connection, sql);
}

}  // namespace perdure::views
