#pragma once

#include <google/protobuf/descriptor.h>

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "views/query_plan.hpp"
#include "views/query_scopes.hpp"

// A query while it is being planned: what plan_query()'s parts hand on to one another. Each part
// has one subject, and runs in the order in which they stand here.

namespace perdure::views {

// What a name turned out to be.
struct found_name {
  token_range written;
  const from_item* of = nullptr;            // null: not known here, or an alias
  const column* is = nullptr;               // null: _key, or a column that SQLite must know
  bool is_key = false;                      // _key of a table
  bool is_qualified = false;                // its first part is the name of `of`
  const select_item* alias = nullptr;       // of a result
  bool is_wrong = false;                    // that there is none has been told
  std::optional<column_type> type() const;  // where it is known
};

// A list that a comparison looks into: IN (:list), ANY(...).
struct found_list {
  const google::protobuf::FieldDescriptor* element;  // the repeated field, or one inside it
  std::string written;                               // for people
};

struct query_reading {
  std::string_view text;
  std::span<const table_schema> tables;
  const google::protobuf::Descriptor* request;
  const google::protobuf::Descriptor* response;
  bool streams;

  query_shape shape = {};
  std::vector<std::string> out = {};              // by token: what becomes of it
  std::map<std::size_t, found_name> names = {};   // by their first token
  std::map<std::size_t, found_list> lists = {};   // by the token of the parameter, or of ANY
  std::map<std::size_t, std::size_t> bound = {};  // by token: which parameter
  std::set<std::size_t> placed = {};              // calls that are ours, where they may stand
  std::vector<bool> is_done = {};                 // by token: not to be looked at again
  planned_query_text made = {};

  const select_core& first() const { return shape.cores[shape.outermost.front()]; }
  const select_core& last() const { return shape.cores[shape.outermost.back()]; }
  bool is_compound() const { return shape.outermost.size() > 1; }

  void problem(std::size_t token, std::string text);
  std::string written(token_range of) const;  // as the user wrote it
  std::string sql(token_range of) const;      // as it has become
  std::string sql(token_range of, const std::vector<std::string>& texts) const;

  // Whether these tokens are a call, and nothing else, of a function.
  bool is_call(token_range of, std::string_view function) const;
};

// Names of columns: resolves and rewrites them, and text_search.
void rewrite_names(query_reading& q);

// From a path in a repeated message, or such a column, to json_each; and lists of the request.
void rewrite_any(query_reading& q, std::size_t any);
void rewrite_in_list(query_reading& q, std::size_t parameter);
void rewrite_text_search(query_reading& q, std::size_t function);

// Resolves the name that begins at a token; problems where it can tell that there is none.
found_name find_name(query_reading& q, std::size_t begin);
std::string sql_of(const found_name& name, const query_reading& q);

// The number of a parameter in the SQL; 0, and a problem, when the request has no such field.
std::size_t number_of(query_reading& q, std::size_t token);
void check_parameter_use(query_reading& q, std::size_t token);

// That what is compared can be.
void check_comparisons(query_reading& q);

// The list of results: columns of SQL, and the fields that they go to.
struct made_results {
  std::vector<std::string> columns;
  std::vector<result_field> fields;
  std::vector<std::size_t> column_of_item;  // none: it has no column of its own
  bool looks_behind = false;                // has_more() or next_page_token()
  bool counts = false;
  std::size_t token_item = none;  // the token of next_page_token()
  bool is_about_all = false;      // one message of all rows
};
made_results results_of(query_reading& q, const select_core& core);

// An expression of ORDER BY or GROUP BY where aliases and numbers of results mean nothing.
std::string without_aliases(const query_reading& q, token_range term, bool is_order);

// ORDER BY 2 and GROUP BY 2 count results; the SQL may have more columns.
void renumber(query_reading& q, const made_results& results);

// What tells rows of the results apart, as SQL; empty when nothing does.
std::vector<std::string> keys_of(const query_reading& q);
bool has_aggregate(const query_reading& q);

struct limits_of_query {
  token_range limit, offset;
  std::size_t page_token = none;  // the token of page_token_offset's parameter
};
limits_of_query limits_of(query_reading& q);

// The SQL of it all.
void assemble(query_reading& q, made_results results);
void assemble_pages(query_reading& q, const made_results& results, const limits_of_query& limits,
                    const std::vector<std::string>& keys);

// Pieces of SQL.
std::string with_of(const query_reading& q);  // "WITH ... "
std::string select_of(const query_reading& q, const select_core& core,
                      const std::vector<std::string>& columns);  // without ORDER BY and LIMIT
std::string limit_and_one(const query_reading& q, token_range limit);
std::string joined(const std::vector<std::string>& texts);  // with ", "

std::optional<live_plan> live_plan_of(const query_reading& q,
                                      const std::vector<std::string>& columns);

}  // namespace perdure::views
