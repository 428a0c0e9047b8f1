// The rpcs that bring rows to a view. Before: view_plan.cpp. Next: view_queries.cpp.

#include <algorithm>
#include <map>
#include <set>

#include "base/ascii.hpp"
#include "views/sql_words.hpp"
#include "views/view_reading.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::MethodDescriptor;

bool is_empty(const Descriptor& message) { return message.full_name() == "google.protobuf.Empty"; }

bool is_plain_name(const std::string& name) {
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !name.empty() && is_letter(name[0]) && std::ranges::all_of(name, [&](char c) {
    return is_letter(c) || c == '_' || (c >= '0' && c <= '9');
  });
}

std::string wrong_with_table(const std::string& name) {
  if (name.empty()) return "names no table; write view.update.table";
  auto written = "\"" + name + "\" ";
  if (!is_plain_name(name))
    return written + "is no name of a table: letters, digits and _, a letter first";
  if (is_internal(name))
    return written + "begins as names that SQLite or Perdure keeps for itself; take another";
  if (is_keyword(name) || same_word(name, "json_each") || same_word(name, "json_tree")) {
    return written + "is a word of SQL; take another name";
  }
  return "";
}

// Fields that could not both be columns, in a message and in those inside it.
std::string wrong_with_fields(const Descriptor& message, std::set<const Descriptor*>& seen,
                              bool is_row) {
  if (!seen.insert(&message).second) return "";
  std::map<std::string, std::string> names;
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    auto [known, is_new] = names.emplace(lower_case(field.name()), field.name());
    if (!is_new) {
      return "the fields \"" + known->second + "\" and \"" + field.name() + "\" of " +
             message.full_name() + " differ only in case, which counts not in SQL; rename one";
    }
    if (is_row && (known->first == "_id" || known->first == "_key" || known->first == "_row")) {
      return "the field \"" + field.name() + "\" of " + message.full_name() +
             " is named as a column that each table has; rename it";
    }
    bool opens = field.message_type() != nullptr && type_of(field) == column_type::json &&
                 !field.is_repeated();
    if (!opens) continue;
    if (auto wrong = wrong_with_fields(*field.message_type(), seen, false); !wrong.empty())
      return wrong;
  }
  return "";
}

class updates_reader {
 public:
  explicit updates_reader(view_reading& view) : view_(view), plan_(view.made.plan) {}

  void read() {
    for (int i = 0; i < view_.service.method_count(); ++i) {
      const auto& rpc = *view_.service.method(i);
      if (options_of(rpc).view().has_update()) read(rpc, static_cast<std::size_t>(i));
    }
    for (const auto& [name, rpc] : without_rows_) {
      if (find_table(name) != none) continue;
      view_.problem(*rpc, ".view.update.table: no rpc brings rows to \"" + name +
                              "\": one must return the message of its rows");
    }
  }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  void read(const MethodDescriptor& rpc, std::size_t index) {
    const auto& update = options_of(rpc).view().update();
    if (auto wrong = wrong_with_table(update.table()); !wrong.empty()) {
      return view_.problem(rpc, ".view.update.table: " + wrong);
    }
    auto table = table_of(rpc);
    bool is_fine = check_eventing(rpc);
    check_messages(rpc);
    if (is_fine && table != none) add_taker(rpc, index, table);
  }

  std::size_t find_table(const std::string& name) const {
    for (std::size_t i = 0; i < plan_.tables.size(); ++i) {
      if (same_word(plan_.tables[i].schema.name, name)) return i;
    }
    return none;
  }

  // An rpc that is not asked for a row need not say what one is.
  static bool gives_no_row(const MethodDescriptor& rpc) {
    const auto& in = options_of(rpc).eventing().in();
    bool asks_nobody = in.ignore() || (in.handle_deletes() &&
                                       !options_of(rpc).view().update().transform_updates());
    return asks_nobody && is_empty(*rpc.output_type());
  }

  // The table, made when it is new; none when the rpc does not fit it.
  std::size_t table_of(const MethodDescriptor& rpc) {
    const auto& name = options_of(rpc).view().update().table();
    auto known = find_table(name);
    if (gives_no_row(rpc)) {
      if (known == none) known = find_row_elsewhere(name);
      if (known == none) without_rows_.emplace(name, &rpc);
      return known;
    }
    if (known == none) return add_table(rpc, name);
    const auto& schema = plan_.tables[known].schema;
    if (schema.name != name) {
      view_.problem(rpc, ".view.update.table: \"" + name + "\" and \"" + schema.name +
                             "\" differ only in case, which counts not in SQL; write one of them");
      return none;
    }
    if (schema.row != rpc.output_type()) {
      view_.problem(rpc, ": it returns " + rpc.output_type()->full_name() +
                             ", but the rows of table \"" + name + "\" are " +
                             schema.row->full_name() +
                             "; all rpcs of a table return its rows' message");
      return none;
    }
    return known;
  }

