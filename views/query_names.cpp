// What the names of a query mean, and what becomes of them. Before: query_scopes.cpp. Next:
// query_comparisons.cpp. Names that cannot be told, as those of a subquery's columns, are left to
// SQLite.

#include <algorithm>

#include "base/suggest.hpp"
#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

// The columns of json_each and json_tree.
constexpr std::string_view json_columns[] = {"key",    "value",   "type", "atom", "id",
                                             "parent", "fullkey", "path", "json", "root"};

bool is_json_column(std::string_view name) {
  return std::ranges::any_of(json_columns, [&](auto known) { return same_word(known, name); });
}

bool is_hidden(std::string_view name) {
  for (auto hidden : {"_id", "_row", "rowid", "oid", "_rowid_"}) {
    if (same_word(hidden, name)) return true;
  }
  return false;
}

// Why a path is no column though the message has it; empty when it has nothing like it.
std::string why_no_column(const table_schema& table, const std::string& path) {
  for (const auto& c : table.columns) {
    if (c.name.size() > path.size() && c.name[path.size()] == '.' &&
        same_word(c.name.substr(0, path.size()), path)) {
      return "\"" + path + "\" is a message; name one of its fields, as " + c.name;
    }
    if (c.type != column_type::json || path.size() <= c.name.size() + 1) continue;
    if (path[c.name.size()] != '.' || !same_word(path.substr(0, c.name.size()), c.name)) continue;
    auto inside = path.substr(c.name.size() + 1);
    if (c.path.back()->is_repeated() && !c.path.back()->is_map()) {
      return "\"" + c.name + "\" is repeated; compare with = ANY(" + path + ")";
    }
    return "\"" + c.name + "\" is kept as JSON; write " + c.name + " ->> '$." + inside + "'";
  }
  return "";
}

class name_finder {
 public:
  name_finder(query_reading& q, std::size_t begin)
      : q_(q), begin_(begin), parts_(q.shape.path({begin, q.shape.end_of_path(begin)})) {
    made_.written = {begin, q.shape.end_of_path(begin)};
  }

  found_name find() && {
    for (auto c = q_.shape.core_of[begin_]; c != none; c = q_.shape.cores[c].parent) {
      if (find_in(q_.shape.cores[c])) return made_;
    }
    auto problems = q_.made.problems.size();
    if (!missing_.empty()) {
      q_.problem(begin_, missing_);
    } else if (!cannot_tell_) {
      tell_unknown();
    }
    made_.is_wrong = q_.made.problems.size() > problems;
    return made_;
  }

 private:
  bool find_in(const select_core& core) {
    if (parts_.size() > 1) {
      if (const auto* of = core.find(parts_[0]); of && find_qualified(*of)) return true;
    }
    auto path = dotted(parts_);
    for (const auto& of : core.from) {
      if (of.what == from_item::kind::other) cannot_tell_ = true;
      if (of.what == from_item::kind::json)
        cannot_tell_ |= parts_.size() == 1 && is_json_column(path);
      if (of.table != nullptr && find_column(of, path)) return true;
    }
    for (const auto* items : {&core.items, &core.inner_items}) {
      auto alias =
          std::ranges::find_if(*items, [&](const auto& i) { return same_word(i.name, path); });
      if (alias != items->end() && made_.alias == nullptr) made_.alias = &*alias;
    }
    return made_.alias != nullptr || (cannot_tell_ && parts_.size() == 1);
  }

  bool find_column(const from_item& of, const std::string& path) {
    if (same_word(path, "_key")) made_.is_key = true;
    made_.is = of.table->find(path);
    if (made_.is == nullptr && !made_.is_key) return false;
    made_.of = &of;
    return true;
  }

  bool find_qualified(const from_item& of) {
    auto path = dotted(std::span(parts_).subspan(1));
    if (of.table != nullptr) {
      if (find_column(of, path)) {
        made_.is_qualified = true;
        return true;
      }
      missing_ = why_no_column(*of.table, path);
      if (missing_.empty())
        missing_ = "\"" + path + "\" is not a column of " + of.table->name + hint(of, path);
      return false;
    }
    if (of.what == from_item::kind::json && !is_json_column(path)) {
      missing_ =
          "\"" + path + "\" is not a column of " + of.name + "; it has key, value and others";
      return false;
    }
    made_.of = &of;
    made_.is_qualified = true;
    return true;
  }

  std::string hint(const from_item& of, const std::string& path) const {
    std::vector<std::string> known{"_key"};
    for (const auto& c : of.table->columns) known.push_back(c.name);
    return did_you_mean(path, known);
  }

  void tell_unknown() {
    auto path = dotted(parts_);
    std::vector<std::string> known;
    for (auto c = q_.shape.core_of[begin_]; c != none; c = q_.shape.cores[c].parent) {
      for (const auto& of : q_.shape.cores[c].from) {
        if (of.table == nullptr) continue;
        if (auto why = why_no_column(*of.table, path); !why.empty()) return q_.problem(begin_, why);
        for (const auto& column : of.table->columns) known.push_back(column.name);
      }
      for (const auto& item : q_.shape.cores[c].items) {
        if (!item.name.empty()) known.push_back(item.name);
      }
    }
    for (const auto& table : q_.tables) {
      if (parts_.size() > 1 && same_word(table.name, parts_[0])) {
        return q_.problem(begin_,
                          "\"" + parts_[0] + "\" is not in this FROM, or has another name there");
      }
    }
    auto hint = did_you_mean(path, known);
    if (hint.empty() && q_.shape.tokens[begin_].kind == token_kind::quoted) {
      hint = "; a text stands in 'single quotes'";
    }
    q_.problem(begin_, "\"" + path + "\" is no column of what is in FROM" + hint);
  }

