// What queries need that SQLite has not. The SQL that query_plan writes calls these; they are
// harmless in any other too.

#include "views/sqlite_functions.hpp"

#include <sqlite3.h>

#include <new>
#include <string>

#include "base/check.hpp"
#include "views/packed_values.hpp"

namespace perdure::views {
namespace {

std::string bytes_of(sqlite3_value* value) {
  auto* bytes = static_cast<const char*>(sqlite3_value_blob(value));
  auto size = sqlite3_value_bytes(value);
  return bytes ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

sql_value value_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return std::int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT:
      return sqlite3_value_double(value);
    case SQLITE_TEXT:
      return bytes_of(value);
    case SQLITE_BLOB:
      return sql_blob{bytes_of(value)};
    default:
      return std::monostate{};
  }
}

struct answer {
  sqlite3_context* context;

  void operator()(std::monostate) const { sqlite3_result_null(context); }
  void operator()(std::int64_t number) const { sqlite3_result_int64(context, number); }
  void operator()(double number) const { sqlite3_result_double(context, number); }
  void operator()(const std::string& text) const {
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  void operator()(const sql_blob& blob) const {
    sqlite3_result_blob64(context, blob.bytes.data(), blob.bytes.size(), SQLITE_TRANSIENT);
  }
};

// No exception goes through SQLite, which is C. What can throw here is only the want of memory.
template <class Body>
void guarded(sqlite3_context* context, Body body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

void tuple(sqlite3_context* context, int count, sqlite3_value** arguments) {
  guarded(context, [&] {
    std::string packed;
    bool has_value = false;
    for (int i = 0; i < count; ++i) {
      auto value = value_of(arguments[i]);
      has_value = has_value || !std::holds_alternative<std::monostate>(value);
      pack_behind(packed, value);
    }
    if (has_value) answer{context}(sql_blob{std::move(packed)});
  });
}

void at(sqlite3_context* context, int, sqlite3_value** arguments) {
  guarded(context, [&] {
    if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
    auto values = unpack(bytes_of(arguments[0]));
    if (!values) return sqlite3_result_error(context, values.error().message().c_str(), -1);
    auto index = static_cast<std::uint64_t>(sqlite3_value_int64(arguments[1]));
    if (index < values->size()) std::visit(answer{context}, (*values)[index]);
  });
}

// The values of a group so far. A window that moves takes them off the front.
struct collected {
  std::string packed;
  std::size_t begin = 0;
};

collected* group_of(sqlite3_context* context, bool make) {
  int size = make ? sizeof(collected*) : 0;
  auto* place = static_cast<collected**>(sqlite3_aggregate_context(context, size));
  if (place && !*place && make) *place = new collected;
  return place ? *place : nullptr;
}

void collect_step(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
  guarded(context, [&] {
    auto* group = group_of(context, true);
    if (!group) throw std::bad_alloc();
    pack_behind(group->packed, value_of(arguments[0]));
    auto size_max = sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
    if (group->packed.size() - group->begin > static_cast<std::size_t>(size_max)) {
      sqlite3_result_error_toobig(context);
    }
  });
}

void collect_inverse(sqlite3_context* context, int, sqlite3_value** arguments) {
  if (sqlite3_value_type(arguments[0]) == SQLITE_NULL) return;
  guarded(context, [&] {
    auto* group = group_of(context, false);
    PERDURE_CHECK(group);
    group->begin += pack({value_of(arguments[0])}).size();
    if (group->begin > group->packed.size() / 2) {
      group->packed.erase(0, std::exchange(group->begin, 0));
    }
  });
}

void collect_value(sqlite3_context* context) {
  guarded(context, [&] {
    auto* group = group_of(context, false);
    answer{context}(sql_blob{group ? group->packed.substr(group->begin) : std::string()});
  });
}

void collect_final(sqlite3_context* context) {
  collect_value(context);
  delete group_of(context, false);
}

// Of ASCII the letters and digits; all other characters are left to the tokenizer.
bool is_of_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c < 0;
}

// What full text search makes of a text takes the square of its words, and nothing cuts it
// meanwhile.
constexpr std::size_t words_max = 100;
constexpr std::size_t word_bytes_max = 10'000;  // of all of them
constexpr const char* too_many_words =
    "text_search takes at most 100 words, and 10,000 bytes of them";

void words(sqlite3_context* context, int, sqlite3_value** arguments) {
  guarded(context, [&] {
    auto text = bytes_of(arguments[0]);
    std::string query;
    std::size_t count = 0;
    bool is_in_word = false;
    for (char c : text) {
      count += is_of_word(c) && !is_in_word;
      if (count > words_max || query.size() > word_bytes_max) {
        return sqlite3_result_error(context, too_many_words, -1);
      }
      if (is_of_word(c) && !is_in_word) query += query.empty() ? "\"" : " \"";
      if (!is_of_word(c) && is_in_word) query += '"';
      is_in_word = is_of_word(c);
      if (is_in_word) query += c;
    }
    if (is_in_word) query += '"';
    if (!query.empty()) query += " *";
    answer{context}(query.empty() ? std::string("\"\"") : query);
  });
}

void add(sqlite3* connection, const char* name, int arguments,
         void (*function)(sqlite3_context*, int, sqlite3_value**)) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  int added = sqlite3_create_function_v2(connection, name, arguments, flags, nullptr, function,
                                         nullptr, nullptr, nullptr);
  PERDURE_CHECK(added == SQLITE_OK);
}

}  // namespace

void add_functions(sqlite3* connection) {
  add(connection, "perdure_tuple", -1, tuple);
  add(connection, "perdure_at", 2, at);
  add(connection, "perdure_words", 1, words);
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  int added =
      sqlite3_create_window_function(connection, "perdure_collect", 1, flags, nullptr, collect_step,
                                     collect_final, collect_value, collect_inverse, nullptr);
  PERDURE_CHECK(added == SQLITE_OK);
}

}  // namespace perdure::views
