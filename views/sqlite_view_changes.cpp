// The latest changes of a view's rows, by number, for streams that resume. Next:
// sqlite_view_readers.cpp.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>
#include <utility>

#include "views/sqlite_view_parts.hpp"

namespace perdure::views {
namespace {

constexpr std::size_t changes_max = 100'000;
constexpr std::size_t changes_slack = 1'000;  // so that not every commit trims

std::uint64_t number_in(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

result<std::uint64_t> number_noted(sqlite_connection& file, std::string_view name) {
  auto note = file.prepare("SELECT value FROM perdure_view WHERE name = ?1");
  if (!note) return note.error();
  note->bind_text(1, name);
  auto there = note->step();
  if (!there) return there.error();
  return *there ? number_in(note->bytes(0)) : 0;
}

// Of one snapshot.
result<std::optional<committed_changes>> read_changes(sqlite_connection& file,
                                                      const view_plan& plan, std::uint64_t since) {
  auto forgotten = number_noted(file, "forgotten");
  if (!forgotten) return forgotten.error();
  auto last = number_noted(file, "last_change");
  if (!last) return last.error();
  if (since < *forgotten || since > *last) return std::optional<committed_changes>{};
  auto rows =
      file.prepare("SELECT \"table\", key FROM perdure_changes WHERE number > ?1 ORDER BY number");
  if (!rows) return rows.error();
  rows->bind(1, static_cast<std::int64_t>(since));
  committed_changes found{*last, {}, false};
  std::set<std::pair<std::size_t, std::string>> known;
  auto more = rows->step();
  for (; more.ok() && *more; more = rows->step()) {
    auto name = rows->bytes(0);
    if (name.empty()) {
      if (since > number_in(rows->bytes(1))) return std::optional<committed_changes>{};
      continue;
    }
    auto table =
        std::ranges::find_if(plan.tables, [&](const auto& t) { return t.schema.name == name; });
    if (table == plan.tables.end()) continue;
    auto index = static_cast<std::size_t>(table - plan.tables.begin());
    std::string key(rows->bytes(1));
    if (known.emplace(index, key).second) found.rows.push_back({index, std::move(key)});
  }
  if (!more) return more.error();
  return std::optional(std::move(found));
}

}  // namespace

// Numbers go on behind the clock, not behind what stands in the file: after a power cut there may
// have been others, which somebody was told. The row without a table says which numbers are none.
status sqlite_view_file::parts::load_changes() {
  auto last = note("last_change");
  if (!last) return last.error();
  std::string told;
  for (const auto& query : plan.queries) {
    if (!query.stream_updates) continue;
    for (const auto& table : query.plan.tables) told += table + "\n";
  }
  auto known = note("told");
  if (!known) return known.error();
  auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  auto next = std::max(number_in(*last) + 1, static_cast<std::uint64_t>(now.count()));
  if (auto s = run("BEGIN IMMEDIATE"); !s.ok()) return s;
  auto noted = [&]() -> status {
    if (auto s = set_note("last_change", std::to_string(next)); !s.ok()) return s;
    if (*known == told) return run("INSERT INTO perdure_changes VALUES (?1, '', ?2)", next, *last);
    // What was not told of has changed before.
    if (auto s = set_note("told", told); !s.ok()) return s;
    if (auto s = set_note("forgotten", std::to_string(next)); !s.ok()) return s;
    return run("DELETE FROM perdure_changes");
  }();
  if (noted.ok()) noted = run("COMMIT");
  if (!noted.ok()) {
    static_cast<void>(writer->run("ROLLBACK"));
    return noted;
  }
  last_change = next;
  constexpr std::string_view count = "SELECT count(*) FROM perdure_changes";
  if (auto counted = step(count); !counted) return counted.error();
  auto* statement = *notes.find(*writer, count);
  changes_kept = static_cast<std::size_t>(statement->integer(0));
  statement->reset();
  return {};
}

status sqlite_view_file::parts::keep_changes() {
  changes.number = last_change;
  if (changes.rows.empty()) return {};
  for (const auto& row : changes.rows) {
    if (auto s = run("INSERT INTO perdure_changes VALUES (?1, ?2, ?3)", ++changes.number,
                     plan.tables[row.table].schema.name, row.key);
        !s.ok()) {
      return s;
    }
    ++changes_kept;
  }
  if (auto s = set_note("last_change", std::to_string(changes.number)); !s.ok()) return s;
  if (changes_kept <= changes_max + changes_slack) return {};
  constexpr std::string_view find =
      "SELECT number FROM perdure_changes ORDER BY number DESC LIMIT 1 OFFSET ?1";
  auto there = step(find, static_cast<std::uint64_t>(changes_max));
  if (!there) return there.error();
  if (!*there) return {};
  auto* statement = *notes.find(*writer, find);
  auto until = static_cast<std::uint64_t>(statement->integer(0));
  statement->reset();
  changes_kept = changes_max;
  if (auto s = run("DELETE FROM perdure_changes WHERE number <= ?1", until); !s.ok()) return s;
  return set_note("forgotten", std::to_string(until));
}

std::uint64_t sqlite_view_file::last_change() const { return parts_->last_change; }

result<std::optional<committed_changes>> sqlite_view_file::changes_since(std::uint64_t number) {
  using answer = std::optional<committed_changes>;
  if (parts_->is_old) {
    return number == last_change() ? answer(committed_changes{number, {}, false}) : answer();
  }
  std::lock_guard lock(parts_->resuming.mutex);
  auto& file = parts_->resuming.connection;
  if (!file) {
    auto opened = sqlite_connection::open(parts_->path, sqlite_connection::access::read);
    if (!opened) return opened.error();
    file.emplace(*std::move(opened));
  }
  if (auto s = file->run("BEGIN"); !s.ok()) return s;
  auto read = read_changes(*file, parts_->plan, number);
  static_cast<void>(file->run("ROLLBACK"));
  return read;
}

}  // namespace perdure::views
