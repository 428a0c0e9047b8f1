#pragma once

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "perdure/metadata.hpp"

/// Views: tables of rows that follow what happens to entities or stands in topics, and the queries
/// over them (docs/reference/views.md).
///
///     class carts_by_product : public cart::api::carts_by_product_base {   // generated
///       view_effect<ProductInCart> on_item_added(std::optional<ProductInCart> row,
///                                                const ItemAdded& event) override {
///         auto key = context().subject + "/" + event.product_id();
///         auto line = products().find(key).value_or(ProductInCart());
///         line.set_quantity(line.quantity() + event.quantity());
///         return effects().put(key, line);
///       }
///     };
///
/// Users derive from the class that protoc-gen-perdure writes for their service: one pure virtual
/// function per rpc that says `transform_updates`, one function per table. A view without such an
/// rpc is that class itself: service.add<cart::api::carts_by_product_base>().
///
/// A handler changes nothing itself: it returns an effect, and all rows of it change together with
/// the note that the message was handled. So a row is never counted twice, whatever fails.
namespace perdure {

/// What becomes of one row.
struct row_change {
  std::string table;                               ///< empty: that of the handler's rpc
  std::optional<std::string> key;                  ///< unset: the subject; UTF-8, never empty
  std::unique_ptr<google::protobuf::Message> row;  ///< null: it is deleted
};

/// An effect without its row's type: what the runtime takes. Changes in the order they were made.
struct any_view_effect {
  std::vector<row_change> changes;
};

/// How handlers read rows as they are, with what this message's forerunners have changed.
class row_reader {
 public:
  virtual ~row_reader() = default;

  /// The encoded row. Throws std::runtime_error when it cannot be read now: the message is then
  /// tried again.
  virtual std::optional<std::string> find(std::string_view table, std::string_view key) const = 0;
};

/// The message that is being handled.
struct update_context {
  std::string subject;                    ///< the entity's id, or the key of the topic's message
  std::optional<std::uint64_t> sequence;  ///< number of the event within its entity
  std::chrono::sys_time<std::chrono::milliseconds> time;  ///< when it happened
  perdure::metadata metadata;                             ///< what its writer put beside it
};

/// A table of a view. A plain value, good while the handler runs.
template <class Row>
class view_table {
 public:
  /// For generated code: `name` outlives it.
  view_table(std::string_view name, const row_reader& rows) : name_(name), rows_(&rows) {}

  std::string_view name() const { return name_; }

  /// The row of this key as it is now; nothing that comes of the message is in it yet.
  std::optional<Row> find(std::string_view key) const {
    auto encoded = rows_->find(name_, key);
    if (!encoded) return std::nullopt;
    Row row;
    if (!row.ParseFromString(*encoded)) {
      throw std::runtime_error("the stored row cannot be read as " + row.GetTypeName());
    }
    return row;
  }

 private:
  std::string_view name_;
  const row_reader* rows_;
};

template <class Row>
class view_effect;

/// Builds the effects of views: `effects()` begins one, and each function adds a change, in order.
/// It has said nothing yet that needs the type of the handler's rows, so it becomes the effect of
/// any handler.
class [[nodiscard]] view_effects {
 public:
  /// Writes the row whose key is the message's subject, or of any key; one that is there is
  /// replaced. The row is of the table that the handler's rpc names.
  template <std::derived_from<google::protobuf::Message> Row>
  view_effect<Row> put(Row row) &&;
  template <std::derived_from<google::protobuf::Message> Row>
  view_effect<Row> put(std::string key, Row row) &&;

  /// Writes a row of another table of this view.
  template <class Row>
  view_effects put(const view_table<Row>& table, std::string key,
                   std::type_identity_t<Row> row) && {
    return std::move(*this).add(
        {std::string(table.name()), std::move(key), std::make_unique<Row>(std::move(row))});
  }

  /// Deletes the row whose key is the subject, or of any key, here or in another table; nothing
  /// when there is none.
  view_effects remove() && { return std::move(*this).add({{}, std::nullopt, nullptr}); }
  view_effects remove(std::string key) && {
    return std::move(*this).add({{}, std::move(key), nullptr});
  }
  template <class Row>
  view_effects remove(const view_table<Row>& table, std::string key) && {
    return std::move(*this).add({std::string(table.name()), std::move(key), nullptr});
  }

