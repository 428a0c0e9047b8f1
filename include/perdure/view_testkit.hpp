#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/empty.pb.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "perdure/annotations.pb.h"
#include "perdure/testkit_text.hpp"
#include "perdure/view.hpp"

/// Unit tests of what a view makes of messages, without runtime, store or thread:
///
///     view_testkit<carts_by_product>()
///         .given("products", "c1/tea", line("c1", "tea", 1))
///         .when("c1", item_added("tea", 2))
///         .then_row("products", "c1/tea", line("c1", "tea", 3));
///
/// Works in any test framework, as the testkit of entities does (testkit.hpp). Rows are kept in
/// memory, and queries are not run.
namespace perdure {

namespace detail {

/// An rpc of a view that takes in messages.
struct view_update {
  const google::protobuf::MethodDescriptor* rpc;
  std::string source;  ///< the name of the topic, or of the type of entity
  std::string table;
  bool transforms;
  bool ignores;
  bool handles_deletes;
};

inline std::string name_of(const EventSource& in) {
  if (in.has_event_sourced_entity()) return in.event_sourced_entity();
  if (in.has_value_entity()) return in.value_entity();
  if (in.has_direct()) return in.direct().service() + "/" + in.direct().event_stream_id();
  return in.topic();
}

inline std::vector<view_update> updates_of(const google::protobuf::ServiceDescriptor& service) {
  std::vector<view_update> all;
  for (int i = 0; i < service.method_count(); ++i) {
    const auto& options = service.method(i)->options().GetExtension(perdure::method);
    if (!options.eventing().has_in()) continue;
    const auto& in = options.eventing().in();
    const auto& update = options.view().update();
    all.push_back({service.method(i), name_of(in), update.table(), update.transform_updates(),
                   in.ignore(), in.handle_deletes()});
  }
  return all;
}

/// Rows by table and key.
class test_rows final : public row_reader {
 public:
  using table = std::map<std::string, std::unique_ptr<google::protobuf::Message>, std::less<>>;

  std::optional<std::string> find(std::string_view name, std::string_view key) const override {
    const auto* row = get(name, key);
    if (!row) return std::nullopt;
    return row->SerializeAsString();
  }

  /// Null when there is none.
  const google::protobuf::Message* get(std::string_view name, std::string_view key) const {
    auto of = tables_.find(name);
    if (of == tables_.end()) return nullptr;
    auto row = of->second.find(key);
    return row == of->second.end() ? nullptr : row->second.get();
  }

  table& operator[](const std::string& name) { return tables_[name]; }

 private:
  std::map<std::string, table, std::less<>> tables_;
};

}  // namespace detail

/// One instance of the view of class `Tested` and its rows, alive for one test. One thread.
template <std::derived_from<view> Tested>
class view_testkit {
 public:
  explicit view_testkit(std::unique_ptr<Tested> tested = nullptr)
      : view_(tested ? std::move(tested) : std::make_unique<Tested>()),
        updates_(detail::updates_of(*Tested::model().service)) {}

  // ------------------------------------------------------------------------- the circumstances

  /// A row that is there.
  view_testkit& given(const std::string& table, const std::string& key,
                      const google::protobuf::Message& row) {
    put(table, key, copy(row));
    return *this;
  }

  /// Where the messages that follow come from, by the name of a topic or the type of an entity.
  /// Said only where several sources of the view bring such messages.
  view_testkit& from(std::string source) {
    source_ = std::move(source);
    return *this;
  }

  /// What context() says of the messages that follow.
  view_testkit& at(std::chrono::sys_time<std::chrono::milliseconds> time) {
    context_.time = time;
    return *this;
  }
  view_testkit& sequence(std::uint64_t number) {
    context_.sequence = number;
    return *this;
  }
  view_testkit& with_metadata(std::string name, std::string value) {
    context_.metadata.emplace(std::move(name), std::move(value));
    return *this;
  }

  // ---------------------------------------------------------------------------- what happens

  /// A message comes: each rpc that takes it brings its rows up to date, by its handler or without
  /// one.
  view_testkit& when(const std::string& subject, const google::protobuf::Message& message) {
    auto takers = updates_;
    std::erase_if(takers, [&](const detail::view_update& one) {
      return one.handles_deletes || one.rpc->input_type() != message.GetDescriptor();
    });
    keep_source(takers);
    if (takers.empty()) {
      detail::fail("message", "one that the view takes in", detail::text_of(message));
    }
    std::vector<row_change> changes;  // no handler sees what another makes of the same message
    for (const auto& taker : takers) decide(taker, subject, message, changes);
    return apply(std::move(changes));
  }

  /// What they are about is deleted: its rows go, unless an rpc with handle_deletes says otherwise.
  view_testkit& when_deleted(const std::string& subject) {
    auto of_source = updates_;
    keep_source(of_source);
    std::map<std::string, const detail::view_update*> by_table;
    for (const auto& one : of_source) {
      auto& told = by_table[one.table];
      if (one.handles_deletes) told = &one;
    }
    std::vector<row_change> changes;
    for (const auto& [table, told] : by_table) {
      if (told) {
        decide(*told, subject, google::protobuf::Empty(), changes);
      } else {
        changes.push_back({table, subject, nullptr});
      }
    }
    return apply(std::move(changes));
  }

