// From the list of results to columns of SQL and fields of the response. Before:
// query_comparisons.cpp. Next: query_keys.cpp.

#include "views/query_results.hpp"

#include "base/suggest.hpp"
#include "views/sql_words.hpp"
#include "views/value_kinds.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using field_path = std::vector<const FieldDescriptor*>;
using source = result_field::source;

class results_maker {
 public:
  results_maker(query_reading& q, const select_core& core)
      : q_(q), core_(core), is_first_(&core == &q.first()) {}

  made_results make() && {
    result_target response{q_.response, &made_.fields, &made_.columns, true, false};
    for (std::size_t i = 0; i < core_.items.size(); ++i) {
      auto item = core_.items[i];
      name_as_first(i, item);
      auto column = made_.columns.size();
      add(item, response);
      bool is_one = made_.columns.size() == column + 1 && !is_star(q_, item.expression) &&
                    !is_tuple(item.expression);
      made_.column_of_item.push_back(is_one ? column : none);
    }
    if (made_.columns.empty()) made_.columns.push_back("1");
    return std::move(made_);
  }

 private:
  // Behind UNION results have the names of the first SELECT's.
  void name_as_first(std::size_t i, select_item& item) {
    name_before_ = {};
    if (is_first_ || i >= q_.first().items.size()) return;
    const auto& first = q_.first().items[i];
    if (first.alias.empty()) {
      name_before_ = path_of(first.expression);
    } else {
      item.alias = first.alias;
      item.name = first.name;
    }
  }

  // (a, b AS x): a parenthesis around several results, not around an expression or a query.
  bool is_tuple(token_range e) const {
    if (e.size() < 3 || !q_.shape.is(e.begin, "(") || q_.shape.partner[e.begin] != e.end - 1) {
      return false;
    }
    if (q_.shape.is_select(e.begin)) return false;
    auto parts = q_.shape.split(inside(e));
    if (parts.size() > 1) return true;
    auto only = q_.shape.item(parts[0]);
    return !only.alias.empty() || is_star(q_, only.expression);
  }

  // (a) AS home, where home is a message.
  bool is_one_of_message(const select_item& item, const result_target& to) const {
    auto e = item.expression;
    if (item.alias.empty() || e.size() < 3 || !q_.shape.is(e.begin, "(")) return false;
    if (q_.shape.partner[e.begin] != e.end - 1 || q_.shape.is_select(e.begin)) return false;
    auto path = find_field(*to.message, q_.shape.path(item.alias));
    return !path.empty() && is_plain_message(*path.back()) && !gives_json(q_, inside(e));
  }

  token_range inside(token_range e) const { return {e.begin + 1, e.end - 1}; }

  bool is_collect(token_range e) const {
    if (!q_.shape.is(e.begin, "collect") || !q_.shape.is(e.begin + 1, "(")) return false;
    auto behind = q_.shape.partner[e.begin + 1] + 1;
    if (behind == e.end) return true;
    return q_.shape.is(behind, "filter") && q_.shape.is(behind + 1, "(") &&
           q_.shape.partner[behind + 1] + 1 == e.end;
  }

  void add(const select_item& item, const result_target& to) {
    auto e = item.expression;
    if (e.empty()) return q_.problem(e.begin, "a result is missing here");
    if (is_star(q_, e)) return add_star_item(item, to);
    if (is_tuple(e) || is_one_of_message(item, to)) return add_tuple(item, to);
    if (is_collect(e)) return add_collect(item, to);
    if (add_of_all(item, to)) return;
    add_expression(item, to);
  }

  // ------------------------------------------------------------------------------- which field

