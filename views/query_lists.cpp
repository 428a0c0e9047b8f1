// Comparisons with lists, and full text search: what has no like in SQLite. Called where
// query_names.cpp comes upon them.

#include <algorithm>

#include "base/suggest.hpp"
#include "views/query_reading.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

using google::protobuf::FieldDescriptor;

void clear(query_reading& q, token_range what) {
  for (auto i = what.begin; i < what.end; ++i) {
    q.out[i].clear();
    q.is_done[i] = true;
  }
}

std::string elements_of(const std::string& list, const std::string& inside) {
  auto value = inside.empty() ? "value" : "value ->> '$." + inside + "'";
  return "(SELECT " + value + " FROM json_each(" + list + "))";
}

// A column whose beginning a path is, and the fields behind it.
struct listed_path {
  const from_item* of = nullptr;
  const column* list = nullptr;
  std::vector<std::string> inside;
};

listed_path find_in(const from_item& of, std::span<const std::string> parts) {
  std::string path;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    path += (i == 0 ? "" : ".") + parts[i];
    const auto* found = of.table->find(path);
    if (found == nullptr || found->type != column_type::json) continue;
    return {&of, found, {parts.begin() + static_cast<std::ptrdiff_t>(i) + 1, parts.end()}};
  }
  return {};
}

listed_path find_list(const query_reading& q, token_range written) {
  auto parts = q.shape.path(written);
  for (auto c = q.shape.core_of[written.begin]; c != none; c = q.shape.cores[c].parent) {
    const auto& core = q.shape.cores[c];
    const auto* qualifier = parts.size() > 1 ? core.find(parts[0]) : nullptr;
    if (qualifier != nullptr && qualifier->table != nullptr) {
      auto found = find_in(*qualifier, std::span(parts).subspan(1));
      if (found.list != nullptr) return found;
    }
    for (const auto& of : core.from) {
      if (of.table == nullptr) continue;
      auto found = find_in(of, parts);
      if (found.list != nullptr) return found;
    }
  }
  return {};
}

// The field at the end of a path inside an element; null, and a problem, when there is none.
const FieldDescriptor* find_inside(query_reading& q, std::size_t at, const listed_path& found) {
  const auto* field = found.list->path.back();
  for (const auto& name : found.inside) {
    std::string problem;
    const auto* message = field->message_type();
    const FieldDescriptor* next = message ? message->FindFieldByName(name) : nullptr;
    if (next == nullptr) {
      std::vector<std::string> known;
      for (int i = 0; message && i < message->field_count(); ++i) {
        known.push_back(message->field(i)->name());
      }
      problem = "\"" + name + "\" is not a field of " +
                (message ? message->full_name() : field->full_name()) + did_you_mean(name, known);
    } else if (next->is_repeated()) {
      problem = "\"" + name + "\" is repeated in what is repeated; join with json_each for that";
    }
    if (!problem.empty()) {
      q.problem(at, problem);
      return nullptr;
    }
    field = next;
  }
  if (element_type_of(*field) == column_type::json) {
    q.problem(at, "\"" + field->name() + "\" is a message; compare with one of its fields");
    return nullptr;
  }
  return field;
}

void rewrite_any_column(query_reading& q, std::size_t any, token_range inside) {
  auto written = q.written(inside);
  auto found = find_list(q, inside);
  const FieldDescriptor* last = found.list ? found.list->path.back() : nullptr;
  if (last == nullptr || !last->is_repeated() || last->is_map()) {
    auto problems = q.made.problems.size();
    auto name = find_name(q, inside.begin);
    if (q.made.problems.size() > problems && last == nullptr) return;
    q.made.problems.resize(problems);
    bool cannot_tell = name.is == nullptr && !name.is_key && last == nullptr;
    if (!cannot_tell) {
      return q.problem(inside.begin,
                       "\"" + written +
                           "\" is not repeated; = ANY(...) takes a repeated column, a "
                           "path into a repeated message, or a repeated field of the request");
    }
    q.out[any] = elements_of(sql_of(name, q), "");
    return;
  }
  const auto* element = find_inside(q, inside.begin, found);
  if (element == nullptr) return;
  std::string rest;
  for (const auto& name : found.inside) rest += (rest.empty() ? "" : ".") + name;
  q.out[any] = elements_of(found.of->written + "." + quoted(found.list->name), rest);
  q.lists[any] = {element, written};
}

