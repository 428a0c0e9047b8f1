#pragma once

#include <optional>

#include "flights_views.perdure.hpp"

namespace flights {

// Makes a row of each flight. What is known beside flights becomes rows as it is.
class flight_views final : public api::flight_views_base {
 public:
  using row = api::FlightRow;

  perdure::view_effect<row> on_flight_completed(std::optional<row>,
                                                const domain::FlightCompleted& event) override;
  perdure::view_effect<row> on_flight_cancelled(std::optional<row>,
                                                const domain::FlightCancelled& event) override;
};

}  // namespace flights
