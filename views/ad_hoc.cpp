// A person's SQL: a connection of its own, with the files of the views that it names and the tables
// from elsewhere, cut when it takes too long or says too much.

#include "views/ad_hoc.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "base/ascii.hpp"
#include "base/suggest.hpp"
#include "views/ad_hoc_names.hpp"
#include "views/sql_tokens.hpp"
#include "views/sqlite_connection.hpp"
#include "views/sqlite_foreign_tables.hpp"
#include "views/sqlite_tables.hpp"

namespace perdure::views {
namespace {

// How often it is looked whether a question is to be cut: some microseconds.
constexpr int steps_between_looks = 1'000;

// SQLite can have no more files at once.
constexpr std::size_t views_max = 10;

constexpr std::string_view no_such_table = "no such table: ";

std::string text_literal(std::string_view text) {
  std::string made = "'";
  for (char c : text) {
    made += c;
    if (c == '\'') made += c;
  }
  return made + "'";
}

std::size_t bytes_of(const sql_value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* blob = std::get_if<sql_blob>(&value)) return blob->bytes.size();
  return sizeof(std::int64_t);
}

status too_large(std::string_view what) {
  return {status_code::resource_exhausted,
          "the answer has more than " + std::string(what) + "; narrow it down, or add LIMIT"};
}

}  // namespace

struct ad_hoc_question::parts {
  parts(std::string text, ad_hoc_surroundings what)
      : sql(std::move(text)), around(std::move(what)) {}

  const std::string sql;
  const ad_hoc_surroundings around;
  std::vector<std::shared_ptr<sqlite_view_file>> files;  // kept while they are read
  std::optional<sqlite_connection> connection;
  sqlite_statement statement;
  foreign_failure failure;
  std::vector<foreign_column> columns;
  std::vector<int> shown;  // as many: where they are in the row
  std::size_t rows = 0, bytes = 0;

  bool is_cancelled() const { return around.cancelled && *around.cancelled; }

  status open();
  status attach(const ad_hoc_names& names, std::set<std::string>& readable);
  void show(const ad_hoc_names& names);
  status refused(status why) const;
  status cut_or(status why) const;
};

status ad_hoc_question::parts::open() {
  auto names = ad_hoc_names::of(sql);
  if (!names.ok()) return names.error();
  auto opened = sqlite_connection::open(":memory:", sqlite_connection::access::read);
  if (!opened.ok()) return opened.error();
  connection.emplace(*std::move(opened));

  std::set<std::string> readable;
  if (auto s = attach(*names, readable); !s.ok()) return s;
  for (const auto& table : around.tables) readable.insert(lower_case(table->name()));
  auto added = add_foreign_tables(*connection, around.tables);
  if (!added.ok()) return added.error();
  failure = *added;
  connection->restrict_to([readable = std::move(readable)](std::string_view table, auto) {
    return readable.contains(lower_case(table));
  });
  connection->go_on(steps_between_looks, [this] {
    return !is_cancelled() && std::chrono::steady_clock::now() < around.until;
  });
  return {};
}

status ad_hoc_question::parts::attach(const ad_hoc_names& names, std::set<std::string>& readable) {
  auto named = views_named(sql, names, around.views);
  if (!named.ok()) return named.error();
  if (named->size() > views_max) {
    return {status_code::resource_exhausted, "the SQL names the tables of " +
                                                 std::to_string(named->size()) + " views, and " +
                                                 std::to_string(views_max) + " are the most"};
  }
  for (const auto& [view, schema] : *named) {
    auto file = view->file();
    if (!file.ok()) {
      return {file.error().code(), view->service + ": " + file.error().message()};
    }
    auto opening = "ATTACH " + text_literal((*file)->path()) + " AS " + quoted(schema);
    if (auto s = connection->run(opening); !s.ok()) return s;
    files.push_back(*std::move(file));
    for (const auto& table : view->tables) readable.insert(lower_case(table));
  }
  return {};
}