// The repeated field of the request that a parameter is; null when it is not one.
const FieldDescriptor* repeated_parameter(query_reading& q, std::size_t token, std::size_t number) {
  const auto* field = q.made.plan.parameters[number - 1].path.back();
  if (!field->is_repeated() || field->is_map()) return nullptr;
  auto type = element_type_of(*field);
  if (type == column_type::json || type == column_type::bytes) {
    q.problem(token, std::string(q.shape.tokens[token].text) + " is a list of " +
                         (type == column_type::bytes ? "bytes" : "messages") +
                         ", which is compared with nothing; make it a list of texts or numbers");
  }
  return field;
}

}  // namespace

void rewrite_any(query_reading& q, std::size_t any) {
  token_range inside{any + 2, q.shape.partner[any + 1]};
  if (!q.shape.is(any - 1, "=") && !q.shape.is(any - 1, "==")) {
    q.problem(any, "ANY stands behind = only; for <> write NOT ... = ANY(...)");
    return clear(q, {any, inside.end + 1});
  }
  bool is_parameter =
      inside.size() == 1 && q.shape.tokens[inside.begin].kind == token_kind::parameter;
  bool is_column = !inside.empty() && q.shape.is_name(inside.begin) &&
                   q.shape.end_of_path(inside.begin) == inside.end;
  clear(q, {any, inside.end + 1});
  q.out[any - 1] = "IN";
  if (is_column) return rewrite_any_column(q, any, inside);
  auto number = is_parameter ? number_of(q, inside.begin) : 0;
  if (is_parameter && number == 0) return;
  const auto* list = is_parameter ? repeated_parameter(q, inside.begin, number) : nullptr;
  if (list == nullptr) {
    return q.problem(any + 1 < inside.begin ? inside.begin : any,
                     "= ANY(...) takes a repeated column, a path into a repeated message, or a "
                     "repeated field of the request, not " +
                         (inside.empty() ? "nothing" : "\"" + q.written(inside) + "\""));
  }
  q.out[any] = elements_of("?" + std::to_string(number), "");
  q.lists[any] = {list, std::string(q.shape.tokens[inside.begin].text)};
}

void rewrite_in_list(query_reading& q, std::size_t parameter) {
  auto number = number_of(q, parameter);
  if (number == 0) return clear(q, {parameter, parameter + 1});
  const auto* list = repeated_parameter(q, parameter, number);
  if (list == nullptr) return;
  q.out[parameter] = "SELECT value FROM json_each(?" + std::to_string(number) + ")";
  q.is_done[parameter] = true;
  q.lists[parameter] = {list, std::string(q.shape.tokens[parameter].text)};
}

void rewrite_text_search(query_reading& q, std::size_t function) {
  token_range inside{function + 2, q.shape.partner[function + 1]};
  auto parts = q.shape.split(inside);
  bool has_column = parts.size() == 2 && !parts[0].empty() && !parts[1].empty() &&
                    q.shape.is_name(parts[0].begin) &&
                    q.shape.end_of_path(parts[0].begin) == parts[0].end;
  if (!has_column) {
    q.problem(function, "text_search takes a column and the words: text_search(title, :words)");
    return clear(q, {function, inside.end + 1});
  }
  auto problems = q.made.problems.size();
  auto found = find_name(q, parts[0].begin);
  if (q.made.problems.size() > problems) return clear(q, {function, inside.end + 1});
  if (found.is == nullptr || found.of == nullptr || found.is->type != column_type::text) {
    q.problem(parts[0].begin, "\"" + q.written(parts[0]) +
                                  "\" cannot be searched: text_search takes a column of a table of "
                                  "this view that is a string");
    return clear(q, {function, inside.end + 1});
  }
  const auto& table = found.of->table->name;
  auto words = quoted(table + ".words");
  q.out[function] = "(" + found.of->written + "._id IN (SELECT rowid FROM " + words + " WHERE " +
                    words + " MATCH '{" + quoted(found.is->name) + "} : (' || perdure_words(";
  q.out[inside.end] = ") || ')'))";
  clear(q, {function + 1, parts[1].begin});
  q.is_done[function] = true;
  auto& searched = q.made.plan.searched;
  std::pair what{table, found.is->name};
  if (std::ranges::find(searched, what) == searched.end()) searched.push_back(what);
}

}  // namespace perdure::views
