// Results that are whole rows: * and t.*.

#include <algorithm>

#include "views/query_results.hpp"
#include "views/sql_words.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

class star_matcher {
 public:
  star_matcher(query_reading& q, const star& of, std::vector<std::string>& columns)
      : q_(q), of_(of), columns_(columns) {}

  std::vector<result_field> match(const Descriptor& message, const std::string& prefix = "") {
    std::vector<result_field> made;
    if (++depth_ <= 20) {
      for (int i = 0; i < message.field_count(); ++i) add(*message.field(i), prefix, made);
    }
    --depth_;
    return made;
  }

 private:
  void add(const FieldDescriptor& field, const std::string& prefix,
           std::vector<result_field>& into) {
    auto name = prefix + field.name();
    const from_item* found = nullptr;
    for (const auto* of : of_.of) {
      if (of->table == nullptr || of->table->find(name) == nullptr) continue;
      if (found != nullptr && !joins_by_name()) {
        q_.problem(of_.written.begin, "\"" + name + "\" is a column of " + found->name +
                                          " and of " + of->name +
                                          "; instead of * name the columns");
        return;
      }
      if (found == nullptr) found = of;
    }
    if (found != nullptr) {
      const auto& column = *found->table->find(name);
      into.push_back({result_field::source::value, &field, columns_.size()});
      columns_.push_back(found->written + "." + quoted(column.name));
    } else if (is_plain_message(field) && !field.is_repeated() && has_columns_in(name)) {
      auto parts = match(*field.message_type(), name + ".");
      if (!parts.empty()) {
        into.push_back({result_field::source::fields, &field, 0, std::move(parts)});
      }
    }
  }

  bool has_columns_in(const std::string& name) const {
    return std::ranges::any_of(of_.of, [&](const from_item* of) {
      return of->table != nullptr && std::ranges::any_of(of->table->columns, [&](const column& c) {
               return c.name.size() > name.size() && c.name[name.size()] == '.' &&
                      same_word(c.name.substr(0, name.size()), name);
             });
    });
  }

  // NATURAL and USING make one column of two.
  bool joins_by_name() const {
    for (std::size_t i = 0; i < q_.shape.tokens.size(); ++i) {
      if (q_.shape.is(i, "natural") || q_.shape.is(i, "using")) return true;
    }
    return false;
  }

  query_reading& q_;
  const star& of_;
  std::vector<std::string>& columns_;
  int depth_ = 0;
};

// The one table whose whole row a message is; null when there is none, or several.
const from_item* same_row(const star& of, const Descriptor& message) {
  const from_item* found = nullptr;
  for (const auto* item : of.of) {
    if (item->what != from_item::kind::table) continue;
    if (item->table->row->full_name() != message.full_name()) continue;
    if (found != nullptr) return nullptr;
    found = item;
  }
  return found;
}

// With * over several tables, a row is a message's only source when the others add nothing to it.
bool is_whole(const star& of, const from_item* row) { return row != nullptr && of.of.size() == 1; }

}  // namespace

bool is_star(const query_reading& q, token_range e) {
  if (e.size() == 1) return q.shape.is(e.begin, "*");
  return e.size() == 3 && q.shape.is_name(e.begin) && q.shape.is(e.begin + 1, ".") &&
         q.shape.is(e.begin + 2, "*");
}

star star_of(query_reading& q, const select_core& core, token_range e) {
  star made{e, {}};
  if (e.size() == 3) {
    auto name = unquoted(q.shape.tokens[e.begin].text);
    if (const auto* of = core.find(name)) {
      made.of.push_back(of);
    } else {
      q.problem(e.begin, "\"" + name + "\" is not in FROM, or has another name there");
    }
  } else {
    for (const auto& of : core.from) made.of.push_back(&of);
    if (core.from.empty())
      q.problem(e.begin, "* is all columns of what is in FROM; there is no FROM");
  }
  for (const auto* of : made.of) {
    if (of->table != nullptr) continue;
    auto name = of->name.empty() ? "a subquery" : "\"" + of->name + "\"";
    q.problem(e.begin, "* is of tables of the view only; name the columns of " + name);
    break;
  }
  return made;
}

void add_star(query_reading& q, const star& of, const result_target& to) {
  const auto* row = same_row(of, *to.message);
  if (to.is_outermost && is_whole(of, row)) {
    if (!to.fields->empty()) {
      q.problem(of.written.begin,
                "* gives all fields of " + to.message->full_name() +
                    ", so that nothing else can give one; remove * or the others");
      return;
    }
    to.fields->push_back({result_field::source::row, nullptr, to.columns->size()});
    to.columns->push_back(row->written + "._row");
    return;
  }
  if (of.of.empty()) return;
  auto problems = q.made.problems.size();
  auto made = star_matcher(q, of, *to.columns).match(*to.message);
  bool has_tables = std::ranges::all_of(of.of, [](const auto* item) { return item->table; });
  if (made.empty() && has_tables && q.made.problems.size() == problems) {
    q.problem(of.written.begin, "no field of " + to.message->full_name() +
                                    " is named as a column of " + of.of[0]->name +
                                    "; name the results: column AS field");
  }
  for (auto& field : made) place(q, of.written.begin, to, {field.field}, field);
}

result_field message_of_star(query_reading& q, const star& of, const Descriptor& message,
                             std::vector<std::string>& columns, bool is_in_list) {
  result_field made{result_field::source::row, nullptr, columns.size()};
  if (const auto* row = same_row(of, message); is_whole(of, row)) {
    columns.push_back(row->written + "._row");
    return made;
  }
  made = {result_field::source::fields, nullptr, 0};
  result_target to{&message, &made.parts, &columns, false, is_in_list};
  add_star(q, of, to);
  return made;
}

}  // namespace perdure::views
