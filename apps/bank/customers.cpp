// The rules of customers, a key-value entity: a command replaces the state, or deletes it.

#include "customers.hpp"

namespace bank {

using perdure::status_code;

effect<Empty> customers::put(const state&, const api::Customer& command) {
  state customer;
  customer.set_is_known(true);
  customer.set_name(command.name());
  customer.set_email(command.email());
  customer.set_city(command.city());
  return effects().update(std::move(customer)).then_reply(Empty{});
}

effect<api::Customer> customers::get(const state& customer, const api::GetCustomerRequest&) {
  if (!customer.is_known())
    return effects().reject(status_code::not_found, "there is no such customer");
  api::Customer reply;
  reply.set_customer_id(context().entity_id());
  reply.set_name(customer.name());
  reply.set_email(customer.email());
  reply.set_city(customer.city());
  return effects().reply(std::move(reply));
}

effect<Empty> customers::delete_(const state& customer, const api::DeleteCustomerRequest&) {
  if (!customer.is_known())
    return effects().reject(status_code::not_found, "there is no such customer");
  return effects().erase().then_reply(Empty{});
}

}  // namespace bank
