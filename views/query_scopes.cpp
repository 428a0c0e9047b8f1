// The second look at a query: which SELECTs it has, and what each may name. Before: sql_tokens.cpp.
// Next: query_names.cpp. Whether all of it is SQL is SQLite's to say; what is refused here is what
// could not be rewritten.

#include "views/query_scopes.hpp"

#include <algorithm>

#include "base/suggest.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

constexpr std::size_t depth_max = 100;

class scope_reader {
 public:
  scope_reader(std::string_view query, std::span<const table_schema> tables)
      : query_(query), tables_(tables) {}

  read_shape read() && {
    auto read = read_tokens(query_);
    if (read.problem) {
      made_.problems.push_back({read.problem->at, read.problem->text});
      return std::move(made_);
    }
    shape_.tokens = std::move(read.tokens);
    while (!shape_.tokens.empty() && shape_.tokens.back().text == ";") shape_.tokens.pop_back();
    auto count = shape_.tokens.size();
    shape_.partner.assign(count, none);
    shape_.core_of.assign(count, none);
    shape_.is_declared.assign(count, false);
    if (begins_well() && pair_parentheses()) {
      find_common_tables();
      shape_.outermost = read_query({0, count}, none, 0);
    }
    return std::move(made_);
  }

 private:
  bool is(std::size_t i, std::string_view text) const { return shape_.is(i, text); }

  bool fail(std::size_t token, std::string text) {
    auto at = token < shape_.tokens.size() ? shape_.tokens[token].at : query_.size();
    made_.problems.push_back({at, std::move(text)});
    return false;
  }

  bool begins_well() {
    if (shape_.tokens.empty()) return fail(0, "the query is empty; write SELECT ... FROM a table");
    if (!is(0, "select") && !is(0, "with")) {
      return fail(0, "a query begins with SELECT or WITH, not with \"" +
                         std::string(shape_.tokens[0].text) + "\": it reads and changes nothing");
    }
    for (std::size_t i = 0; i < shape_.tokens.size(); ++i) {
      if (shape_.tokens[i].text == ";") {
        return fail(i, "a query is one statement; remove the semicolon and what is behind it");
      }
    }
    return true;
  }

