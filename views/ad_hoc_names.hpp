#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "perdure/status.hpp"
#include "views/ad_hoc.hpp"

// Which views an SQL text of a person names.

namespace perdure::views {

// The names in it, as far as words tell: a column or an alias is one of them too.
class ad_hoc_names {
 public:
  // INVALID_ARGUMENT: as of tokens_of().
  static result<ad_hoc_names> of(std::string_view sql);

  bool has(std::string_view name) const;
  bool has_schema(std::string_view name) const;  // something behind a dot follows it
  bool has_table(std::string_view name) const;   // no dot is before it
  // Where it stands behind FROM or JOIN and no dot: it can be nothing but a table.
  std::optional<std::size_t> surely_table(std::string_view name) const;

 private:
  struct one {
    std::string name;  // in lower case, without quotes
    std::size_t at;
    bool is_behind_dot = false, is_before_dot = false, is_behind_from = false;
  };
  std::vector<one> names_;
};

// A view, and what its tables are qualified by in this question.
struct named_view {
  const asked_view* view;
  std::string schema;
};

// INVALID_ARGUMENT: a table is of more than one view, and the question does not say which.
result<std::vector<named_view>> views_named(std::string_view sql, const ad_hoc_names& names,
                                            const std::vector<asked_view>& views);

// All names by which a question may name tables, for suggestions.
std::vector<std::string> table_names(const ad_hoc_surroundings& around);

}  // namespace perdure::views
