// Before sqlite_index_choice. Reads SQL as query_plan has written it, which SQLite takes; what is
// odd in it makes no candidate.

#include "views/sqlite_index_candidates.hpp"

#include <algorithm>
#include <optional>

#include "base/ascii.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

// A word or symbol in lower case, or a name; texts and numbers are of no interest, but stand.
struct piece {
  std::string text;
  bool is_name = false;
};

bool is_of_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         c == '?' || c < 0;
}

std::size_t end_of_quoted(std::string_view sql, std::size_t begin) {
  char end = sql[begin] == '[' ? ']' : sql[begin];
  auto at = begin + 1;
  while (at < sql.size() && (sql[at] != end || (at + 1 < sql.size() && sql[at + 1] == end))) {
    at += sql[at] == end ? 2 : 1;
  }
  return std::min(at + 1, sql.size());
}

piece piece_at(std::string_view sql, std::size_t begin, std::size_t& end) {
  char c = sql[begin];
  end = begin + 1;
  if (c == '\'') {
    end = end_of_quoted(sql, begin);
    return {"''"};
  }
  if (c == '"' || c == '`' || c == '[') {
    end = end_of_quoted(sql, begin);
    return {lower_case(unquoted(sql.substr(begin, end - begin))), true};
  }
  if (is_of_name(c)) {
    while (end < sql.size() && is_of_name(sql[end])) ++end;
    auto word = lower_case(sql.substr(begin, end - begin));
    bool is_name = c != '?' && !(c >= '0' && c <= '9') && !is_reserved(word);
    return {std::move(word), is_name};
  }
  constexpr std::string_view doubled = "<=>!|";
  while (doubled.find(c) != std::string_view::npos && end < sql.size() &&
         doubled.find(sql[end]) != std::string_view::npos) {
    ++end;
  }
  return {std::string(sql.substr(begin, end - begin))};
}

std::vector<piece> pieces_of(std::string_view sql) {
  std::vector<piece> pieces;
  for (std::size_t at = 0, end = 0; at < sql.size(); at = end) {
    end = at + 1;
    if (sql[at] == ' ' || sql[at] == '\n' || sql[at] == '\t' || sql[at] == '\r') continue;
    pieces.push_back(piece_at(sql, at, end));
  }
  return pieces;
}

struct ordered_column {
  std::string column;  // as the table has it
  bool descends = false;
};

// What a query asks of one table.
struct asked_columns {
  std::vector<std::string> equal;
  std::vector<std::string> within;
  std::vector<ordered_column> order;
  std::vector<ordered_column> group;
};

template <class Any, class Same>
void add_once(std::vector<Any>& to, Any value, Same same) {
  if (std::none_of(to.begin(), to.end(), same)) to.push_back(std::move(value));
}

void add_once(std::vector<std::string>& to, const std::string& column) {
  if (column == "_id" || column == "_key") return;
  add_once(to, column, [&](const std::string& known) { return known == column; });
}

void add_once(std::vector<ordered_column>& to, const std::string& column, bool descends) {
  add_once(to, ordered_column{column, descends},
           [&](const ordered_column& known) { return known.column == column; });
}

class asked_reader {
 public:
  asked_reader(const std::vector<piece>& pieces, const table_schema& table)
      : pieces_(pieces), table_(table) {
    find_aliases();
  }

  asked_columns read() {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (auto column = column_at(i)) note(*column, i);
    }
    note_list("order", asked_.order);
    note_list("group", asked_.group);
    return std::move(asked_);
  }

 private:
  std::string_view text(std::size_t i) const {
    return i < pieces_.size() ? std::string_view(pieces_[i].text) : std::string_view();
  }

  // The column whose name, or path, ends here.
  std::optional<std::string> column_at(std::size_t i) const {
    if (!pieces_[i].is_name || text(i + 1) == "." || text(i + 1) == "(") return std::nullopt;
    auto& name = pieces_[i].text;
    if (name == "_key" || name == "_id") return name;
    if (auto* found = table_.find(name)) {
      bool has_order = found->type != column_type::json && found->type != column_type::bytes;
      return has_order ? std::optional(found->name) : std::nullopt;
    }
    auto alias = aliases_.find(name);
    return alias == aliases_.end() ? std::nullopt : std::optional(alias->second);
  }

  // "f.time AS _k0": what is said of _k0 is said of time.
  void find_aliases() {
    for (std::size_t i = 0; i + 2 < pieces_.size(); ++i) {
      auto column = text(i + 1) == "as" && pieces_[i + 2].is_name ? column_at(i) : std::nullopt;
      if (column) aliases_.emplace(text(i + 2), *column);
    }
  }

  std::size_t begin_of(std::size_t i) const {
    while (i >= 2 && text(i - 1) == "." && pieces_[i - 2].is_name) i -= 2;
    return i;
  }

  void note(const std::string& column, std::size_t i) {
    auto begin = begin_of(i);
    auto before = begin > 0 ? text(begin - 1) : std::string_view();
    auto behind = text(i + 1);
    auto is_equal = [](std::string_view sign) { return sign == "=" || sign == "=="; };
    auto is_within = [](std::string_view sign) {
      return sign == "<" || sign == "<=" || sign == ">" || sign == ">=";
    };
    bool is_in = behind == "in" || (behind == "is" && text(i + 2) != "not");
    bool is_end =
        before == "(" && begin > 1 && (text(begin - 2) == "max" || text(begin - 2) == "min");
    if (is_equal(before) || is_equal(behind) || is_in) add_once(asked_.equal, column);
    if (is_within(before) || is_within(behind) || behind == "between" || is_end) {
      add_once(asked_.within, column);
    }
  }

  // Of the list behind ORDER BY or GROUP BY.
  void note_list(std::string_view keyword, std::vector<ordered_column>& to) {
    for (std::size_t i = 0; i + 1 < pieces_.size(); ++i) {
      if (text(i) != keyword || text(i + 1) != "by") continue;
      int depth = 0;
      for (auto at = i + 2; at < pieces_.size() && depth >= 0; ++at) {
        if (text(at) == "(") ++depth;
        if (text(at) == ")") --depth;
        if (depth == 0 && (text(at) == "limit" || text(at) == "having" || text(at) == "order"))
          break;
        auto column = depth == 0 ? column_at(at) : std::nullopt;
        if (column) add_once(to, *column, text(at + 1) == "desc");
      }
    }
  }

  const std::vector<piece>& pieces_;
  const table_schema& table_;
  std::map<std::string, std::string, std::less<>> aliases_;
  asked_columns asked_;
};