void ad_hoc_question::parts::show(const ad_hoc_names& names) {
  for (int n = 0; n < statement.column_count(); ++n) {
    auto name = statement.column_name(n);
    bool is_inner = name == "_id" || name == "_row";
    if (is_inner && !names.has(name)) continue;
    columns.push_back({name, statement.declared_type(n).value_or("")});
    shown.push_back(n);
  }
}

// The text, with its place and what may have been meant.
status ad_hoc_question::parts::refused(status why) const {
  if (why.code() != status_code::invalid_argument) return cut_or(std::move(why));
  auto text = why.message();
  // Of a table from elsewhere SQLite finds out by itself that nothing writes it.
  if (text.ends_with("may not be modified")) {
    return {status_code::permission_denied, "the query is not permitted: it may only read"};
  }
  auto at = connection->error_at();
  if (auto found = text.find(no_such_table); found != text.npos) {
    auto name = text.substr(found + no_such_table.size());
    text += did_you_mean(name, table_names(around));
    auto names = ad_hoc_names::of(sql);
    if (!at && names.ok()) at = names->surely_table(name);
  }
  if (at) text = place_in(sql, *at) + ": " + text;
  return {why.code(), text};
}

// What a cut means, and what a table from elsewhere has failed with.
status ad_hoc_question::parts::cut_or(status why) const {
  if (failure && !failure->ok()) return *failure;
  if (why.code() != status_code::deadline_exceeded) return why;
  if (is_cancelled()) return {status_code::cancelled, "the one who asked has gone"};
  return {status_code::deadline_exceeded, "the SQL has taken too long, and was cut"};
}

result<std::unique_ptr<ad_hoc_question>> ad_hoc_question::ask(std::string sql,
                                                              ad_hoc_surroundings around) {
  auto made = std::make_unique<parts>(std::move(sql), std::move(around));
  if (auto s = made->open(); !s.ok()) return s;
  auto statement = made->connection->prepare(made->sql);
  if (!statement.ok()) return made->refused(statement.error());
  made->statement = *std::move(statement);
  if (made->statement.column_count() == 0) {
    return status(status_code::permission_denied, "the SQL may only ask, with SELECT");
  }
  made->show(*ad_hoc_names::of(made->sql));
  return std::unique_ptr<ad_hoc_question>(new ad_hoc_question(std::move(made)));
}

result<std::vector<std::string>> ad_hoc_question::plan(std::string sql,
                                                       ad_hoc_surroundings around) {
  parts asked(std::move(sql), std::move(around));
  if (auto s = asked.open(); !s.ok()) return s;
  auto lines = asked.connection->plan_of(asked.sql);
  if (!lines.ok()) return asked.refused(lines.error());
  return lines;
}

ad_hoc_question::ad_hoc_question(std::unique_ptr<parts> asked) : parts_(std::move(asked)) {}

ad_hoc_question::~ad_hoc_question() = default;

const std::vector<foreign_column>& ad_hoc_question::columns() const { return parts_->columns; }

result<std::optional<std::vector<sql_value>>> ad_hoc_question::next() {
  auto& from = parts_->statement;
  auto there = from.step();
  if (!there.ok()) return parts_->cut_or(there.error());
  if (!*there) return std::optional<std::vector<sql_value>>();
  if (parts_->rows++ == parts_->around.rows_max) {
    return too_large(std::to_string(parts_->around.rows_max) + " rows");
  }
  std::vector<sql_value> row;
  row.reserve(parts_->shown.size());
  for (int n : parts_->shown) {
    row.push_back(from.column(n));
    parts_->bytes += bytes_of(row.back());
  }
  if (parts_->bytes > parts_->around.bytes_max) {
    return too_large(std::to_string(parts_->around.bytes_max >> 20) + " MiB");
  }
  return std::optional(std::move(row));
}

}  // namespace perdure::views
