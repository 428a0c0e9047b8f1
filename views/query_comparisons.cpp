// Whether what a query compares can be compared: SQLite would answer "no" for every row, or order
// texts beside numbers, without a word. Looks only at comparisons whose two sides are a column, a
// parameter or a literal each.

#include <algorithm>

#include "base/suggest.hpp"
#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

struct operand {
  column_type type;
  const EnumDescriptor* of = nullptr;  // of an enumeration
  std::string described;
  std::optional<std::string> literal = {};
  std::size_t begin = 0, end = 0;
};

std::string_view word_of(column_type type) {
  switch (type) {
    case column_type::integer:
      return "an integer";
    case column_type::boolean:
      return "a bool";
    case column_type::real:
      return "a number";
    case column_type::text:
      return "a text";
    case column_type::bytes:
      return "bytes";
    case column_type::enumeration:
      return "an enum";
    case column_type::timestamp:
      return "a google.protobuf.Timestamp";
    case column_type::duration:
      return "a google.protobuf.Duration";
    case column_type::json:
      break;
  }
  return "JSON";
}

operand of_field(const std::string& written, const FieldDescriptor& field, column_type type) {
  operand made{type, field.enum_type(), written + " is " + std::string(word_of(type))};
  if (made.of != nullptr) made.described = written + " is the enum " + made.of->full_name();
  return made;
}

std::optional<operand> of_name(const query_reading& q, const found_name& name) {
  auto type = name.type();
  if (!type) return std::nullopt;
  auto written = q.written(name.written);
  auto made = name.is != nullptr ? of_field(written, *name.is->path.back(), *type)
                                 : operand{*type, nullptr, written + " is a text"};
  made.begin = name.written.begin;
  made.end = name.written.end;
  return made;
}

std::optional<operand> of_token(const query_reading& q, std::size_t i) {
  const auto& token = q.shape.tokens[i];
  std::optional<operand> made;
  if (auto bound = q.bound.find(i); bound != q.bound.end()) {
    const auto& field = *q.made.plan.parameters[bound->second].path.back();
    made = of_field(std::string(token.text), field, type_of(field));
  } else if (token.kind == token_kind::text) {
    made = operand{column_type::text, nullptr, std::string(token.text) + " is a text",
                   text_of_literal(token.text)};
  } else if (token.kind == token_kind::number) {
    made = operand{column_type::real, nullptr, std::string(token.text) + " is a number",
                   std::string(token.text)};
  }
  if (made) {
    made->begin = i;
    made->end = i + 1;
  }
  return made;
}

bool binds_tighter(const query_reading& q, std::size_t i) {
  if (i >= q.shape.tokens.size() || q.shape.tokens[i].kind != token_kind::symbol) return false;
  auto text = q.shape.tokens[i].text;
  for (auto symbol : {"+", "-", "*", "/", "%", "||", "->", "->>", "&", "|", "<<", ">>", "~"}) {
    if (text == symbol) return true;
  }
  return false;
}

// What a comparison's right side begins with, when that is all of it.
std::optional<operand> operand_at(const query_reading& q, std::size_t i) {
  if (i >= q.shape.tokens.size()) return std::nullopt;
  auto name = q.names.find(i);
  auto made = name != q.names.end() ? of_name(q, name->second) : of_token(q, i);
  if (!made || binds_tighter(q, made->end)) return std::nullopt;
  return made;
}

// What its left side ends with.
std::optional<operand> operand_before(const query_reading& q, std::size_t end) {
  if (end == 0) return std::nullopt;
  auto begin = end - 1;
  while (begin >= 2 && q.shape.is(begin - 1, ".")) begin -= 2;
  auto name = q.names.find(begin);
  auto made = name != q.names.end() ? of_name(q, name->second) : of_token(q, end - 1);
  if (!made || made->end != end) return std::nullopt;
  if (made->begin > 0 && binds_tighter(q, made->begin - 1)) return std::nullopt;
  return made;
}

bool is_number(column_type type) {
  return type == column_type::integer || type == column_type::real || type == column_type::duration;
}

// Kinds of values that have an order in common.
int family(column_type type) {
  if (is_number(type)) return 0;
  if (type == column_type::text || type == column_type::enumeration) return 1;
  return 2 + static_cast<int>(type);
}

