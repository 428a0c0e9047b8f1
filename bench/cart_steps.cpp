// From AddItem to the step that the runtime makes of it. The rules are the sample's own: an event
// that tells the item.

#include "bench/cart_steps.hpp"

#include "cart_domain.pb.h"
#include "perdure/module.hpp"

extern "C" const perdure::module_v1* perdure_module();  // the shopping cart's

namespace perdure::bench {

const std::vector<entity_model>& cart_models() {
  static const auto models = [] {
    class service described;  // the option (perdure.service) has the same name
    perdure_module()->describe(described);
    return described.entities();
  }();
  return models;
}

persistence::step step_of(const cart::api::AddItemRequest& command) {
  cart::domain::ItemAdded added;
  added.mutable_item()->set_product_id(command.product_id());
  added.mutable_item()->set_name(command.name());
  added.mutable_item()->set_quantity(command.quantity());
  persistence::step s;
  s.entity = {cart_models().front().entity_type, command.cart_id()};
  s.events.push_back({added.GetDescriptor()->full_name(), added.SerializeAsString()});
  return s;
}

}  // namespace perdure::bench
