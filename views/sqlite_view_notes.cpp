// What stands beside a view's rows and changes with them: cursors, what is held back, what has been
// seen. Next: sqlite_view_changes.cpp.

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <chrono>
#include <utility>

#include "views/sqlite_view_parts.hpp"

namespace perdure::views {
namespace {

using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

// Each name and value with its length before it.
std::string encode_headers(const perdure::metadata& headers) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  CodedOutputStream out(&stream);
  for (const auto& [name, value] : headers) {
    for (const auto* text : {&name, &value}) {
      out.WriteVarint32(static_cast<std::uint32_t>(text->size()));
      out.WriteString(*text);
    }
  }
  out.Trim();
  return bytes;
}

bool decode_headers(std::string_view bytes, perdure::metadata& headers) {
  CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                      static_cast<int>(bytes.size()));
  auto read = [&](std::string& text) {
    std::uint32_t size = 0;
    return in.ReadVarint32(&size) && in.ReadString(&text, static_cast<int>(size));
  };
  while (in.CurrentPosition() < static_cast<int>(bytes.size())) {
    std::string name, value;
    if (!read(name) || !read(value)) return false;
    headers.emplace(std::move(name), std::move(value));
  }
  return true;
}

}  // namespace

// --------------------------------------------------------------------------------------------
// notes

status sqlite_view_file::parts::set_note(std::string_view name, std::string_view value) {
  return run(
      "INSERT INTO perdure_view VALUES (?1, ?2) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      name, value);
}

result<std::string> sqlite_view_file::parts::note(std::string_view name) {
  constexpr std::string_view sql = "SELECT value FROM perdure_view WHERE name = ?1";
  auto there = step(sql, name);
  if (!there) return there.error();
  if (!*there) return std::string();
  auto* statement = *notes.find(*writer, sql);
  std::string value(statement->bytes(0));
  statement->reset();
  return value;
}

status sqlite_view_file::move_cursor(std::string_view source, std::uint32_t partition,
                                     topic_offset next) {
  return parts_->run(
      "INSERT INTO perdure_cursors VALUES (?1, ?2, ?3) "
      "ON CONFLICT (source, part) DO UPDATE SET next = excluded.next",
      source, std::int64_t{partition}, value(next));
}

result<std::vector<sqlite_view_file::cursor>> sqlite_view_file::cursors() {
  auto read = parts_->writer->prepare("SELECT source, part, next FROM perdure_cursors");
  if (!read) return read.error();
  std::vector<cursor> all;
  auto more = read->step();
  for (; more.ok() && *more; more = read->step()) {
    all.push_back({std::string(read->bytes(0)), static_cast<std::uint32_t>(read->integer(1)),
                   topic_offset{static_cast<std::uint64_t>(read->integer(2))}});
  }
  if (!more) return more.error();
  return all;
}

result<bool> sqlite_view_file::see(std::string_view source, std::string_view subject,
                                   std::uint64_t sequence) {
  auto s = parts_->run(
      "INSERT INTO perdure_seen VALUES (?1, ?2, ?3) "
      "ON CONFLICT (source, subject) DO UPDATE SET sequence = excluded.sequence "
      "WHERE perdure_seen.sequence < excluded.sequence",
      source, subject, sequence);
  if (!s.ok()) return s;
  return parts_->writer->changed() > 0;
}

// ---------------------------------------------------------------------------------------------
// held

status sqlite_view_file::hold(const held_message& message) {
  constexpr std::string_view sql =
      "INSERT INTO perdure_held VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
  auto statement = parts_->notes.find(*parts_->writer, sql);
  if (!statement) return statement.error();
  const auto& record = message.record;
  auto headers = encode_headers(record.headers);
  auto& to = **statement;
  auto bind_optional = [&](int n, const std::optional<std::string>& bytes) {
    bytes ? to.bind_blob(n, *bytes) : to.bind_null(n);
  };
  bind_one(to, 1, message.source);
  bind_one(to, 2, message.subject);
  bind_one(to, 3, message.number);
  bind_one(to, 4, std::int64_t{message.partition});
  bind_one(to, 5, value(record.offset));
  bind_one(to, 6, std::int64_t{record.time.time_since_epoch().count()});
  bind_optional(7, record.key);
  bind_optional(8, record.payload);
  bind_one(to, 9, sqlite_blob{headers});
  bind_one(to, 10, std::int64_t{message.attempts});
  bind_one(to, 11, message.error);
  bind_one(to, 12, std::int64_t{message.is_parked});
  auto done = to.step();
  return done ? status() : done.error();
}

status sqlite_view_file::change_held(const held_message& message) {
  return parts_->run(
      "UPDATE perdure_held SET attempts = ?4, error = ?5, is_parked = ?6 "
      "WHERE source = ?1 AND subject = ?2 AND number = ?3",
      message.source, message.subject, message.number, std::int64_t{message.attempts},
      message.error, std::int64_t{message.is_parked});
}

status sqlite_view_file::release(const held_message& message) {
  return parts_->run("DELETE FROM perdure_held WHERE source = ?1 AND subject = ?2 AND number = ?3",
                     message.source, message.subject, message.number);
}

result<held_message> held_of(const sqlite_statement& row) {
  held_message m;
  m.source = row.bytes(0);
  m.subject = row.bytes(1);
  m.number = static_cast<std::uint64_t>(row.integer(2));
  m.partition = static_cast<std::uint32_t>(row.integer(3));
  m.record.offset = topic_offset{static_cast<std::uint64_t>(row.integer(4))};
  m.record.time = timestamp{std::chrono::milliseconds{row.integer(5)}};
  if (!row.is_null(6)) m.record.key = row.bytes(6);
  if (!row.is_null(7)) m.record.payload = row.bytes(7);
  if (!decode_headers(row.bytes(8), m.record.headers)) {
    return status(status_code::data_loss, "a held message of \"" + m.subject + "\" is damaged");
  }
  m.attempts = static_cast<std::uint32_t>(row.integer(9));
  m.error = row.bytes(10);
  m.is_parked = row.integer(11) != 0;
  return m;
}

result<std::vector<held_message>> sqlite_view_file::held() {
  auto read = parts_->writer->prepare("SELECT " + std::string(held_columns) +
                                      " FROM perdure_held ORDER BY source, subject, number");
  if (!read) return read.error();
  std::vector<held_message> all;
  auto more = read->step();
  for (; more.ok() && *more; more = read->step()) {
    auto one = held_of(*read);
    if (!one) return one.error();
    all.push_back(*std::move(one));
  }
  if (!more) return more.error();
  return all;
}

}  // namespace perdure::views
