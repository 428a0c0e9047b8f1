// Beside query_results.cpp and sqlite_query_check.cpp, which tell what does not fit.

#include "views/value_kinds.hpp"

#include <algorithm>
#include <span>

#include "base/ascii.hpp"
#include "views/query_reading.hpp"

namespace perdure::views {
namespace {

using optional_kind = std::optional<value_kind>;
using words = std::span<const std::string_view>;

bool is_one_of(words all, std::string_view word) {
  return std::ranges::find(all, word) != all.end();
}

// ------------------------------------------------------------------------------------- operators

constexpr std::string_view logic_words[] = {
    "or", "and", "not", "=",    "==",      "<>",   "!=",     "<",       "<=",    ">",
    ">=", "is",  "in",  "like", "between", "glob", "isnull", "notnull", "exists"};
constexpr std::string_view arithmetic_signs[] = {"+", "-", "*", "/", "%", "&", "|", "<<", ">>"};

enum class operators { none, logic, arithmetic, concatenation, unclear, sign };

// The loosest of those that stand in no parentheses and no CASE.
operators loosest_in(const query_reading& q, token_range e) {
  auto loosest = operators::none;
  std::size_t cases = 0;
  auto found = [&](operators one) {
    if (loosest == operators::none || one < loosest) loosest = one;
  };
  auto is_before_its_operand = [&](std::size_t i) {
    return i == e.begin ||
           (q.shape.tokens[i - 1].kind == token_kind::symbol && q.shape.tokens[i - 1].text != ")");
  };
  for (auto i = e.begin; i < e.end; ++i) {
    const auto& token = q.shape.tokens[i];
    if (token.kind != token_kind::word && token.kind != token_kind::symbol) continue;
    auto word = lower_case(token.text);
    if (word == "(") {
      i = q.shape.partner[i];
    } else if (word == "end" && cases > 0) {
      --cases;
    } else if (word == "case") {
      ++cases;
      found(operators::unclear);
    } else if (cases == 0) {
      if (is_one_of(logic_words, word)) return operators::logic;
      if (is_before_its_operand(i)) {
        if (word == "-" || word == "~") found(operators::sign);  // + changes nothing
        continue;
      }
      if (is_one_of(arithmetic_signs, word)) found(operators::arithmetic);
      if (word == "||") found(operators::concatenation);
      if (word == "->" || word == "->>" || word == "collate") found(operators::unclear);
    }
  }
  return loosest;
}

// ------------------------------------------------------------------------------------- functions

constexpr std::string_view giving_numbers[] = {"abs",
                                               "avg",
                                               "ceil",
                                               "ceiling",
                                               "count",
                                               "cume_dist",
                                               "dense_rank",
                                               "floor",
                                               "instr",
                                               "julianday",
                                               "length",
                                               "ntile",
                                               "percent_rank",
                                               "random",
                                               "rank",
                                               "round",
                                               "row_number",
                                               "sign",
                                               "sum",
                                               "total",
                                               "unicode",
                                               "unixepoch",
                                               "json_array_length",
                                               "json_valid"};
constexpr std::string_view giving_text[] = {
    "char",      "date",     "datetime", "format", "group_concat", "hex",
    "json_type", "lower",    "ltrim",    "printf", "quote",        "replace",
    "rtrim",     "strftime", "time",     "trim",   "typeof",       "upper"};

// What one of their arguments is, or each of them.
constexpr std::string_view giving_first[] = {"first_value", "last_value", "nth_value", "nullif"};
constexpr std::string_view giving_any[] = {"coalesce", "ifnull", "max", "min"};

optional_kind kind_of_cast(const query_reading& q, token_range of) {
  for (auto i = of.begin; i < of.end; ++i) {
    if (q.shape.is(i, "(")) i = q.shape.partner[i];
    if (!q.shape.is(i, "as")) continue;
    return i + 1 < of.end ? kind_of_declared(q.shape.tokens[i + 1].text) : std::nullopt;
  }
  return std::nullopt;
}

optional_kind kind_of_all(const query_reading& q, std::span<const token_range> all) {
  optional_kind of_first;
  for (const auto& one : all) {
    auto kind = kind_of(q, one);
    if (!kind || (of_first && kind != of_first)) return std::nullopt;
    of_first = kind;
  }
  return of_first;
}

optional_kind kind_of_call(const query_reading& q, token_range e) {
  if (e.size() < 3 || !q.shape.is(e.begin + 1, "(")) return std::nullopt;
  auto function = lower_case(q.shape.tokens[e.begin].text);
  auto end = q.shape.partner[e.begin + 1];
  bool is_all = end + 1 == e.end || q.shape.is(end + 1, "filter") || q.shape.is(end + 1, "over");
  if (!is_all) return std::nullopt;
  if (is_one_of(giving_numbers, function)) return value_kind::number;
  if (is_one_of(giving_text, function)) return value_kind::text;
  token_range inside{e.begin + 2, end};
  if (function == "cast") return kind_of_cast(q, inside);
  if (q.shape.is(inside.begin, "distinct")) ++inside.begin;
  auto arguments = q.shape.split(inside);
  if (arguments.empty()) return std::nullopt;
  if (is_one_of(giving_first, function)) return kind_of(q, arguments.front());
  return is_one_of(giving_any, function) ? kind_of_all(q, arguments) : std::nullopt;
}

optional_kind kind_of_token(const query_reading& q, std::size_t i) {
  switch (q.shape.tokens[i].kind) {
    case token_kind::text:
      return value_kind::text;
    case token_kind::number:
      return value_kind::number;
    case token_kind::blob:
      return value_kind::blob;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string_view described(value_kind kind) {
  switch (kind) {
    case value_kind::number:
      return "a number";
    case value_kind::text:
      return "a text";
    case value_kind::blob:
      break;
  }
  return "a blob";
}

optional_kind kind_of(column_type type) {
  return type == column_type::json ? std::nullopt : kind_of_declared(sql_type_of(type));
}

optional_kind kind_of_declared(std::string_view type) {
  auto word = lower_case(type);
  if (word == "integer" || word == "int" || word == "real" || word == "numeric") {
    return value_kind::number;
  }
  if (word == "text") return value_kind::text;
  return word == "blob" ? optional_kind(value_kind::blob) : std::nullopt;
}

optional_kind kind_of(const query_reading& q, token_range e) {
  while (e.size() > 2 && q.shape.is(e.begin, "(") && q.shape.partner[e.begin] + 1 == e.end) {
    if (q.shape.is_select(e.begin)) return std::nullopt;
    e = {e.begin + 1, e.end - 1};
  }
  if (e.empty()) return std::nullopt;
  auto name = q.names.find(e.begin);
  if (name != q.names.end() && name->second.written.end == e.end) {
    auto type = name->second.type();
    return type ? kind_of(*type) : std::nullopt;
  }
  switch (loosest_in(q, e)) {
    case operators::logic:
    case operators::arithmetic:
    case operators::sign:
      return value_kind::number;
    case operators::concatenation:
      return value_kind::text;
    case operators::unclear:
      return std::nullopt;
    case operators::none:
      break;
  }
  return e.size() == 1 ? kind_of_token(q, e.begin) : kind_of_call(q, e);
}

bool gives_json(const query_reading& q, token_range e) {
  auto name = q.names.find(e.begin);
  if (name != q.names.end() && name->second.written.end == e.end) {
    return name->second.type() == column_type::json;
  }
  for (auto i = e.begin; i < e.end; ++i) {
    bool calls_json = q.shape.is_name(i) && lower_case(q.shape.tokens[i].text).starts_with("json");
    bool looks_inside = q.shape.is(i, "->") || q.shape.is(i, "->>") || q.shape.is(i, "select");
    if (calls_json || looks_inside) return true;
  }
  return false;
}

bool may_fit(value_kind kind, column_type field) {
  switch (field) {
    case column_type::integer:
    case column_type::boolean:
    case column_type::real:
    case column_type::duration:
      return kind == value_kind::number;
    case column_type::enumeration:
      return kind != value_kind::blob;
    case column_type::bytes:
      return kind != value_kind::number;
    default:
      return kind == value_kind::text;
  }
}

void check_kind(query_reading& q, token_range e, const google::protobuf::FieldDescriptor& field) {
  auto kind = kind_of(q, e);
  auto type = element_type_of(field);
  if (!kind || type == column_type::json || may_fit(*kind, type)) return;
  q.problem(e.begin, q.written(e) + " is " + std::string(described(*kind)) +
                         ", which does not go into \"" + field.full_name() +
                         "\": " + described(field));
}

}  // namespace perdure::views
