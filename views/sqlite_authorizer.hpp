#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "views/sqlite_connection.hpp"

// What statements of a restricted connection may do: SQLite asks while it compiles them.

namespace perdure::views {

// The functions of SQLite that they may call.
std::vector<std::string> permitted_functions();

class sqlite_authorizer {
 public:
  // `tables`: all that there are, in lower case.
  sqlite_authorizer(may_read allowed, std::set<std::string> tables)
      : allowed_(std::move(allowed)), tables_(std::move(tables)) {}

  // Whether the SQL that is compiled now is the runtime's own, which may begin and end
  // transactions.
  void compiles_for_runtime(bool is_so) { is_runtimes_ = is_so; }

  // Before SQL is compiled: what was refused last is of no interest any more.
  void begin() { refusal_.reset(); }

  // An action code of SQLite with its arguments.
  bool permits(int action, const char* first, const char* second);

  // Why it was refused last, once.
  std::optional<std::string> take_refusal() { return std::exchange(refusal_, std::nullopt); }

 private:
  bool permits_reading(std::string_view table, std::string_view column) const;
  bool refuse(std::string why);

  may_read allowed_;
  std::set<std::string> tables_;
  bool is_runtimes_ = false;
  std::optional<std::string> refusal_;
};

}  // namespace perdure::views
