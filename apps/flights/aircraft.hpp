#pragma once

#include "flights_api.perdure.hpp"

namespace flights {

using google::protobuf::Empty;

// An aircraft, known by its tail number: what it flew, and what was cancelled.
class aircraft final : public domain::aircraft_base {
 public:
  perdure::effect<Empty> record_flight(const domain::Aircraft& state,
                                       const api::RecordFlightRequest& command) override;
  perdure::effect<api::AircraftState> get_aircraft(const domain::Aircraft& state,
                                                   const api::GetAircraftRequest& command) override;

  domain::Aircraft on_flight_completed(domain::Aircraft state,
                                       const domain::FlightCompleted& event) override;
  domain::Aircraft on_flight_cancelled(domain::Aircraft state,
                                       const domain::FlightCancelled& event) override;
};

}  // namespace flights
