// What tells rows of the results apart, and what clauses behind the results mean by their names and
// numbers. Before: query_results.cpp. Next: query_assembly.cpp.

#include <algorithm>
#include <charconv>

#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

// Of ORDER BY 2: the result that it counts; none when it counts nothing.
std::size_t counted(const query_reading& q, token_range term) {
  if (term.empty() || q.shape.tokens[term.begin].kind != token_kind::number) return none;
  auto text = q.shape.tokens[term.begin].text;
  std::size_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number == 0) return none;
  bool is_alone = term.size() == 1 || q.shape.is(term.begin + 1, "asc") ||
                  q.shape.is(term.begin + 1, "desc") || q.shape.is(term.begin + 1, "nulls") ||
                  q.shape.is(term.begin + 1, "collate");
  return is_alone && number <= q.first().items.size() ? number - 1 : none;
}

void renumber(query_reading& q, token_range clause, const made_results& results) {
  for (auto term : q.shape.split(clause)) {
    auto item = counted(q, term);
    if (item == none) continue;
    if (results.column_of_item[item] == none) {
      q.problem(term.begin, "the result with the number " + std::to_string(item + 1) +
                                " is not one column; name the column");
      continue;
    }
    q.out[term.begin] = std::to_string(results.column_of_item[item] + 1);
  }
}

bool is_over_window(const query_reading& q, std::size_t behind) {
  if (q.shape.is(behind, "filter") && q.shape.is(behind + 1, "(")) {
    behind = q.shape.partner[behind + 1] + 1;
  }
  return q.shape.is(behind, "over");
}

bool is_aggregate_at(const query_reading& q, std::size_t i) {
  if (!q.shape.is_name(i) || !q.shape.is(i + 1, "(")) return false;
  auto name = unquoted(q.shape.tokens[i].text);
  if (!is_aggregate(name)) return false;
  token_range inside{i + 2, q.shape.partner[i + 1]};
  bool may_be_scalar = same_word(name, "min") || same_word(name, "max");
  if (may_be_scalar && q.shape.split(inside).size() > 1) return false;
  return !is_over_window(q, inside.end + 1);
}

}  // namespace

void renumber(query_reading& q, const made_results& results) {
  renumber(q, q.last()[clause::order_by], results);
  renumber(q, q.first()[clause::group_by], results);
}

std::string without_aliases(const query_reading& q, token_range term, bool is_order) {
  if (auto item = counted(q, term); item != none) return q.sql(q.first().items[item].expression);
  const select_item* whole = nullptr;
  if (is_order && term.size() == 1 && q.shape.is_name(term.begin)) {
    // ORDER BY means the result before the column of the same name.
    auto name = unquoted(q.shape.tokens[term.begin].text);
    for (const auto& item : q.first().items) {
      if (same_word(item.name, name) && whole == nullptr) whole = &item;
    }
  }
  auto only = q.names.find(term.begin);
  bool is_name = only != q.names.end() && only->second.written.end == term.end;
  if (whole == nullptr && is_name) whole = only->second.alias;
  if (whole != nullptr) return q.sql(whole->expression);
  auto copy = q.out;
  for (auto i = term.begin; i < term.end; ++i) {
    auto name = q.names.find(i);
    if (name == q.names.end() || name->second.alias == nullptr) continue;
    copy[i] = "(" + q.sql(name->second.alias->expression) + ")";
  }
  return q.sql(term, copy);
}

bool has_aggregate(const query_reading& q) {
  auto number = q.shape.outermost.front();
  for (auto i = q.first().all.begin; i < q.first().all.end; ++i) {
    if (q.shape.core_of[i] == number && is_aggregate_at(q, i)) return true;
  }
  return false;
}

std::vector<std::string> keys_of(const query_reading& q) {
  std::vector<std::string> keys;
  const auto& core = q.first();
  if (q.is_compound() || core.distinct) return keys;
  if (!core[clause::group_by].empty()) {
    for (auto term : q.shape.split(core[clause::group_by])) {
      keys.push_back(without_aliases(q, term, false));
    }
    return keys;
  }
  if (has_aggregate(q)) return keys;
  for (const auto& of : core.from) {
    if (of.what == from_item::kind::other) return {};
    keys.push_back(of.written + (of.what == from_item::kind::table ? "._key" : ".id"));
  }
  return keys;
}

}  // namespace perdure::views