  query_reading& q_;
  std::size_t begin_;
  std::vector<std::string> parts_;
  found_name made_;
  std::string missing_;       // of a table that is named before the dot
  bool cannot_tell_ = false;  // something is in FROM whose columns are not known here
};

// Whether a value is expected behind this token: else a word is a keyword, a type, a function.
bool expects_value(const query_shape& shape, std::size_t begin) {
  if (begin == 0) return true;
  const auto& before = shape.tokens[begin - 1];
  if (before.kind == token_kind::symbol) return before.text != ")" && before.text != ".";
  if (before.kind != token_kind::word || !is_reserved(before.text)) return false;
  for (auto word : {"as", "collate", "over", "null", "true", "false", "nulls", "window",
                    "current_date", "current_time", "current_timestamp", "indexed"}) {
    if (same_word(before.text, word)) return false;
  }
  return true;
}

// Words that begin a frame, as ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING.
bool is_of_frame(const query_shape& shape, std::size_t i) {
  return (shape.is(i, "current") && shape.is(i + 1, "row")) ||
         (shape.is(i, "unbounded") &&
          (shape.is(i + 1, "preceding") || shape.is(i + 1, "following")));
}

void rewrite_function(query_reading& q, std::size_t i) {
  auto name = unquoted(q.shape.tokens[i].text);
  if (is_internal(name)) {
    return q.problem(i, "\"" + name + "\" is a function that queries of users may not call");
  }
  if (same_word(name, "any")) return rewrite_any(q, i);
  if (same_word(name, "text_search")) return rewrite_text_search(q, i);
  bool compares =
      i > 0 && q.shape.tokens[i - 1].kind == token_kind::symbol &&
      std::string_view("=<>!").find(q.shape.tokens[i - 1].text[0]) != std::string_view::npos;
  if (same_word(name, "all") && compares) {
    q.problem(i, "ALL is not supported; for <> ALL(x) write NOT ... = ANY(x)");
  }
}

void rewrite_name(query_reading& q, std::size_t i) {
  const auto& shape = q.shape;
  bool is_word = shape.tokens[i].kind == token_kind::word;
  auto end = shape.end_of_path(i);
  if (end == i + 1 && shape.is(end, "(") &&
      (!is_word || !is_reserved(shape.tokens[i].text) || shape.is(i, "all"))) {
    return rewrite_function(q, i);
  }
  if (shape.is(end, ".") && shape.is(end + 1, "*")) return;  // t.*: query_results.cpp
  if (is_word && is_reserved(shape.tokens[i].text)) return;
  if (!expects_value(shape, i) || is_of_frame(shape, i)) return;
  auto problems = q.made.problems.size();
  auto found = find_name(q, i);
  bool is_known = found.is != nullptr || found.is_key || found.alias != nullptr;
  if (!is_known) {
    auto last = unquoted(shape.tokens[end - 1].text);
    bool is_keyword_after_all = is_word && end == i + 1 && is_keyword(last);
    if (is_keyword_after_all || is_hidden(last)) q.made.problems.resize(problems);
    if (is_keyword_after_all) return;
    if (is_hidden(last)) {
      q.problem(i, "\"" + last + "\" is not for queries; what a row is known by is _key");
    }
  }
  for (auto j = i; j < end; ++j) q.out[j].clear();
  q.out[i] = sql_of(found, q);
  q.names[i] = found;
}

}  // namespace

std::optional<column_type> found_name::type() const {
  if (is_key) return column_type::text;
  if (is != nullptr) return is->type;
  return std::nullopt;
}

found_name find_name(query_reading& q, std::size_t begin) { return name_finder(q, begin).find(); }

std::string sql_of(const found_name& name, const query_reading& q) {
  const auto& tokens = q.shape.tokens;
  auto at = name.written.begin;
  auto parts = q.shape.path(name.written);
  std::size_t skipped = name.is_qualified ? 1 : 0;
  std::string made = name.is_qualified ? std::string(tokens[at].text) + "." : "";
  bool is_plain = parts.size() == skipped + 1;
  const auto& last = tokens[name.written.end - 1];
  if (is_plain && (last.kind == token_kind::quoted || !is_keyword(last.text))) {
    return made + std::string(last.text);
  }
  auto rest = dotted(std::span(parts).subspan(skipped));
  return made + quoted(name.is != nullptr ? name.is->name : rest);
}

void rewrite_names(query_reading& q) {
  for (std::size_t i = 0; i < q.shape.tokens.size(); ++i) {
    if (q.is_done[i] || q.shape.is_declared[i]) continue;
    if (q.shape.tokens[i].kind == token_kind::parameter) {
      if (q.shape.is(i - 1, "(") && q.shape.is(i - 2, "in") && q.shape.is(i + 1, ")")) {
        rewrite_in_list(q, i);
      }
      if (!q.is_done[i]) {
        if (auto number = number_of(q, i)) q.out[i] = "?" + std::to_string(number);
        check_parameter_use(q, i);
      }
      continue;
    }
    if (!q.shape.is_name(i) || q.shape.is(i - 1, ".")) continue;
    rewrite_name(q, i);
  }
}

}  // namespace perdure::views
