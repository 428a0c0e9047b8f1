// From row_schema to tables in SQLite. What full text search needs is kept by triggers, so that
// whoever writes rows need not know of it.

#include "views/sqlite_tables.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

std::string table_of(const table_schema& schema) {
  std::string sql = "CREATE TABLE " + quoted(schema.name) +
                    " (_id INTEGER PRIMARY KEY, _key TEXT NOT NULL UNIQUE";
  for (auto& column : schema.columns) {
    sql += ", " + quoted(column.name) + " " + std::string(sql_type_of(column.type));
  }
  return sql + ", _row BLOB NOT NULL)";
}

// "a, b" of each column; `before` stands before each: "new.a, new.b".
std::string listed(const std::vector<std::string>& columns, std::string_view before = "",
                   std::string_view between = ", ") {
  std::string sql;
  for (auto& column : columns) {
    sql += (sql.empty() ? "" : std::string(between)) + std::string(before) + quoted(column);
  }
  return sql;
}

// Of an index that does not keep the texts, old ones have to be named to be taken out.
std::string words_of(const view_table_plan& table) {
  auto& columns = table.searched;
  auto of = quoted(table.schema.name), words = quoted(table.schema.name + ".words");
  auto trigger = [&](std::string_view name, const std::string& when, const std::string& body) {
    return "CREATE TRIGGER " + quoted(table.schema.name + ".words " + std::string(name)) +
           " AFTER " + when + " BEGIN " + body + " END;";
  };
  auto adds = "INSERT INTO " + words + " (rowid, " + listed(columns) + ") VALUES (new._id, " +
              listed(columns, "new.") + ");";
  auto takes_out = "INSERT INTO " + words + " (" + words + ", rowid, " + listed(columns) +
                   ") VALUES ('delete', old._id, " + listed(columns, "old.") + ");";
  std::string changes;
  for (auto& column : columns) {
    auto name = quoted(column);
    changes += (changes.empty() ? "" : " OR ") + ("old." + name) + " IS NOT new." + name;
  }
  return "CREATE VIRTUAL TABLE " + words + " USING fts5(" + listed(columns) + ", content=" + of +
         ", content_rowid='_id', tokenize='unicode61 remove_diacritics 2');" +
         trigger("insert", "INSERT ON " + of, adds) +
         trigger("delete", "DELETE ON " + of, takes_out) +
         trigger("update", "UPDATE OF " + listed(columns) + " ON " + of + " WHEN " + changes,
                 takes_out + adds) +
         "INSERT INTO " + words + " (" + words + ") VALUES ('rebuild');";
}

}  // namespace

status create_tables(sqlite_connection& in, std::span<const view_table_plan> tables) {
  for (auto& table : tables) {
    if (auto made = in.run(table_of(table.schema)); !made.ok()) return made;
    if (auto made = create_search(in, table); !made.ok()) return made;
  }
  return {};
}

status create_search(sqlite_connection& in, const view_table_plan& table) {
  return table.searched.empty() ? status() : in.run(words_of(table));
}

status drop_search(sqlite_connection& in, const view_table_plan& table) {
  auto& name = table.schema.name;
  for (auto* trigger : {"insert", "delete", "update"}) {
    auto dropped = in.run("DROP TRIGGER IF EXISTS " + quoted(name + ".words " + trigger));
    if (!dropped.ok()) return dropped;
  }
  return in.run("DROP TABLE IF EXISTS " + quoted(name + ".words"));
}

std::string index_plan::create() const {
  std::string listed;
  for (auto& column : columns) listed += (listed.empty() ? "" : ", ") + column;
  return "CREATE INDEX " + quoted(name) + " ON " + quoted(table) + " (" + listed + ")";
}

}  // namespace perdure::views
