// From a message to changes of rows. Before: projector_batch.cpp. Next: sqlite_view_rows.cpp.

#include "views/row_making.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

#include "base/utf8.hpp"

namespace perdure::views {
namespace {

using google::protobuf::Message;
using google::protobuf::MessageFactory;
using pubsub::cloud_event;

status failed(std::string why) { return {status_code::internal, std::move(why)}; }

const pubsub::message_takers::taker* deletes_taker(const pubsub::message_takers& takers) {
  auto found = std::ranges::find_if(takers.all, [](const auto& t) { return t.handles_deletes; });
  return found == takers.all.end() ? nullptr : &*found;
}

bool transforms(const table_updates& by, const pubsub::message_takers::taker* taker) {
  return by.transforms[static_cast<std::size_t>(taker - by.takers.all.data())];
}

}  // namespace

std::optional<std::string> row_making::rows_now::find(std::string_view table,
                                                      std::string_view key) const {
  auto found =
      std::ranges::find_if(plan.tables, [&](const auto& t) { return t.schema.name == table; });
  if (found == plan.tables.end()) {
    throw std::runtime_error("the view has no table \"" + std::string(table) + "\"");
  }
  auto row = file.find(static_cast<std::size_t>(found - plan.tables.begin()), key);
  if (row.ok()) return *std::move(row);
  failed = row.error();
  throw std::runtime_error("a row cannot be read: " + to_string(failed));
}

row_making::row_making(const view_model& model, const view_plan& plan, sqlite_view_file& file,
                       const projector_limits& bounds)
    : plan_(plan), bounds_(bounds), rows_(plan, file), view_(model.create()) {
  auto* factory = MessageFactory::generated_factory();
  for (const auto& table : plan.tables) {
    prototypes_.push_back(factory->GetPrototype(table.schema.row));
  }
}

made_rows row_making::make(const view_source& from, const cloud_event& event) {
  rows_.failed = {};
  if (event.subject.empty()) {
    return {failed("it has neither a subject (ce-subject) nor a key, so no row is its own"), true};
  }
  return take(from, event);
}

made_rows row_making::take(const view_source& from, const cloud_event& event) {
  made_rows made;
  status nobody;
  bool is_taken = false;
  for (const auto& by : from.updates) {
    auto taken = pubsub::take(by.takers, event);
    // Another table's rpcs may take it.
    if (taken.error().code() == status_code::unimplemented) {
      if (nobody.ok()) nobody = taken.error();
      continue;
    }
    if (!taken) return {taken.error(), true};
    is_taken = true;
    bool is_called = taken->by != nullptr && transforms(by, taken->by);
    auto s = is_called ? call(by, *taken, event, made.updates)
                       : update(by, *std::move(taken), event, made.updates);
    // A handler may do something else the next time.
    if (!s.ok()) return {s, !is_called};
  }
  if (!is_taken && !nobody.ok()) return {nobody, true};
  return made;
}

status row_making::update(const table_updates& by, pubsub::taken_message taken,
                          const cloud_event& event, std::vector<row_update>& updates) {
  if (!event.payload) {
    // Unless somebody has said that it is of no interest.
    const auto* deletes = deletes_taker(by.takers);
    if (deletes != nullptr && deletes->ignores) return {};
    return check(by.table, {}, event.subject, updates);
  }
  if (taken.by == nullptr) return {};
  return check(by.table, {{}, std::nullopt, std::move(taken.request)}, event.subject, updates);
}

status row_making::call(const table_updates& by, const pubsub::taken_message& taken,
                        const cloud_event& event, std::vector<row_update>& updates) {
  auto stored = rows_.file.find(by.table, event.subject);
  if (!stored) return rows_.failed = stored.error();
  std::unique_ptr<Message> row;
  if (*stored) {
    row.reset(prototypes_[by.table]->New());
    if (!row->ParseFromString(**stored)) {
      return failed("the stored row cannot be read as " + row->GetTypeName());
    }
  }
  update_context context{event.subject, event.sequence, event.time.value_or(timestamp{}),
                         event.metadata};
  any_view_effect effect;
  try {
    view_scope scope(*view_, context, rows_);
    effect = view_->handle(taken.by->method, row.get(), *taken.request);
  } catch (const std::exception& e) {
    return failed(taken.by->descriptor->name() + " threw: " + e.what());
  } catch (...) {
    return failed(taken.by->descriptor->name() + " threw something that is no std::exception");
  }
  for (auto& change : effect.changes) {
    if (auto s = check(by.table, std::move(change), event.subject, updates); !s.ok()) return s;
  }
  return {};
}

status row_making::check(std::size_t table, row_change change, const std::string& subject,
                         std::vector<row_update>& updates) const {
  if (!change.table.empty()) {
    auto found = std::ranges::find_if(plan_.tables,
                                      [&](const auto& t) { return t.schema.name == change.table; });
    if (found == plan_.tables.end()) {
      return failed("the view has no table \"" + change.table + "\"");
    }
    table = static_cast<std::size_t>(found - plan_.tables.begin());
  }
  const auto& schema = plan_.tables[table].schema;
  auto key = change.key ? *std::move(change.key) : subject;
  auto where = " of table \"" + schema.name + "\"";
  if (key.empty()) return failed("the key of a row" + where + " is empty");
  if (key.size() > bounds_.key_bytes_max) {
    return failed("the key of a row" + where + " has " + std::to_string(key.size()) +
                  " bytes, at most " + std::to_string(bounds_.key_bytes_max) + " are allowed");
  }
  if (!is_utf8(key)) return failed("the key of a row" + where + " is not UTF-8");
  if (change.row) {
    if (change.row->GetDescriptor() != schema.row) {
      return failed("a row" + where + " is a " + change.row->GetTypeName() + ", not a " +
                    schema.row->full_name());
    }
    if (auto bytes = change.row->ByteSizeLong(); bytes > bounds_.row_bytes_max) {
      return failed("the row \"" + key + "\"" + where + " has " + std::to_string(bytes) +
                    " bytes, at most " + std::to_string(bounds_.row_bytes_max) + " are allowed");
    }
  }
  updates.push_back({table, std::move(key), std::move(change.row)});
  return {};
}

}  // namespace perdure::views