  // Of AS, else of a column by its path or its last name. Empty, and a problem, when there is none.
  field_path target_of(const select_item& item, const result_target& to,
                       std::vector<std::string> written) {
    if (to.is_outermost && !name_before_.empty()) {
      written = name_before_;
    } else if (!item.alias.empty()) {
      written = q_.shape.path(item.alias);
      auto found = find_field(*to.message, written);
      if (found.empty()) tell_unknown(item.alias.begin, dotted(written), *to.message);
      return found;
    }
    if (written.empty()) {
      q_.problem(item.expression.begin, "\"" + q_.written(item.expression) +
                                            "\" needs a name: write AS and a field of " +
                                            to.message->full_name());
      return {};
    }
    if (const auto* name = name_in(item.expression); name && name->is_wrong) return {};
    auto found = find_field(*to.message, written);
    if (found.empty()) found = find_field(*to.message, {written.back()});
    if (found.empty()) tell_unknown(item.expression.begin, dotted(written), *to.message);
    return found;
  }

  void tell_unknown(std::size_t token, const std::string& name, const Descriptor& message) {
    q_.problem(token, "\"" + name + "\" is not a field of " + message.full_name() +
                          did_you_mean(name, field_names(message)));
  }

  // The path of a column without the name of its table; empty of other expressions.
  std::vector<std::string> path_of(token_range e) const {
    auto found = q_.names.find(e.begin);
    if (found == q_.names.end() || found->second.written.end != e.end) return {};
    auto path = q_.shape.path(e);
    if (found->second.is_qualified) path.erase(path.begin());
    return path;
  }

  const found_name* name_in(token_range e) const {
    auto found = q_.names.find(e.begin);
    bool is_all = found != q_.names.end() && found->second.written.end == e.end;
    return is_all ? &found->second : nullptr;
  }

  // ------------------------------------------------------------------------------------ kinds

  // Whether a field takes a row, or a tuple: as one message, or, of the response, a message a row.
  bool takes_message(std::size_t token, const field_path& path, const result_target& to) {
    if (path.empty()) return false;
    const auto& field = *path.back();
    if (!is_plain_message(field) || field.is_map()) {
      q_.problem(token, "\"" + field.name() + "\" of " + to.message->full_name() +
                            " is no message, so that columns cannot be its fields");
      return false;
    }
    if (field.is_repeated()) return takes_rows(token, path, to);
    return true;
  }

  bool takes_rows(std::size_t token, const field_path& path, const result_target& to) {
    const auto& name = path.back()->name();
    if (!to.is_outermost || path.size() > 1) {
      q_.problem(token, "\"" + name +
                            "\" is repeated inside a message of one row; write collect(...) AS " +
                            name);
      return false;
    }
    if (q_.streams) {
      q_.problem(token, "\"" + name +
                            "\" is repeated, and an rpc that streams sends a message a row; "
                            "write collect(...) AS " +
                            name + ", or remove \"stream\"");
      return false;
    }
    made_.is_about_all = true;
    return true;
  }

  void add_message(std::size_t token, const result_target& to, const field_path& path,
                   result_field made) {
    if (path.back()->is_repeated()) {
      result_field rows{source::rows, path.back(), 0, {}};
      rows.parts.push_back(std::move(made));
      return place(q_, token, to, path, std::move(rows));
    }
    made.field = path.back();
    place(q_, token, to, path, std::move(made));
  }

  void add_star_item(const select_item& item, const result_target& to) {
    auto of = star_of(q_, core_, item.expression);
    if (item.alias.empty()) return add_star(q_, of, to);
    auto path = target_of(item, to, {});
    if (!takes_message(item.alias.begin, path, to)) return;
    auto made = message_of_star(q_, of, *path.back()->message_type(), *to.columns, to.is_in_list);
    add_message(item.alias.begin, to, path, std::move(made));
  }

  void add_tuple(const select_item& item, const result_target& to) {
    auto e = item.expression;
    if (item.alias.empty()) {
      return q_.problem(e.begin,
                        "several columns together become a message: write (...) AS and its field");
    }
    auto path = target_of(item, to, {});
    if (!takes_message(item.alias.begin, path, to)) return;
    auto made = fields_of(inside(e), *path.back()->message_type(), *to.columns, to.is_in_list);
    add_message(item.alias.begin, to, path, std::move(made));
  }

