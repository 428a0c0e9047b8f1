// Which views a question names: by its words only, as SQLite has to know the tables before it reads
// the SQL. A view too many does no harm.

#include "views/ad_hoc_names.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "views/sql_tokens.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

// "a.b.FlightViews" -> "FlightViews".
std::string simple_name(const std::string& service) {
  return service.substr(service.rfind('.') + 1);
}

// What the tables of a view are qualified by: the simple name, unless another view has it too.
std::string schema_of(const asked_view& view, const std::vector<asked_view>& views) {
  auto simple = simple_name(view.service);
  auto has_it = [&](const asked_view& one) { return same_word(simple_name(one.service), simple); };
  return std::ranges::count_if(views, has_it) == 1 ? simple : view.service;
}

}  // namespace

result<ad_hoc_names> ad_hoc_names::of(std::string_view sql) {
  auto tokens = tokens_of(sql);
  if (!tokens.ok()) return tokens.error();
  ad_hoc_names made;
  std::string_view before;
  for (const auto& token : *tokens) {
    bool is_name = token.kind == token_kind::word || token.kind == token_kind::quoted;
    if (token.text == "." && !made.names_.empty()) made.names_.back().is_before_dot = true;
    if (is_name) {
      auto word = lower_case(before);
      made.names_.push_back({.name = lower_case(unquoted(token.text)),
                             .at = token.at,
                             .is_behind_dot = before == ".",
                             .is_behind_from = word == "from" || word == "join"});
    }
    before = token.text;
  }
  return made;
}

bool ad_hoc_names::has(std::string_view name) const {
  return std::ranges::find(names_, lower_case(name), &one::name) != names_.end();
}

bool ad_hoc_names::has_schema(std::string_view name) const {
  return std::ranges::any_of(names_, [wanted = lower_case(name)](const one& found) {
    return found.is_before_dot && found.name == wanted;
  });
}

bool ad_hoc_names::has_table(std::string_view name) const {
  return std::ranges::any_of(names_, [wanted = lower_case(name)](const one& found) {
    return !found.is_behind_dot && found.name == wanted;
  });
}

std::optional<std::size_t> ad_hoc_names::surely_table(std::string_view name) const {
  auto wanted = lower_case(name);
  for (const auto& found : names_) {
    if (found.name == wanted && found.is_behind_from && !found.is_before_dot) return found.at;
  }
  return std::nullopt;
}

result<std::vector<named_view>> views_named(std::string_view sql, const ad_hoc_names& names,
                                            const std::vector<asked_view>& views) {
  std::vector<named_view> named;
  for (const auto& view : views) {
    auto schema = schema_of(view, views);
    if (names.has_schema(view.service)) {
      named.push_back({&view, view.service});
    } else if (names.has_schema(schema) || std::ranges::any_of(view.tables, [&](const auto& t) {
                 return names.has_table(t);
               })) {
      named.push_back({&view, schema});
    }
  }
  for (const auto& one : named) {
    for (const auto& table : one.view->tables) {
      auto at = names.surely_table(table);
      if (!at) continue;
      for (const auto& other : named) {
        if (other.view == one.view) continue;
        auto is_same = [&](const auto& t) { return same_word(t, table); };
        if (std::ranges::none_of(other.view->tables, is_same)) continue;
        return status(status_code::invalid_argument,
                      place_in(sql, *at) + ": \"" + table +
                          "\" is a table of more than one view; say " + one.schema + "." + table +
                          " or " + other.schema + "." + table);
      }
    }
  }
  return named;
}

std::vector<std::string> table_names(const ad_hoc_surroundings& around) {
  std::vector<std::string> all;
  for (const auto& table : around.tables) all.push_back(table->name());
  for (const auto& view : around.views) {
    for (const auto& table : view.tables) {
      all.push_back(table);
      all.push_back(schema_of(view, around.views) + "." + table);
    }
  }
  return all;
}

}  // namespace perdure::views