std::string written(const std::string& column) {
  bool is_plain =
      std::all_of(column.begin(), column.end(), [](char c) { return is_of_name(c) && c != '?'; });
  return is_plain && !is_reserved(column) && !is_keyword(column) ? column : quoted(column);
}

// All that a query asks of one table, put together in the ways in which an index may help.
class candidate_maker {
 public:
  candidate_maker(const std::string& table, std::vector<index_plan>& into)
      : table_(table), into_(into) {}

  void make(asked_columns asked) {
    constexpr std::size_t most = 4;
    asked.equal.resize(std::min(asked.equal.size(), most));
    asked.within.resize(std::min(asked.within.size(), most));
    make_behind({}, asked);
    for (auto& column : asked.equal) make_behind({column}, asked);
    if (asked.equal.size() > 1) make_behind(asked.equal, asked);
  }

 private:
  void make_behind(const std::vector<std::string>& equal, const asked_columns& asked) {
    add(equal, {});
    for (auto& column : asked.within) add(equal, {{column}});
    add(equal, asked.order);
    add(equal, asked.group);
  }

  // An index is read in both directions, so that only differences between its columns matter.
  void add(const std::vector<std::string>& first, const std::vector<ordered_column>& then) {
    index_plan made{"", table_, {}};
    for (auto& column : first) made.columns.push_back(written(column));
    for (auto& next : then) {
      if (std::find(first.begin(), first.end(), next.column) != first.end()) continue;
      bool turns = next.descends != then.front().descends;
      made.columns.push_back(written(next.column) + (turns ? " DESC" : ""));
    }
    bool is_ours = made.columns.empty() || made.columns[0] == "_key" || made.columns[0] == "_id";
    if (is_ours) return;
    for (auto& column : made.columns) {
      made.name += (made.name.empty() ? "ix " + table_ + ": " : ", ") + column;
    }
    if (std::find(into_.begin(), into_.end(), made) == into_.end())
      into_.push_back(std::move(made));
  }

  const std::string& table_;
  std::vector<index_plan>& into_;
};

}  // namespace

std::vector<index_plan> index_candidates(std::string_view sql,
                                         std::span<const view_table_plan> tables) {
  std::vector<index_plan> all;
  auto pieces = pieces_of(sql);
  for (auto& table : tables) {
    auto is_it = [name = lower_case(table.schema.name)](const piece& p) { return p.text == name; };
    if (std::none_of(pieces.begin(), pieces.end(), is_it)) continue;
    candidate_maker(table.schema.name, all).make(asked_reader(pieces, table.schema).read());
  }
  return all;
}

std::map<std::string, std::string> table_names_in(std::string_view sql,
                                                  std::span<const view_table_plan> tables) {
  std::map<std::string, std::string> names;
  auto pieces = pieces_of(sql);
  for (auto& table : tables) {
    auto name = lower_case(table.schema.name);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (!pieces[i].is_name || pieces[i].text != name) continue;
      names[name] = table.schema.name;
      auto alias = i + 1 < pieces.size() && pieces[i + 1].text == "as" ? i + 2 : i + 1;
      if (alias < pieces.size() && pieces[alias].is_name) {
        names[pieces[alias].text] = table.schema.name;
      }
    }
  }
  return names;
}

int count_of(std::string_view sql, std::string_view keyword) {
  auto pieces = pieces_of(sql);
  auto is_it = [&](const piece& p) { return p.text == keyword; };
  return static_cast<int>(std::count_if(pieces.begin(), pieces.end(), is_it));
}

}  // namespace perdure::views
