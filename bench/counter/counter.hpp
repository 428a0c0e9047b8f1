#pragma once

#include "counter_api.perdure.hpp"

namespace bench::counter {

// Adds up what it is told.
class counter final : public domain::counter_base {
 public:
  perdure::effect<api::CounterValue> increment(const domain::CounterState& state,
                                               const api::IncrementRequest& command) override;
  domain::CounterState on_incremented(domain::CounterState state,
                                      const domain::Incremented& event) override;
};

}  // namespace bench::counter
