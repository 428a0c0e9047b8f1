#pragma once

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "perdure/action.hpp"
#include "perdure/entity.hpp"
#include "perdure/view.hpp"

/// What a service consists of.
///
///     PERDURE_SERVICE(service) { service.name("cart").add<shopping_cart>(); }
///
/// stands once in a service's sources (perdure/module.hpp). The runtime calls it once at start,
/// from one thread, before anything is served.
namespace perdure {

/// Collects the components of a service.
class service {
 public:
  /// Name of the service, in logs and in the `ce-source` of its events.
  service& name(std::string name) {
    name_ = std::move(name);
    return *this;
  }

  /// Adds an entity: a class that derives from its generated base and can be made without
  /// arguments. Twice the same entity type is refused at start.
  template <std::derived_from<entity> Entity>
  service& add() {
    // A plain `new`, so that where a handler is missing the compiler names it.
    return add<Entity>([] { return std::unique_ptr<Entity>(new Entity()); });
  }

  /// Adds an entity whose instances `create` makes, with what they need. `create` is called from
  /// any thread, also from several at a time.
  template <std::derived_from<entity> Entity>
  service& add(std::function<std::unique_ptr<Entity>()> create) {
    auto model = Entity::model();
    model.create = [create = std::move(create)]() -> std::unique_ptr<entity> { return create(); };
    entities_.push_back(std::move(model));
    return *this;
  }

  /// Adds an action, as an entity.
  template <std::derived_from<action> Action>
  service& add() {
    return add<Action>([] { return std::unique_ptr<Action>(new Action()); });
  }
  template <std::derived_from<action> Action>
  service& add(std::function<std::unique_ptr<Action>()> create) {
    auto model = Action::model();
    model.create = [create = std::move(create)]() -> std::unique_ptr<action> { return create(); };
    actions_.push_back(std::move(model));
    return *this;
  }

  /// Adds a view: the generated class itself where it has no handlers, else one that derives from
  /// it. `create` is called once for each time that its rows are made.
  template <std::derived_from<view> View>
  service& add() {
    return add<View>([] { return std::unique_ptr<View>(new View()); });
  }
  template <std::derived_from<view> View>
  service& add(std::function<std::unique_ptr<View>()> create) {
    auto model = View::model();
    model.create = [create = std::move(create)]() -> std::unique_ptr<view> { return create(); };
    views_.push_back(std::move(model));
    return *this;
  }

  const std::string& name() const { return name_; }
  const std::vector<entity_model>& entities() const { return entities_; }
  const std::vector<action_model>& actions() const { return actions_; }
  const std::vector<view_model>& views() const { return views_; }

 private:
  std::string name_;
  std::vector<entity_model> entities_;
  std::vector<action_model> actions_;
  std::vector<view_model> views_;
};

}  // namespace perdure