  result_field fields_of(token_range list, const Descriptor& message,
                         std::vector<std::string>& columns, bool is_in_list) {
    result_field made{source::fields, nullptr, 0, {}};
    result_target to{&message, &made.parts, &columns, false, is_in_list};
    for (auto part : q_.shape.split(list)) {
      if (part.empty()) {
        q_.problem(part.begin, "a result is missing here");
        continue;
      }
      add(q_.shape.item(part), to);
    }
    return made;
  }

  // ----------------------------------------------------------------------------------- collect

  void add_collect(const select_item& item, const result_target& to) {
    auto e = item.expression;
    q_.placed.insert(e.begin);
    token_range list{e.begin + 2, q_.shape.partner[e.begin + 1]};
    bool is_distinct = q_.shape.is(list.begin, "distinct");
    if (is_distinct) ++list.begin;
    if (list.empty()) return q_.problem(e.begin, "collect takes what to collect: collect(x)");
    if (to.is_in_list) {
      return q_.problem(
          e.begin,
          "collect does not stand in another collect; use a subquery with json_group_array");
    }
    auto path = target_of(item, to, path_of(list));
    if (path.empty()) return;
    const auto& field = *path.back();
    if (!field.is_repeated() || field.is_map()) {
      return q_.problem(e.begin, "collect gives a list, and \"" + field.name() + "\" of " +
                                     field.containing_type()->full_name() + " is not repeated");
    }
    std::string collected;
    result_field made{source::list, &field, to.columns->size(), {}};
    if (!element_of(list, field, made, collected)) return;
    auto filter = q_.sql({q_.shape.partner[e.begin + 1] + 1, e.end});
    std::string sql =
        std::string("perdure_collect(") + (is_distinct ? "DISTINCT " : "") + collected + ")";
    to.columns->push_back(with_alias(sql + (filter.empty() ? "" : " " + filter), item, to));
    place(q_, e.begin, to, path, std::move(made));
  }

  // What one element is made of; false, and a problem, when it cannot be.
  bool element_of(token_range list, const FieldDescriptor& field, result_field& made,
                  std::string& collected) {
    bool is_message = is_plain_message(field);
    bool is_row = is_star(q_, list);
    if ((is_row || is_tuple(list)) && !is_message) {
      q_.problem(list.begin,
                 "an element of \"" + field.name() + "\" is no message; collect one column");
      return false;
    }
    if (!is_row && !is_tuple(list)) {
      const auto* name = name_in(list);
      bool is_json =
          name == nullptr || name->type().value_or(column_type::json) == column_type::json;
      if (is_message && !is_json) {
        q_.problem(list.begin, "an element of \"" + field.name() +
                                   "\" is a message; write collect((a, b)) or collect(t.*)");
        return false;
      }
      check_kind(q_, list, field);
      made.parts.push_back({source::value, nullptr, 0, {}});
      collected = q_.sql(list);
      return true;
    }
    std::vector<std::string> tuple;
    auto element =
        is_row ? message_of_star(q_, star_of(q_, core_, list), *field.message_type(), tuple, true)
               : fields_of(inside(list), *field.message_type(), tuple, true);
    bool is_whole = element.from == source::row;
    collected = is_whole ? joined(tuple) : "perdure_tuple(" + joined(tuple) + ")";
    made.parts.push_back(std::move(element));
    return true;
  }

  // -------------------------------------------------------------------- total_count and the like