  bool pair_parentheses() {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < shape_.tokens.size(); ++i) {
      if (shape_.tokens[i].kind != token_kind::symbol) continue;
      if (is(i, "(")) {
        open.push_back(i);
        if (open.size() > depth_max) return fail(i, "parentheses stand in one another too deep");
      } else if (is(i, ")")) {
        if (open.empty()) return fail(i, "this ) has no ( before it");
        shape_.partner[i] = open.back();
        shape_.partner[open.back()] = i;
        open.pop_back();
      }
    }
    return open.empty() || fail(open.back(), "this ( has no ) behind it");
  }

  // WITH name (columns) AS (query), ...: wherever they stand, as no two may have one name.
  void find_common_tables() {
    for (std::size_t i = 0; i < shape_.tokens.size(); ++i) {
      if (!is(i, "as") || i < 1) continue;
      auto open = i + 1;
      if (is(open, "not")) ++open;
      if (is(open, "materialized")) ++open;
      if (!is(open, "(") || !shape_.is_select(open)) continue;
      auto name = i - 1;
      if (is(name, ")")) name = shape_.partner[name] - 1;
      if (name >= shape_.tokens.size() || !shape_.is_name(name)) continue;
      declare_common_table(name, i);
    }
  }

  void declare_common_table(std::size_t name, std::size_t end) {
    for (auto i = name; i < end; ++i) shape_.is_declared[i] = true;
    auto text = unquoted(shape_.tokens[name].text);
    if (find_table(text) != nullptr) {
      fail(name, "\"" + text + "\" is a table of this view; give the common table another name");
    } else if (is_internal(text)) {
      fail(name, "\"" + text + "\" is a name that SQLite or Perdure keeps for itself");
    }
    common_tables_.push_back(text);
  }

  const table_schema* find_table(std::string_view name) const {
    auto found = std::ranges::find_if(
        tables_, [&](const table_schema& t) { return same_word(t.name, name); });
    return found == tables_.end() ? nullptr : &*found;
  }

  // Behind a token, or the parenthesis that it opens.
  std::size_t behind(std::size_t i) const {
    return is(i, "(") && shape_.partner[i] != none ? shape_.partner[i] + 1 : i + 1;
  }

  bool is_compound(std::size_t i) const {
    return is(i, "union") || is(i, "intersect") || is(i, "except");
  }

  // A query with its WITH and UNIONs; gives its SELECTs.
  std::vector<std::size_t> read_query(token_range all, std::size_t parent, std::size_t depth) {
    auto i = skip_with(all);
    if (parent == none && depth == 0) shape_.outermost_begins = i;
    for (auto j = all.begin; j < i; j = next_inside(j)) read_subquery_at(j, parent, depth);
    std::vector<std::size_t> made;
    do {
      auto end = i;
      while (end < all.end && !is_compound(end)) end = behind(end);
      auto core = read_core({i, end}, parent, depth);
      if (core == none) return made;
      made.push_back(core);
      if (end >= all.end) break;
      i = end + 1;
      if (is(i, "all")) ++i;
    } while (true);
    order_as_first(made);
    return made;
  }

  // ORDER BY behind UNION is of the first SELECT's results.
  void order_as_first(const std::vector<std::size_t>& cores) {
    if (cores.size() < 2) return;
    auto order = shape_.cores[cores.back()][clause::order_by];
    for (auto i = order.begin; i < order.end; ++i) {
      if (shape_.core_of[i] == cores.back()) shape_.core_of[i] = cores.front();
    }
  }

  std::size_t skip_with(token_range all) {
    auto i = all.begin;
    if (!is(i, "with")) return i;
    while (i < all.end && !is(i, "select")) {
      bool ends_one = is(i, "(") && (is(i - 1, "as") || is(i - 1, "materialized"));
      i = behind(i);
      if (ends_one && !is(i, ",")) break;
    }
    return std::min(i, all.end);
  }

  void read_subquery_at(std::size_t i, std::size_t parent, std::size_t depth) {
    if (is(i, "(") && shape_.is_select(i)) {
      read_query({i + 1, shape_.partner[i]}, parent, depth + 1);
    }
  }

  std::size_t read_core(token_range all, std::size_t parent, std::size_t depth) {
    bool is_values = !all.empty() && is(all.begin, "values") && depth > 0;
    if (!is_values && (all.empty() || !is(all.begin, "select"))) {
      auto came =
          !all.empty() ? "\"" + std::string(shape_.tokens[all.begin].text) + "\"" : "the end";
      fail(all.begin, "SELECT was expected here, not " + came);
      return none;
    }
    auto number = shape_.cores.size();
    shape_.cores.emplace_back();
    select_core core;
    core.parent = parent;
    core.all = all;
    for (auto i = all.begin; i < all.end; ++i) shape_.core_of[i] = number;
    if (!is_values) {
      find_clauses(core);
      read_from(core, core[clause::from]);
      for (auto part : shape_.split(core[clause::items])) add_item(core, shape_.item(part));
      declare_windows(core[clause::window]);
    }
    shape_.cores[number] = std::move(core);
    for (auto i = all.begin; i < all.end; i = next_inside(i)) read_subquery_at(i, number, depth);
    return number;
  }

  // Parentheses around queries are read by themselves; others are walked through.
  std::size_t next_inside(std::size_t i) const {
    return is(i, "(") && shape_.is_select(i) ? shape_.partner[i] + 1 : i + 1;
  }

  // The clause that begins at a token, and how many words it begins with.
  std::optional<std::pair<clause, std::size_t>> clause_at(std::size_t i) const {
    if (is(i, "from") && !(is(i - 1, "distinct") && (is(i - 2, "is") || is(i - 2, "not")))) {
      return std::pair{clause::from, 1};
    }
    if (is(i, "where")) return std::pair{clause::where, 1};
    if (is(i, "group") && is(i + 1, "by")) return std::pair{clause::group_by, 2};
    if (is(i, "having")) return std::pair{clause::having, 1};
    if (is(i, "window")) return std::pair{clause::window, 1};
    if (is(i, "order") && is(i + 1, "by")) return std::pair{clause::order_by, 2};
    if (is(i, "limit")) return std::pair{clause::limit, 1};
    return std::nullopt;
  }

  void find_clauses(select_core& core) {
    auto i = core.all.begin + 1;
    if (is(i, "distinct")) core.distinct = true;
    if (is(i, "distinct") || is(i, "all")) ++i;
    auto now = clause::items;
    auto begin = i;
    while (i < core.all.end) {
      auto next = clause_at(i);
      if (!next) {
        i = behind(i);
        continue;
      }
      if (next->first <= now) {
        fail(i, std::string(shape_.tokens[i].text) +
                    " does not belong here: the order is SELECT, FROM, WHERE, GROUP BY, HAVING, "
                    "WINDOW, ORDER BY, LIMIT");
      }
      end_clause(core, now, {begin, i});
      now = next->first;
      i += next->second;
      begin = i;
    }
    end_clause(core, now, {begin, core.all.end});
  }

  void end_clause(select_core& core, clause c, token_range all) {
    core.parts[static_cast<std::size_t>(c)] = all;
    if (!all.empty()) return;
    fail(all.begin, c == clause::items  ? "a result is missing here"
                    : c == clause::from ? "the name of a table was expected here"
                                        : "something is missing here: the clause is empty");
  }

  void declare(const select_item& item) {
    for (auto i = item.alias.begin; i < item.alias.end; ++i) shape_.is_declared[i] = true;
  }

  void add_item(select_core& core, select_item item) {
    declare(item);
    add_inner_items(core, item.expression);
    core.items.push_back(std::move(item));
  }

  void add_inner_items(select_core& core, token_range of) {
    bool is_list = of.size() > 2 && is(of.begin, "(") && shape_.partner[of.begin] == of.end - 1 &&
                   !shape_.is_select(of.begin);
    if (!is_list) return;
    for (auto part : shape_.split({of.begin + 1, of.end - 1})) {
      if (part.empty()) continue;
      auto item = shape_.item(part);
      declare(item);
      add_inner_items(core, item.expression);
      if (!item.name.empty()) core.inner_items.push_back(std::move(item));
    }
  }

  void declare_windows(token_range window) {
    for (auto part : shape_.split(window)) {
      if (!part.empty()) shape_.is_declared[part.begin] = true;
    }
  }

  // ------------------------------------------------------------------------------------------ FROM

  bool joins(std::size_t i) const { return is(i, ",") || is(i, "join"); }

  void read_from(select_core& core, token_range from) {
    bool expects = true;
    for (auto i = from.begin; i < from.end;) {
      if (expects) {
        i = read_from_item(core, i, from.end);
        expects = false;
      } else {
        expects = joins(i);
        i = expects ? i + 1 : behind(i);
      }
    }
  }

  std::size_t read_from_item(select_core& core, std::size_t i, std::size_t end) {
    from_item item{from_item::kind::other, {}, {}, nullptr, core.from.empty()};
    if (is(i, "(")) {
      if (!shape_.is_select(i)) {
        read_from(core, {i + 1, shape_.partner[i]});
        return shape_.partner[i] + 1;
      }
      return read_alias(core, item, shape_.partner[i] + 1, end);
    }
    if (!shape_.is_name(i)) {
      fail(i, "the name of a table was expected here");
      return i + 1;
    }
    auto behind_name = std::min(shape_.end_of_path(i), end);
    auto path = shape_.path({i, behind_name});
    for (auto j = i; j < behind_name; ++j) shape_.is_declared[j] = true;
    item.name = path.back();
    item.written = std::string(shape_.tokens[i].text);
    if (is(behind_name, "(")) {
      read_function(item, i, path);
      return read_alias(core, item, shape_.partner[behind_name] + 1, end);
    }
    read_table(item, i, path);
    return read_alias(core, item, behind_name, end);
  }

  void read_function(from_item& item, std::size_t i, const std::vector<std::string>& path) {
    bool is_json =
        path.size() == 1 && (same_word(path[0], "json_each") || same_word(path[0], "json_tree"));
    if (is_json) {
      item.what = from_item::kind::json;
    } else {
      fail(i, "\"" + path[0] + "\" gives no rows; those that do are json_each and json_tree");
    }
  }

  void read_table(from_item& item, std::size_t i, const std::vector<std::string>& path) {
    bool is_common = path.size() == 1 && std::ranges::any_of(common_tables_, [&](const auto& name) {
                       return same_word(name, path[0]);
                     });
    if (is_common) return;
    if (path.size() == 1) item.table = find_table(path[0]);
    if (item.table != nullptr) {
      item.what = from_item::kind::table;
      return;
    }
    std::string written;
    for (const auto& part : path) written += (written.empty() ? "" : ".") + part;
    auto known = common_tables_;
    for (const auto& table : tables_) known.push_back(table.name);
    auto hint = did_you_mean(written, known);
    if (hint.empty() && !tables_.empty()) {
      hint = "; its tables are ";
      for (const auto& table : tables_) hint += (&table == &tables_[0] ? "" : ", ") + table.name;
    }
    fail(i, "\"" + written + "\" is not a table of this view" + hint);
  }

  std::size_t read_alias(select_core& core, from_item item, std::size_t i, std::size_t end) {
    bool has_as = i < end && is(i, "as");
    if (has_as) ++i;
    if (i < end && shape_.is_name(i) &&
        (shape_.tokens[i].kind == token_kind::quoted || !is_reserved(shape_.tokens[i].text))) {
      shape_.is_declared[i] = true;
      item.written = std::string(shape_.tokens[i].text);
      item.name = unquoted(item.written);
      ++i;
    }
    core.from.push_back(std::move(item));
    return i;
  }

  std::string_view query_;
  std::span<const table_schema> tables_;
  std::vector<std::string> common_tables_;
  read_shape made_;
  query_shape& shape_ = made_.shape;
};

}  // namespace

read_shape shape_of(std::string_view query, std::span<const table_schema> tables) {
  return scope_reader(query, tables).read();
}

}  // namespace perdure::views
