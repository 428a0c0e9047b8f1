#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "perdure/status.hpp"
#include "views/sql_value.hpp"

// A table whose rows stand in no file of SQLite's: whoever has them gives them one by one, while a
// statement asks. So it takes no more memory than a row, or a page of them, whatever there is.

namespace perdure::views {

struct foreign_column {
  std::string name;
  std::string type;  // "TEXT", as in CREATE TABLE
  // The table gives the rows with one value of it in less time than all.
  bool is_sought = false;
};

// What a statement asks of a table, each as many as there are columns.
struct foreign_conditions {
  // Of columns that are sought: only rows with this value are asked for. To give more is no harm.
  std::vector<std::optional<sql_value>> equal;
  std::vector<bool> is_used;  // the others are not asked for
};

// The rows, one after the other. Used by one thread at a time.
class foreign_cursor {
 public:
  virtual ~foreign_cursor() = default;

  // Goes to the first row, then the next; false: there is none. Quick, but may read a store.
  virtual result<bool> next() = 0;

  // Of the row.
  virtual result<sql_value> column(std::size_t n) = 0;
};

// Any thread.
class foreign_table {
 public:
  virtual ~foreign_table() = default;

  virtual const std::string& name() const = 0;
  virtual const std::vector<foreign_column>& columns() const = 0;  // at most 62
  virtual std::unique_ptr<foreign_cursor> open(const foreign_conditions& asked) const = 0;
};

}  // namespace perdure::views