void check_enum_literal(query_reading& q, const operand& a, const operand& literal) {
  if (a.of->FindValueByName(*literal.literal) != nullptr) return;
  std::vector<std::string> known;
  for (int i = 0; i < a.of->value_count(); ++i) known.push_back(a.of->value(i)->name());
  q.problem(literal.begin, q.written({literal.begin, literal.end}) +
                               " is not a value of the enum " + a.of->full_name() +
                               did_you_mean(*literal.literal, known));
}

bool is_comparable(const operand& a, const operand& b) {
  if (b.literal && a.type == column_type::timestamp) return b.type == column_type::text;
  if (b.literal && a.type == column_type::boolean) return b.type != column_type::text;
  // SQLite makes a literal what the column is.
  if (b.literal && a.type != column_type::enumeration) return true;
  if (a.of != nullptr && b.of != nullptr) return a.of == b.of;
  bool is_flag = (a.type == column_type::boolean && b.type == column_type::integer) ||
                 (a.type == column_type::integer && b.type == column_type::boolean);
  return is_flag || family(a.type) == family(b.type);
}

void compare(query_reading& q, const operand& a, const operand& b, bool is_pattern = false) {
  if (a.literal && b.literal) return;
  if (a.literal) return compare(q, b, a, is_pattern);
  if (a.type == column_type::json || b.type == column_type::json) return;
  bool is_name = b.literal && b.type == column_type::text && a.of != nullptr;
  if (is_name && !is_pattern) return check_enum_literal(q, a, b);
  if (is_pattern && b.type == column_type::text && family(a.type) == 1) return;
  if (is_pattern && b.type == column_type::text && a.type == column_type::timestamp) return;
  if (is_pattern || !is_comparable(a, b)) {
    q.problem(std::max(a.begin, b.begin),
              a.described + " and " + b.described + ", which " +
                  (is_pattern ? "LIKE cannot match" : "cannot be compared"));
  }
}

void check_list(query_reading& q, const operand& a, std::size_t list) {
  auto found = q.lists.find(list);
  if (found == q.lists.end()) return;
  const auto& element = *found->second.element;
  auto b = of_field("an element of " + found->second.written, element, element_type_of(element));
  b.begin = list;
  b.end = list + 1;
  compare(q, a, b);
}

void check_in(query_reading& q, const operand& a, std::size_t open) {
  if (!q.shape.is(open, "(") || q.shape.is_select(open)) return;
  for (auto part : q.shape.split({open + 1, q.shape.partner[open]})) {
    if (part.empty()) continue;
    if (q.lists.contains(part.begin)) {
      check_list(q, a, part.begin);
    } else if (auto b = operand_at(q, part.begin); b && b->end == part.end) {
      compare(q, a, *b);
    }
  }
}

void check_between(query_reading& q, const operand& a, std::size_t i) {
  auto low = operand_at(q, i);
  if (!low) return;
  compare(q, a, *low);
  if (!q.shape.is(low->end, "and")) return;
  if (auto high = operand_at(q, low->end + 1)) compare(q, a, *high);
}

void check_at(query_reading& q, std::size_t i) {
  const auto& shape = q.shape;
  auto left_end = shape.is(i - 1, "not") ? i - 1 : i;
  auto left = operand_before(q, left_end);
  if (!left) return;
  if (shape.is(i, "in")) return check_in(q, *left, i + 1);
  if (shape.is(i, "between")) return check_between(q, *left, i + 1);
  if (q.lists.contains(i + 1)) return check_list(q, *left, i + 1);
  auto right_begin = i + 1;
  if (shape.is(i, "is") && shape.is(i + 1, "not")) ++right_begin;
  auto right = operand_at(q, right_begin);
  if (right) compare(q, *left, *right, shape.is(i, "like") || shape.is(i, "glob"));
}

}  // namespace

void check_comparisons(query_reading& q) {
  for (std::size_t i = 0; i < q.shape.tokens.size(); ++i) {
    for (auto word :
         {"=", "==", "<>", "!=", "<", "<=", ">", ">=", "is", "in", "between", "like", "glob"}) {
      if (!q.shape.is(i, word)) continue;
      check_at(q, i);
      break;
    }
  }
}

}  // namespace perdure::views
