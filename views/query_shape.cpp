// What can be asked of a query's shape, once scope_reader has made it (query_scopes.cpp), and while
// it does.

#include <algorithm>

#include "views/query_scopes.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

// Whether an expression may end with this token, so that a name behind it names the expression.
bool ends_operand(const sql_token& token) {
  switch (token.kind) {
    case token_kind::symbol:
      return token.text == ")" || token.text == "*";
    case token_kind::word:
      return !is_reserved(token.text) || same_word(token.text, "null") ||
             same_word(token.text, "true") || same_word(token.text, "false");
    default:
      return true;
  }
}

}  // namespace

std::string dotted(std::span<const std::string> parts) {
  std::string made;
  for (const auto& part : parts) made += (made.empty() ? "" : ".") + part;
  return made;
}

const from_item* select_core::find(std::string_view name) const {
  auto found =
      std::ranges::find_if(from, [&](const from_item& f) { return same_word(f.name, name); });
  return found == from.end() ? nullptr : &*found;
}

bool query_shape::is(std::size_t token, std::string_view word_or_symbol) const {
  if (token >= tokens.size()) return false;
  const auto& t = tokens[token];
  bool may_be = t.kind == token_kind::word || t.kind == token_kind::symbol;
  return may_be && same_word(t.text, word_or_symbol);
}

bool query_shape::is_name(std::size_t token) const {
  if (token >= tokens.size()) return false;
  return tokens[token].kind == token_kind::word || tokens[token].kind == token_kind::quoted;
}

bool query_shape::is_select(std::size_t paren) const {
  return is(paren + 1, "select") || is(paren + 1, "with") || is(paren + 1, "values");
}

std::vector<token_range> query_shape::split(token_range at_commas) const {
  std::vector<token_range> parts;
  if (at_commas.empty()) return parts;
  auto begin = at_commas.begin;
  for (auto i = begin; i < at_commas.end;) {
    if (is(i, ",")) {
      parts.push_back({begin, i});
      begin = i + 1;
    }
    i = is(i, "(") ? partner[i] + 1 : i + 1;
  }
  parts.push_back({begin, at_commas.end});
  return parts;
}

select_item query_shape::item(token_range of) const {
  for (auto i = of.begin; i < of.end; i = is(i, "(") ? partner[i] + 1 : i + 1) {
    if (!is(i, "as")) continue;
    select_item made{{of.begin, i}, {i + 1, of.end}, {}};
    for (const auto& part : path(made.alias)) made.name += (made.name.empty() ? "" : ".") + part;
    return made;
  }
  auto last = of.end - 1;
  bool is_named = of.size() >= 2 && is_name(last) && ends_operand(tokens[last - 1]) &&
                  (tokens[last].kind == token_kind::quoted || !is_keyword(tokens[last].text));
  if (!is_named) return {of, {}, {}};
  return {{of.begin, last}, {last, of.end}, unquoted(tokens[last].text)};
}

std::size_t query_shape::end_of_path(std::size_t begin) const {
  auto end = begin + 1;
  while (is(end, ".") && is_name(end + 1)) end += 2;
  return end;
}

std::vector<std::string> query_shape::path(token_range of) const {
  std::vector<std::string> parts;
  for (auto i = of.begin; i < of.end; i += 2) parts.push_back(unquoted(tokens[i].text));
  return parts;
}

}  // namespace perdure::views
