// Pages by the place of their last row in ORDER BY. The query becomes an inner one, with what it is
// ordered by and what tells its rows apart as further columns _k0, _k1, ...; around it stands which
// rows come behind a place. NULL has a place as any value has: SQLite puts it first, with DESC
// last.

#include <algorithm>

#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

struct order_term {
  std::string sql;
  std::string collation = "";
  bool descends = false;
  bool nulls_first = true;
  std::string least = "";  // what is before all its values, or behind them when it descends
};

// Where the first term is a column that is never NULL, an index can begin at the place, given a
// bound for when there is none yet. Of a REAL there is none: it may be NULL, as NaN is.
std::string bound_of(const query_reading& q, token_range name, bool descends) {
  auto found = q.names.find(name.begin);
  if (found == q.names.end() || found->second.written.end != name.end) return "";
  const auto& column = found->second;
  if (column.of == nullptr || !column.of->nothing_before) return "";
  for (std::size_t i = 0; i < q.shape.tokens.size(); ++i) {
    if (q.shape.is(i, "right") || q.shape.is(i, "full")) return "";
  }
  for (const auto& item : q.first().items) {
    if (item.name == unquoted(q.shape.tokens[name.begin].text)) return "";
  }
  if (column.is == nullptr ? !column.is_key : column.is->may_be_null) return "";
  switch (*column.type()) {
    case column_type::text:
    case column_type::enumeration:
      return descends ? "x''" : "''";
    case column_type::integer:
    case column_type::boolean:
      return descends ? "9e999" : "-9e999";
    default:
      return "";
  }
}

order_term term_of(const query_reading& q, token_range written, bool is_first) {
  const auto& shape = q.shape;
  order_term made;
  auto end = written.end;
  std::optional<bool> nulls_first;
  if (end >= written.begin + 2 && shape.is(end - 2, "nulls")) {
    nulls_first = shape.is(end - 1, "first");
    end -= 2;
  }
  if (end > written.begin && (shape.is(end - 1, "asc") || shape.is(end - 1, "desc"))) {
    made.descends = shape.is(end - 1, "desc");
    --end;
  }
  made.nulls_first = nulls_first.value_or(!made.descends);
  if (end >= written.begin + 2 && shape.is(end - 2, "collate")) {
    made.collation = " COLLATE " + std::string(shape.tokens[end - 1].text);
    end -= 2;
  }
  token_range expression{written.begin, end};
  made.sql = without_aliases(q, expression, true);
  bool is_plain = is_first && made.collation.empty() && !nulls_first;
  if (is_plain) made.least = bound_of(q, expression, made.descends);
  return made;
}

std::string key(std::size_t i) { return "_k" + std::to_string(i); }

class page_sql {
 public:
  page_sql(const std::vector<order_term>& terms, std::size_t bound_from)
      : terms_(terms), bound_from_(bound_from) {}

  std::string where() const {
    std::string made;
    if (!terms_[0].least.empty()) {
      made = key(0) + (terms_[0].descends ? " <= " : " >= ") + "ifnull(" + value(0) + ", " +
             terms_[0].least + ") AND ";
    }
    return made + "(?" + std::to_string(bound_from_ - 1) + " = 0 OR " + behind(0) + ")";
  }

  std::string order() const {
    std::string made;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      made += (i == 0 ? "" : ", ") + name(i) + (terms_[i].descends ? " DESC" : "");
      if (terms_[i].nulls_first == terms_[i].descends) {
        made += terms_[i].nulls_first ? " NULLS FIRST" : " NULLS LAST";
      }
    }
    return made;
  }

 private:
  std::string value(std::size_t i) const { return "?" + std::to_string(bound_from_ + i); }
  std::string name(std::size_t i) const { return key(i) + terms_[i].collation; }

  // Behind the place by this term, or, where it is the same, by those that follow.
  std::string behind(std::size_t i) const {
    const auto& term = terms_[i];
    std::string null_is_behind = term.nulls_first
                                     ? value(i) + " IS NULL AND " + key(i) + " IS NOT NULL"
                                     : value(i) + " IS NOT NULL AND " + key(i) + " IS NULL";
    std::string made =
        "(" + name(i) + (term.descends ? " < " : " > ") + value(i) + " OR (" + null_is_behind + ")";
    if (i + 1 < terms_.size()) {
      made += " OR (" + name(i) + " IS " + value(i) + " AND " + behind(i + 1) + ")";
    }
    return made + ")";
  }

  const std::vector<order_term>& terms_;
  std::size_t bound_from_;
};

bool can_have_pages(query_reading& q, const made_results& results, const limits_of_query& limits,
                    const std::vector<std::string>& keys) {
  if (limits.page_token == none) {
    q.problem(results.token_item,
              "next_page_token() needs the way back: write OFFSET page_token_offset(:page_token)");
  } else if (results.token_item == none) {
    q.problem(limits.offset.begin,
              "page_token_offset needs tokens: add next_page_token() AS a field of " +
                  q.response->full_name() + " to the results");
  } else if (keys.empty()) {
    q.problem(results.token_item,
              "pages need rows that can be told apart, which DISTINCT, UNION, an aggregate without "
              "GROUP BY, "
              "and a subquery or common table in FROM do not give; use GROUP BY, or plain tables");
  } else {
    return q.made.problems.empty();
  }
  return false;
}

constexpr std::size_t terms_max = 16;

}  // namespace

void assemble_pages(query_reading& q, const made_results& results, const limits_of_query& limits,
                    const std::vector<std::string>& keys) {
  if (!can_have_pages(q, results, limits, keys)) return;
  auto& plan = q.made.plan;
  std::vector<order_term> terms;
  for (auto term : q.shape.split(q.first()[clause::order_by])) {
    terms.push_back(term_of(q, term, terms.empty()));
  }
  plan.first_key_column = results.columns.size() + terms.size();
  bool is_ordered = !terms.empty();
  for (const auto& key : keys) terms.push_back({key});
  // Without ORDER BY, by the first table's key, which is never NULL.
  if (!is_ordered && keys[0].ends_with("._key")) terms[0].least = "''";
  if (terms.size() > terms_max) {
    return q.problem(q.first()[clause::order_by].begin,
                     "pages by more than " + std::to_string(terms_max) + " values; order by fewer");
  }
  auto columns = results.columns;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    columns.push_back(terms[i].sql + " AS " + key(i));
  }
  auto bound_from = plan.parameters.size() + 2;
  plan.pages = {q.bound[limits.page_token], results.columns.size(), terms.size(), bound_from};
  page_sql pages(terms, bound_from);
  plan.sql = with_of(q) + "SELECT * FROM (" + select_of(q, q.first(), columns) + ") WHERE " +
             pages.where() + " ORDER BY " + pages.order() + " LIMIT " +
             limit_and_one(q, limits.limit);
}

}  // namespace perdure::views