  bool add_of_all(const select_item& item, const result_target& to) {
    struct known {
      std::string_view function;
      source from;
      FieldDescriptor::CppType type;
    };
    constexpr known all[] = {
        {"total_count", source::total_count, FieldDescriptor::CPPTYPE_INT64},
        {"has_more", source::has_more, FieldDescriptor::CPPTYPE_BOOL},
        {"next_page_token", source::next_page_token, FieldDescriptor::CPPTYPE_STRING}};
    for (const auto& k : all) {
      if (!q_.is_call(item.expression, k.function)) continue;
      auto name = std::string(k.function);
      q_.placed.insert(item.expression.begin);
      if (item.expression.size() != 3) {
        q_.problem(item.expression.begin, name + "() takes nothing");
      } else if (!to.is_outermost) {
        q_.problem(item.expression.begin,
                   name + "() is about all rows; it stands outside of parentheses");
      } else if (q_.streams) {
        q_.problem(
            item.expression.begin,
            name +
                "() has no place in an rpc that streams a message a row; remove \"stream\", and "
                "put the rows in a repeated field");
      } else if (auto path = target_of(item, to, {name}); !path.empty()) {
        add_checked(item, to, path, k.from, k.type);
      }
      return true;
    }
    return false;
  }

  void add_checked(const select_item& item, const result_target& to, const field_path& path,
                   source from, FieldDescriptor::CppType type) {
    const auto& field = *path.back();
    bool is_integer = type == FieldDescriptor::CPPTYPE_INT64;
    bool fits = is_integer
                    ? type_of(field) == column_type::integer && field.message_type() == nullptr
                    : field.cpp_type() == type && type_of(field) != column_type::bytes;
    if (field.is_repeated() || !fits) {
      return q_.problem(item.expression.begin,
                        "\"" + field.name() + "\" must be " +
                            (is_integer                              ? "an integer"
                             : type == FieldDescriptor::CPPTYPE_BOOL ? "a bool"
                                                                     : "a string") +
                            " for " + q_.written(item.expression));
    }
    made_.is_about_all = true;
    made_.counts |= from == source::total_count;
    made_.looks_behind |= from != source::total_count;
    if (from == source::next_page_token) made_.token_item = item.expression.begin;
    place(q_, item.expression.begin, to, path, {from, &field, 0, {}});
  }

  // ------------------------------------------------------------------------------- expressions

  void add_expression(const select_item& item, const result_target& to) {
    auto e = item.expression;
    auto path = target_of(item, to, path_of(e));
    if (path.empty()) return;
    const auto& field = *path.back();
    result_field made{source::value, &field, to.columns->size(), {}};
    bool is_list = type_of(field) == column_type::json;
    const auto* name = name_in(e);
    bool may_be_json = gives_json(q_, e) || (name && !name->type() && is_plain_message(field));
    bool is_seen_by_sqlite = name && !to.is_in_list;  // sqlite_query_check tells
    if (!is_seen_by_sqlite && !(is_list && may_be_json)) check_kind(q_, e, field);
    if (is_list && !may_be_json) {
      if (!field.is_repeated() || is_plain_message(field)) {
        return q_.problem(e.begin, "\"" + field.name() + "\" of " +
                                       field.containing_type()->full_name() +
                                       " is a message; write (a, b) AS " + field.name() +
                                       " or t.* AS " + field.name());
      }
      if (!takes_rows(e.begin, path, to)) return;
      made = {source::rows, &field, 0, {}};
      made.parts.push_back({source::value, nullptr, to.columns->size(), {}});
    }
    to.columns->push_back(with_alias(q_.sql(e), item, to));
    place(q_, e.begin, to, path, std::move(made));
  }

  // Other clauses may name results.
  std::string with_alias(std::string sql, const select_item& item, const result_target& to) const {
    if (item.alias.empty() || to.is_in_list) return sql;
    bool is_plain = item.alias.size() == 1;
    return sql + " AS " +
           (is_plain ? std::string(q_.shape.tokens[item.alias.begin].text) : quoted(item.name));
  }

  query_reading& q_;
  const select_core& core_;
  bool is_first_;
  std::vector<std::string> name_before_;  // behind UNION: of the first SELECT's result
  made_results made_;
};

}  // namespace

made_results results_of(query_reading& q, const select_core& core) {
  return results_maker(q, core).make();
}

}  // namespace perdure::views