  // ------------------------------------------------------------------- the rows that are there

  /// This row is there, exactly so.
  view_testkit& then_row(const std::string& table, const std::string& key,
                         const google::protobuf::Message& expected) {
    row_type_of(table);
    const auto* row = rows_.get(table, key);
    if (!row || !detail::equal(expected, *row)) {
      detail::fail(place(table, key), detail::text_of(expected), text_of(row));
    }
    return *this;
  }

  view_testkit& then_no_row(const std::string& table, const std::string& key) {
    row_type_of(table);
    const auto* row = rows_.get(table, key);
    if (row) detail::fail(place(table, key), "no row", text_of(row));
    return *this;
  }

  /// The table has rows of exactly these keys, in any order.
  view_testkit& then_keys(const std::string& table, std::vector<std::string> expected) {
    row_type_of(table);
    std::vector<std::string> came;
    for (const auto& [key, row] : rows_[table]) came.push_back(key);
    std::ranges::sort(expected);
    if (came != expected) detail::fail("keys of " + table, joined(expected), joined(came));
    return *this;
  }

  /// A row, to look at.
  template <std::derived_from<google::protobuf::Message> Row>
  std::optional<Row> row(const std::string& table, const std::string& key) const {
    const auto& type = row_type_of(table);
    if (&type != Row::descriptor()) {
      detail::fail("row of " + table, "a " + type.name(), "a " + Row::descriptor()->name());
    }
    return typed_row<Row>(rows_.get(table, key));
  }

 private:
  using message_ptr = std::unique_ptr<google::protobuf::Message>;

  static message_ptr copy(const google::protobuf::Message& message) {
    message_ptr made(message.New());
    made->CopyFrom(message);
    return made;
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? "none" : text;
  }

  static std::string text_of(const google::protobuf::Message* row) {
    return row ? detail::text_of(*row) : "no row";
  }

  static std::string place(const std::string& table, const std::string& key) {
    return "row \"" + key + "\" of " + table;
  }

  void keep_source(std::vector<detail::view_update>& all) const {
    std::vector<std::string> sources;
    std::erase_if(all, [&](const auto& one) {
      if (!source_.empty() && one.source != source_) return true;
      if (std::ranges::find(sources, one.source) == sources.end()) sources.push_back(one.source);
      return false;
    });
    if (sources.size() > 1) detail::fail("source", "from(), which says one", joined(sources));
  }

  // Fails when there is no such table. One that returns google.protobuf.Empty brings no rows.
  const google::protobuf::Descriptor& row_type_of(const std::string& table) const {
    std::vector<std::string> known;
    for (const auto& one : updates_) {
      const auto& type = *one.rpc->output_type();
      if (&type == google::protobuf::Empty::descriptor()) continue;
      if (one.table == table) return type;
      if (std::ranges::find(known, one.table) == known.end()) known.push_back(one.table);
    }
    detail::fail("table", "one of " + joined(known), table);
  }

  void put(const std::string& table, const std::string& key, message_ptr row) {
    const auto& type = row_type_of(table);
    if (row->GetDescriptor() != &type) {
      detail::fail("row of " + table, "a " + type.name(), detail::text_of(*row));
    }
    rows_[table].insert_or_assign(key, std::move(row));
  }

  // What becomes of which rows, each with its table and key.
  void decide(const detail::view_update& taker, const std::string& subject,
              const google::protobuf::Message& message, std::vector<row_change>& changes) {
    if (taker.ignores) return;
    if (!taker.transforms) {
      auto row = taker.handles_deletes ? nullptr : copy(message);
      return changes.push_back({taker.table, subject, std::move(row)});
    }
    context_.subject = subject;
    entered scope(*view_, context_, rows_);
    auto effect = view_->handle(static_cast<std::size_t>(taker.rpc->index()),
                                rows_.get(taker.table, subject), message);
    for (auto& change : effect.changes) {
      if (change.table.empty()) change.table = taker.table;
      if (!change.key) change.key = subject;
      changes.push_back(std::move(change));
    }
  }

  view_testkit& apply(std::vector<row_change> changes) {
    for (auto& [table, key, row] : changes) {
      if (key->empty()) detail::fail("key of a row of " + table, "a text", "an empty one");
      if (row) {
        put(table, *key, std::move(row));
      } else {
        rows_[table].erase(*key);
      }
    }
    return *this;
  }

  /// What context() and tables say, while it lives: also where the handler throws.
  struct entered {
    entered(view& into, const update_context& context, const row_reader& rows) : of(into) {
      of.enter(&context, &rows);
    }
    entered(const entered&) = delete;
    entered& operator=(const entered&) = delete;
    ~entered() { of.enter(nullptr, nullptr); }
    view& of;
  };

  std::unique_ptr<Tested> view_;
  std::vector<detail::view_update> updates_;
  detail::test_rows rows_;
  std::string source_;
  update_context context_{};
};

}  // namespace perdure
