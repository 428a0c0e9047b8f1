#pragma once

#include <string>
#include <string_view>

// Words that SQL, and this language beside it, keep for themselves. Case counts not.

namespace perdure::views {

// SELECT, WHERE, AND: never a name unless it is quoted.
bool is_reserved(std::string_view word);

// KEY, DESC, ROW, ...: a keyword in some places; elsewhere SQLite takes it as a name.
bool is_keyword(std::string_view word);

// count, sum, collect: one result of many rows. min and max only with one argument.
bool is_aggregate(std::string_view function);

// Functions and tables that queries may not name: perdure_*, sqlite_*, pragma_*, load_extension.
bool is_internal(std::string_view name);

// "\"address.city\"": a name as SQL has it.
std::string quoted(std::string_view name);

// "a ""b""" to a "b"; a word as it is.
std::string unquoted(std::string_view name);

// The text of an SQL literal: 'it''s' to it's.
std::string text_of_literal(std::string_view literal);

bool same_word(std::string_view a, std::string_view b);

}  // namespace perdure::views
