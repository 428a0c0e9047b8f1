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
#include <utility>
#include <vector>

#include "perdure/metadata.hpp"

/// Views: tables of rows that follow what happens to entities or stands in topics, and the queries
/// over them.
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
/// rpc is that class itself: service.add<carts_by_product_base>().
///
/// A handler changes nothing itself: it returns an effect, and all rows of it change together with
/// the note that the message was handled. So a row is never counted twice, whatever fails.
namespace perdure {

/// What becomes of one row.
struct row_change {
  std::string table;                               ///< empty: that of the handler's rpc
  std::optional<std::string> key;                  ///< unset: the subject of the message
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
  view_table(std::string_view name, const row_reader* rows) : name_(name), rows_(rows) {}

  std::string_view name() const { return name_; }

  /// The row of this key as it is now.
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

/// An effect whose own rows are not known to be of a type yet: it changes nothing, deletes, or
/// writes to other tables. Converts to the effect of any handler.
class [[nodiscard]] untyped_view_effect {
 public:
  any_view_effect erase() && { return std::move(erased_); }

 protected:
  friend class view_effects;
  template <class Row>
  friend class view_effect;
  any_view_effect erased_;
};

/// What a handler of an rpc whose table holds `Row`s decides. Made by `effects()` only; each
/// function adds a change, in order.
template <class Row>
class [[nodiscard]] view_effect {
 public:
  view_effect(untyped_view_effect changes) : erased_(std::move(changes).erase()) {}

  /// Writes the row whose key is the message's subject; one that is there is replaced.
  view_effect put(Row row) && { return std::move(*this).add({}, std::nullopt, std::move(row)); }

  /// Writes the row of any key.
  view_effect put(std::string key, Row row) && {
    return std::move(*this).add({}, std::move(key), std::move(row));
  }

  /// Writes a row of another table of this view.
  template <std::derived_from<google::protobuf::Message> Other>
  view_effect put(const view_table<Other>& table, std::string key, Other row) && {
    return std::move(*this).add(std::string(table.name()), std::move(key), std::move(row));
  }

  /// Deletes the row whose key is the subject, or of any key; nothing when there is none.
  view_effect remove() && {
    erased_.changes.push_back({{}, std::nullopt, nullptr});
    return std::move(*this);
  }
  view_effect remove(std::string key) && {
    erased_.changes.push_back({{}, std::move(key), nullptr});
    return std::move(*this);
  }
  template <class Other>
  view_effect remove(const view_table<Other>& table, std::string key) && {
    erased_.changes.push_back({std::string(table.name()), std::move(key), nullptr});
    return std::move(*this);
  }

  /// For the runtime: the effect without its row's type.
  any_view_effect erase() && { return std::move(erased_); }

 private:
  template <class Any>
  view_effect add(std::string table, std::optional<std::string> key, Any row) && {
    erased_.changes.push_back(
        {std::move(table), std::move(key), std::make_unique<Any>(std::move(row))});
    return std::move(*this);
  }

  any_view_effect erased_;
};

/// Begins the effects of views. What it makes goes on as view_effect<Row>.
class view_effects {
 public:
  template <std::derived_from<google::protobuf::Message> Row>
  view_effect<Row> put(Row row) const {
    return view_effect<Row>(untyped_view_effect()).put(std::move(row));
  }
  template <std::derived_from<google::protobuf::Message> Row>
  view_effect<Row> put(std::string key, Row row) const {
    return view_effect<Row>(untyped_view_effect()).put(std::move(key), std::move(row));
  }

  untyped_view_effect remove() const { return change({}, std::nullopt); }
  untyped_view_effect remove(std::string key) const { return change({}, std::move(key)); }

  /// The message is of no interest: no row changes.
  untyped_view_effect ignore() const { return {}; }

 private:
  static untyped_view_effect change(std::string table, std::optional<std::string> key) {
    untyped_view_effect effect;
    effect.erased_.changes.push_back({std::move(table), std::move(key), nullptr});
    return effect;
  }
};

/// The base of all views. One instance handles all messages of its view, one after the other.
class view {
 public:
  virtual ~view() = default;

  /// For the runtime: calls the function of an rpc by its index in the service. `row` is that of
  /// the message's subject in the rpc's table, null when there is none. Throws what the handler
  /// throws: the message is tried again, and parked in the end.
  virtual any_view_effect handle(std::size_t method, const google::protobuf::Message* row,
                                 const google::protobuf::Message& message) = 0;

  /// For the runtime: what the handlers that follow see.
  void enter(const update_context* context, const row_reader* rows) {
    context_ = context;
    rows_ = rows;
  }

 protected:
  view_effects effects() const { return {}; }
  const update_context& context() const { return *context_; }

  template <class Row>
  view_table<Row> table(std::string_view name) const {
    return view_table<Row>(name, rows_);
  }

 private:
  const update_context* context_ = nullptr;
  const row_reader* rows_ = nullptr;
};

/// What the runtime knows of a view.
struct view_model {
  const google::protobuf::ServiceDescriptor* service;
  std::function<std::unique_ptr<view>()> create;
  std::string service_name = {};  ///< of the perdure::service, for people
};

}  // namespace perdure
