// Rows of a view change: one statement each, prepared once. Next: sqlite_view_notes.cpp.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <sqlite3.h>

#include <algorithm>
#include <set>
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

// Parameters as those of put_of().
std::string change_of(const table_schema& table, const std::vector<bool>& is_kept) {
  std::string sets = "_row = ?2";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (is_kept[i]) continue;
    sets += ", " + quoted(table.columns[i].name) + " = ?" + std::to_string(i + 3);
  }
  return "UPDATE " + quoted(table.name) + " SET " + sets + " WHERE _key = ?1";
}

// Columns of a table that some index has.
result<std::set<std::string, std::less<>>> indexed_columns(sqlite_connection& in,
                                                           const std::string& table) {
  auto read = in.prepare(
      "SELECT i.name FROM pragma_index_list(?1) AS l, pragma_index_info(l.name) AS i "
      "WHERE i.name IS NOT NULL");
  if (!read) return read.error();
  read->bind_text(1, table);
  std::set<std::string, std::less<>> names;
  auto more = read->step();
  for (; more.ok() && *more; more = read->step()) names.emplace(read->bytes(0));
  if (!more) return more.error();
  return names;
}

// Columns by which live queries pick rows of the table, each once.
std::vector<std::size_t> picked_columns(const view_plan& plan, const std::string& table) {
  std::set<std::size_t> columns;
  for (const auto& query : plan.queries) {
    if (!query.stream_updates || !query.plan.live || query.plan.live->table != table) continue;
    const auto& picks = query.plan.live->picks;
    if (picks && picks->column) columns.insert(*picks->column);
  }
  return {columns.begin(), columns.end()};
}

std::string pick_of(const table_schema& table, const std::vector<std::size_t>& columns) {
  std::string names;
  for (auto i : columns) names += (names.empty() ? "" : ", ") + quoted(table.columns[i].name);
  return "SELECT " + names + " FROM " + quoted(table.name) + " WHERE _key = ?1";
}

// Of all tables of a view.
constexpr std::size_t recent_bytes_max = 32 << 20;

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
    table.picked = picked_columns(plan, schema.name);
    if (!table.picked.empty()) {
      if (auto s = prepare(table.pick, pick_of(schema, table.picked)); !s.ok()) return s;
    }
    table.recent = recent_rows(recent_bytes_max / plan.tables.size());
  }
  return prepare_changes();
}

status sqlite_view_file::parts::prepare_changes() {
  for (std::size_t i = 0; i < plan.tables.size(); ++i) {
    const auto& [schema, searched] = plan.tables[i];
    auto& table = tables[i];
    auto indexed = indexed_columns(*writer, schema.name);
    if (!indexed) return indexed.error();
    table.is_kept.clear();
    for (const auto& c : schema.columns) {
      table.is_kept.push_back(indexed->contains(c.name) ||
                              std::ranges::count(searched, c.name) > 0);
    }
    table.recent.forget_all();
    auto made = writer->prepare(change_of(schema, table.is_kept));
    if (!made) return made.error();
    table.change = *std::move(made);
  }
  return {};
}

result<sqlite_view_file::parts::picked_values> sqlite_view_file::parts::picked_before(
    std::size_t table, std::string_view key) {
  picked_values values;
  auto& in = tables[table];
  if (in.picked.empty() || !is_complete) return values;
  in.pick.bind_text(1, key);
  auto there = in.pick.step();
  if (!there) return there.error();
  if (!*there) return values;
  for (std::size_t i = 0; i < in.picked.size(); ++i) {
    values.emplace_back(in.picked[i], in.pick.column(static_cast<int>(i)));
  }
  in.pick.reset();
  return values;
}

void sqlite_view_file::parts::count_change(std::size_t table, std::string_view key,
                                           picked_values had) {
  // Of other tables nobody is told, and of a file that does not serve nobody has read anything.
  if (!tables[table].is_told || !is_complete) return;
  auto [place, is_new] =
      changed.emplace(std::to_string(table) + "/" + std::string(key), changes.rows.size());
  if (is_new) return changes.rows.push_back({table, std::string(key), std::move(had)});
  auto& known = changes.rows[place->second].had;
  known.insert(known.end(), had.begin(), had.end());
}

status sqlite_view_file::begin() {
  parts_->changes = {};
  parts_->changed.clear();
  return parts_->run("BEGIN IMMEDIATE");
}

result<std::optional<std::string>> sqlite_view_file::find(std::size_t table, std::string_view key) {
  auto& in = parts_->tables[table];
  if (const auto* known = in.recent.find(key)) return std::optional(known->encoded);
  in.find.bind_text(1, key);
  auto there = in.find.step();
  if (!there) return there.error();
  if (!*there) return std::optional<std::string>{};
  std::optional<std::string> row(in.find.bytes(0));
  in.find.reset();
  in.recent.put(key, {*row, std::nullopt});
  return row;
}

status sqlite_view_file::put(std::size_t table, std::string_view key, const Message& row) {
  auto& to = parts_->tables[table];
  const auto& schema = parts_->plan.tables[table].schema;
  PERDURE_CHECK(row.GetDescriptor() == schema.row);
  encode(row, parts_->encoded);
  const auto* known = to.recent.find(key);
  if (known && known->encoded == parts_->encoded) return {};
  std::string kept;
  for (std::size_t i = 0; i < schema.columns.size(); ++i) {
    if (to.is_plain[i] && !to.is_kept[i]) continue;
    parts_->bound[i] = value_of(row, schema.columns[i]);
    if (to.is_kept[i]) pack_behind(kept, parts_->bound[i]);
  }
  auto write = [&](sqlite_statement& by) -> status {
    by.bind_text(1, key);
    by.bind_blob(2, parts_->encoded);
    for (std::size_t i = 0; i < schema.columns.size(); ++i) {
      if (to.is_kept[i] && &by == &to.change) continue;
      int n = static_cast<int>(i) + 3;
      if (to.is_plain[i] && !to.is_kept[i]) {
        bind_plain(by, n, row, *schema.columns[i].path.front(), parts_->texts[i]);
      } else {
        by.bind(n, parts_->bound[i]);
      }
    }
    return by.step().error();
  };
  auto had = parts_->picked_before(table, key);
  if (!had) return had.error();
  // What indexes and full text search keep is most of the work of a change, and seldom changes.
  bool is_narrow = known && known->kept == kept;
  auto done = write(is_narrow ? to.change : to.put);
  bool has_gone = is_narrow && done.ok() && parts_->writer->changed() == 0;  // by a stranger's hand
  if (has_gone) done = write(to.put);
  if (!done.ok()) return done;
  if (parts_->writer->changed() > 0) {
    for (auto column : to.picked) had->emplace_back(column, value_of(row, schema.columns[column]));
    parts_->count_change(table, key, *std::move(had));
  }
  to.recent.put(key, {parts_->encoded, std::move(kept)});
  return {};
}

status sqlite_view_file::remove(std::size_t table, std::string_view key) {
  auto& from = parts_->tables[table];
  auto had = parts_->picked_before(table, key);
  if (!had) return had.error();
  from.recent.forget(key);
  from.remove.bind_text(1, key);
  if (auto done = from.remove.step(); !done) return done.error();
  if (parts_->writer->changed() > 0) parts_->count_change(table, key, *std::move(had));
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
  for (auto& table : parts_->tables) table.recent.forget_all();
  parts_->changes = {};
  parts_->changed.clear();
}

}  // namespace perdure::views
