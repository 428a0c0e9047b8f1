#pragma once

#include "alerts_api.perdure.hpp"

namespace flights {

// Tells of long delays. It holds no state: each flight is looked at by itself.
class alerts final : public api::alerts_base {
 public:
  perdure::task<perdure::action_effect<api::LongDelay>> on_flight_completed(
      const domain::FlightCompleted& request) override;
};

}  // namespace flights
