#pragma once

#include "customers_api.perdure.hpp"

namespace bank {

using google::protobuf::Empty;
using perdure::effect;

// A customer: a record that is replaced whole.
class customers final : public domain::customers_base {
 public:
  using state = domain::CustomerState;

  effect<Empty> put(const state& customer, const api::Customer& command) override;
  effect<api::Customer> get(const state& customer, const api::GetCustomerRequest& command) override;
  effect<Empty> delete_(const state& customer, const api::DeleteCustomerRequest& command) override;
};

}  // namespace bank