  /// The message is of no interest: no row changes.
  view_effects ignore() && { return std::move(*this); }

 private:
  template <class Row>
  friend class view_effect;

  view_effects&& add(row_change change) && {
    erased_.changes.push_back(std::move(change));
    return std::move(*this);
  }

  any_view_effect erased_;
};

/// What a handler of an rpc whose table holds `Row`s decides. Made by `effects()` only; goes on
/// as that does.
template <class Row>
class [[nodiscard]] view_effect {
 public:
  view_effect(view_effects changes) : changes_(std::move(changes)) {}

  view_effect put(Row row) && {
    return std::move(changes_).add({{}, std::nullopt, std::make_unique<Row>(std::move(row))});
  }
  view_effect put(std::string key, Row row) && {
    return std::move(changes_).add({{}, std::move(key), std::make_unique<Row>(std::move(row))});
  }
  template <class Other>
  view_effect put(const view_table<Other>& table, std::string key,
                  std::type_identity_t<Other> row) && {
    return std::move(changes_).put(table, std::move(key), std::move(row));
  }

  view_effect remove() && { return std::move(changes_).remove(); }
  view_effect remove(std::string key) && { return std::move(changes_).remove(std::move(key)); }
  template <class Other>
  view_effect remove(const view_table<Other>& table, std::string key) && {
    return std::move(changes_).remove(table, std::move(key));
  }

  /// For the runtime: the effect without its row's type.
  any_view_effect erase() && { return std::move(changes_.erased_); }

 private:
  view_effects changes_;
};

template <std::derived_from<google::protobuf::Message> Row>
view_effect<Row> view_effects::put(Row row) && {
  return view_effect<Row>(std::move(*this)).put(std::move(row));
}

template <std::derived_from<google::protobuf::Message> Row>
view_effect<Row> view_effects::put(std::string key, Row row) && {
  return view_effect<Row>(std::move(*this)).put(std::move(key), std::move(row));
}

/// The base of all views. One instance handles all messages of its view, one after the other, on
/// one thread.
class view {
 public:
  view() = default;
  view(const view&) = delete;
  view& operator=(const view&) = delete;
  virtual ~view() = default;

  /// For the runtime: calls the function of an rpc by its index in the service. `row` is that of
  /// the message's subject in the rpc's table, null when there is none. Throws what the handler
  /// throws: the message is tried again, and parked in the end.
  virtual any_view_effect handle(std::size_t method, const google::protobuf::Message* row,
                                 const google::protobuf::Message& message) = 0;

  /// For the runtime: what the handlers that follow see. Null: none is to follow.
  void enter(const update_context* context, const row_reader* rows) {
    context_ = context;
    rows_ = rows;
  }

 protected:
  /// Starts an effect.
  view_effects effects() const { return {}; }

  /// The message that is being handled. Throws std::logic_error outside of a handler.
  const update_context& context() const { return entered(context_, "context()"); }

  /// For generated code, which has a function for each table: its rows. Throws std::logic_error
  /// outside of a handler.
  template <class Row>
  view_table<Row> table(std::string_view name) const {
    return view_table<Row>(name, entered(rows_, "a table"));
  }

 private:
  template <class T>
  static const T& entered(const T* what, const char* name) {
    if (!what) throw std::logic_error(std::string(name) + " is there only while a handler runs");
    return *what;
  }

  const update_context* context_ = nullptr;
  const row_reader* rows_ = nullptr;
};

/// For generated code: the row that a handler is given.
template <class Row>
std::optional<Row> typed_row(const google::protobuf::Message* row) {
  if (!row) return std::nullopt;
  return static_cast<const Row&>(*row);
}

/// What the runtime knows of a view. Written by the generator.
struct view_model {
  const google::protobuf::ServiceDescriptor* service;
  std::function<std::unique_ptr<view>()> create;  ///< a new instance of the user's class
  std::string service_name = {};  ///< of the service that has it; set when it is loaded
};

}  // namespace perdure