  // Of a later rpc of the same table, so that the order of rpcs does not matter.
  std::size_t find_row_elsewhere(const std::string& name) {
    for (int i = 0; i < view_.service.method_count(); ++i) {
      const auto& rpc = *view_.service.method(i);
      const auto& view = options_of(rpc).view();
      if (view.has_update() && view.update().table() == name && !gives_no_row(rpc)) {
        return add_table(rpc, name);
      }
    }
    return none;
  }

  std::size_t add_table(const MethodDescriptor& rpc, const std::string& name) {
    const auto& row = *rpc.output_type();
    std::set<const Descriptor*> seen;
    if (row.field_count() == 0) {
      view_.problem(rpc, ": it returns " + row.full_name() +
                             ", which has no fields; it must be the message of the "
                             "rows of table \"" +
                             name + "\"");
    } else if (auto wrong = wrong_with_fields(row, seen, true); !wrong.empty()) {
      view_.problem(rpc, ": " + wrong);
    }
    plan_.tables.push_back({schema_of(name, row), {}});
    return plan_.tables.size() - 1;
  }

  bool check_eventing(const MethodDescriptor& rpc) {
    const auto& eventing = options_of(rpc).eventing();
    const auto& in = eventing.in();
    auto before = view_.made.problems.size();
    if (eventing.has_out()) {
      view_.problem(
          rpc, ".eventing.out: a view publishes nothing; have an action publish, and remove it");
    }
    if (!eventing.has_in()) {
      view_.problem(
          rpc, ".view.update: says where rows go, but not where they come from; write eventing.in");
    } else if (in.source_case() == EventSource::SOURCE_NOT_SET) {
      view_.problem(rpc,
                    ".eventing.in names no source; write topic, event_sourced_entity, value_entity "
                    "or direct");
    }
    if (!in.consumer_group().empty()) {
      view_.problem(rpc,
                    ".eventing.in.consumer_group: a view keeps its place with its rows; remove it");
    }
    if (rpc.server_streaming()) {
      view_.problem(rpc, ": messages are handed over one by one; remove \"stream\"");
    }
    if (in.ignore() && options_of(rpc).view().update().transform_updates()) {
      view_.problem(rpc,
                    ".view.update.transform_updates: a message that is ignored is not handed over; "
                    "remove it, or ignore");
    }
    return view_.made.problems.size() == before;
  }

  void check_messages(const MethodDescriptor& rpc) {
    const auto& in = options_of(rpc).eventing().in();
    const auto& request = *rpc.input_type();
    if (in.handle_deletes()) {
      if (!is_empty(request)) {
        view_.problem(
            rpc,
            ".eventing.in.handle_deletes: a deletion has no content, so that the request must be "
            "google.protobuf.Empty, not " +
                request.full_name());
      }
      return;
    }
    if (is_empty(request)) {
      return view_.problem(
          rpc,
          ": google.protobuf.Empty is no message that comes; to be told of deletions write "
          "eventing.in.handle_deletes: true");
    }
    bool transforms = options_of(rpc).view().update().transform_updates();
    if (transforms || in.ignore() || &request == rpc.output_type()) return;
    view_.problem(rpc, ": " + request.full_name() + " comes and " + rpc.output_type()->full_name() +
                           " is the row; return what comes, or write "
                           "view.update.transform_updates: true and a handler");
  }

  void add_taker(const MethodDescriptor& rpc, std::size_t index, std::size_t table) {
    const auto& in = options_of(rpc).eventing().in();
    const auto& of_service = view_.service.options().GetExtension(perdure::service).eventing().in();
    auto& source = source_of(in);
    source.from_end |= in.start() == EventSource::LATEST;
    auto& updates = updates_of(source, table);
    updates.takers.ignores_unknown |= in.ignore_unknown() || of_service.ignore_unknown();
    for (const auto& other : updates.takers.all) {
      if (other.handles_deletes != in.handle_deletes()) continue;
      if (other.descriptor->input_type() != rpc.input_type()) continue;
      return view_.problem(
          rpc, ".eventing.in: rpc " + other.descriptor->name() + " takes " +
                   (in.handle_deletes() ? "deletions" : rpc.input_type()->full_name()) + " of " +
                   source.from.description() + " into table \"" + plan_.tables[table].schema.name +
                   "\" already; remove one");
    }
    updates.takers.all.push_back({index, &rpc, in.ignore(), in.handle_deletes()});
    updates.transforms.push_back(options_of(rpc).view().update().transform_updates());
  }

  view_source& source_of(const EventSource& in) {
    auto from = pubsub::source_of(in);
    auto known = std::ranges::find(plan_.sources, from, &view_source::from);
    if (known != plan_.sources.end()) return *known;
    auto& made = plan_.sources.emplace_back();
    made.from = std::move(from);
    return made;
  }

  static table_updates& updates_of(view_source& source, std::size_t table) {
    auto known = std::ranges::find(source.updates, table, &table_updates::table);
    if (known != source.updates.end()) return *known;
    auto& made = source.updates.emplace_back(table_updates{table, {}, {}});
    made.takers.source = source.from;
    return made;
  }

  view_reading& view_;
  view_plan& plan_;
  std::map<std::string, const MethodDescriptor*> without_rows_;
};

}  // namespace

void read_updates(view_reading& view) { updates_reader(view).read(); }

}  // namespace perdure::views
