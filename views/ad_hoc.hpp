#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"
#include "views/foreign_table.hpp"
#include "views/sql_value.hpp"
#include "views/sqlite_view_file.hpp"

// SQL that a person asks, over all views of a process and what else is shown as tables.
//
//   flights                     a table that only one view has, or one from elsewhere
//   FlightViews.flights         of the view whose service has this name
//   "a.b.FlightViews".flights   the same, where two services have it
//   main.entities               one from elsewhere, where a view has such a table too
//
// A question has a connection of its own, to the files of those views that it names, and can do
// nothing but read their tables and those from elsewhere: it is not trusted, however it came here.
// The columns _id and _row, a row's number and its message as bytes, are in the results only where
// the SQL names them.

namespace perdure::views {

// A view that can be asked.
struct asked_view {
  std::string service;  // "flights.api.FlightViews"
  std::vector<std::string> tables;
  // Of its rows, called where it is named; an error of it is one of the question.
  std::function<result<std::shared_ptr<sqlite_view_file>>()> file;
};

struct ad_hoc_surroundings {
  std::vector<asked_view> views;
  std::vector<std::shared_ptr<const foreign_table>> tables;
  std::chrono::steady_clock::time_point until;              // when it is cut
  std::shared_ptr<const std::atomic<bool>> cancelled = {};  // likewise; may be null
  std::size_t rows_max = 100'000;
  std::size_t bytes_max = 64 << 20;
};

// Used by one thread at a time.
class ad_hoc_question {
 public:
  // Errors of this and next():
  //   INVALID_ARGUMENT    SQLite refuses it, with its text and, where it says, the place:
  //                       "line 1, column 8: no such column: carier"
  //   PERMISSION_DENIED   it writes, or reads what is not for it
  //   DEADLINE_EXCEEDED   it was cut, as it has taken too long
  //   CANCELLED           the one who asked has gone
  //   RESOURCE_EXHAUSTED  the answer, a value in it, or the SQL is too large
  //   UNAVAILABLE         a view it names has no rows yet; a store cannot be read
  //   OUT_OF_RANGE, DATA_LOSS  as of sqlite_connection; others of the tables from elsewhere
  static result<std::unique_ptr<ad_hoc_question>> ask(std::string sql, ad_hoc_surroundings around);

  // How SQLite would find the answer, a line each.
  static result<std::vector<std::string>> plan(std::string sql, ad_hoc_surroundings around);

  ~ad_hoc_question();

  // Of the answer; a type is empty where a column is no table's.
  const std::vector<foreign_column>& columns() const;

  // The next row; nullopt behind the last.
  result<std::optional<std::vector<sql_value>>> next();

 private:
  struct parts;
  explicit ad_hoc_question(std::unique_ptr<parts> asked);
  std::unique_ptr<parts> parts_;
};

}  // namespace perdure::views
