// Rows of a view change: one statement each, prepared once. Next: sqlite_view_notes.cpp.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "views/row_values.hpp"
#include "views/sql_words.hpp"
#include "views/sqlite_tables.hpp"
#include "views/sqlite_view_parts.hpp"

namespace perdure::views {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A scalar of the row itself that is always there.
bool is_plain(const column& of) {
  const auto& field = *of.path.front();
  if (of.path.size() != 1 || of.may_be_null || field.is_repeated()) return false;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_BOOL:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_STRING:
      return true;
    default:
      return false;
  }
}

void bind_plain(sqlite_statement& to, int n, const Message& row, const FieldDescriptor& field,
                std::string& scratch) {
  const auto& reflection = *row.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return to.bind(n, std::int64_t{reflection.GetInt32(row, &field)});
    case FieldDescriptor::CPPTYPE_INT64:
      return to.bind(n, std::int64_t{reflection.GetInt64(row, &field)});
    case FieldDescriptor::CPPTYPE_UINT32:
      return to.bind(n, std::int64_t{reflection.GetUInt32(row, &field)});
    case FieldDescriptor::CPPTYPE_BOOL:
      return to.bind(n, std::int64_t{reflection.GetBool(row, &field)});
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return to.bind(n, reflection.GetDouble(row, &field));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return to.bind(n, double{reflection.GetFloat(row, &field)});
    default:
      break;
  }
  const auto& text = reflection.GetStringReference(row, &field, &scratch);
  field.type() == FieldDescriptor::TYPE_BYTES ? to.bind_blob(n, text) : to.bind_text(n, text);
}

// The same row always has the same bytes, though it has maps.
void encode(const Message& row, std::string& into) {
  into.clear();
  google::protobuf::io::StringOutputStream stream(&into);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  row.SerializeToCodedStream(&coded);
}

std::string put_of(const table_schema& table) {
  std::string names = "_key, _row", values = "?1, ?2", sets = "_row = excluded._row";
  int n = 2;
  for (const auto& c : table.columns) {
    auto name = quoted(c.name);
    names += ", " + name;
    values += ", ?" + std::to_string(++n);
    sets += ", " + name + " = excluded." + name;
  }
  auto where = quoted(table.name);
  return "INSERT INTO " + where + " (" + names + ") VALUES (" + values +
         ") ON CONFLICT (_key) DO UPDATE SET " + sets + " WHERE " + where +
         "._row IS NOT excluded._row";
}

}  // namespace

status sqlite_view_file::parts::prepare_tables() {
  tables.resize(plan.tables.size());
  for (std::size_t i = 0; i < plan.tables.size(); ++i) {
    const auto& schema = plan.tables[i].schema;
    auto& table = tables[i];
    auto where = quoted(schema.name);
    auto prepare = [&](sqlite_statement& into, const std::string& sql) -> status {
      auto made = writer->prepare(sql);
      if (made.ok()) into = *std::move(made);
      return made.error();
    };
    if (auto s = prepare(table.find, "SELECT _row FROM " + where + " WHERE _key = ?1"); !s.ok()) {
      return s;
    }
    if (auto s = prepare(table.put, put_of(schema)); !s.ok()) return s;
    if (auto s = prepare(table.remove, "DELETE FROM " + where + " WHERE _key = ?1"); !s.ok()) {
      return s;
    }
    for (const auto& c : schema.columns) table.is_plain.push_back(is_plain(c));
    bound.resize(std::max(bound.size(), schema.columns.size()));
    texts.resize(bound.size());
    table.is_told = std::ranges::any_of(plan.queries, [&](const view_query& q) {
      return q.stream_updates && std::ranges::count(q.plan.tables, schema.name) > 0;
    });
  }
  return {};
}

void sqlite_view_file::parts::count_change(std::size_t table, std::string_view key) {
  auto [place, is_new] = changed.insert(std::to_string(table) + "/" + std::string(key));
  if (is_new) changes.rows.push_back({table, std::string(key)});
}

status sqlite_view_file::begin() {
  parts_->changes = {};
  parts_->changed.clear();
  return parts_->run("BEGIN IMMEDIATE");
}

result<std::optional<std::string>> sqlite_view_file::find(std::size_t table, std::string_view key) {
  auto& statement = parts_->tables[table].find;
  statement.bind_text(1, key);
  auto there = statement.step();
  if (!there) return there.error();
  if (!*there) return std::optional<std::string>{};
  std::optional<std::string> row(statement.bytes(0));
  statement.reset();
  return row;
}

status sqlite_view_file::put(std::size_t table, std::string_view key, const Message& row) {
  auto& to = parts_->tables[table];
  const auto& schema = parts_->plan.tables[table].schema;
  PERDURE_CHECK(row.GetDescriptor() == schema.row);
  encode(row, parts_->encoded);
  to.put.bind_text(1, key);
  to.put.bind_blob(2, parts_->encoded);
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    const auto& column = schema.columns[i];
    int n = static_cast<int>(i) + 3;
    if (to.is_plain[i]) {
      bind_plain(to.put, n, row, *column.path.front(), parts_->texts[i]);
    } else {
      parts_->bound[i] = value_of(row, column);
      to.put.bind(n, parts_->bound[i]);
    }
  }
  if (auto done = to.put.step(); !done) return done.error();
  if (parts_->writer->changed() > 0) parts_->count_change(table, key);
  return {};
}

status sqlite_view_file::remove(std::size_t table, std::string_view key) {
  auto& statement = parts_->tables[table].remove;
  statement.bind_text(1, key);
  if (auto done = statement.step(); !done) return done.error();
  if (parts_->writer->changed() > 0) parts_->count_change(table, key);
  return {};
}

result<committed_changes> sqlite_view_file::commit() {
  if (auto s = parts_->keep_changes(); !s.ok()) return s;
  if (auto s = parts_->run("COMMIT"); !s.ok()) return s;
  parts_->last_change = parts_->changes.number;
  constexpr std::size_t told_max = 10'000;
  if (parts_->changes.rows.size() > told_max) {
    parts_->changes.rows.clear();
    parts_->changes.too_many = true;
  }
  parts_->changed.clear();
  return std::exchange(parts_->changes, {});
}

void sqlite_view_file::roll_back() {
  auto& writer = *parts_->writer;
  // After some errors SQLite has done it itself.
  if (sqlite3_get_autocommit(writer.handle()) == 0) {
    static_cast<void>(writer.run("ROLLBACK"));
  }
  parts_->changes = {};
  parts_->changed.clear();
}

}  // namespace perdure::views
