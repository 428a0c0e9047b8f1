#pragma once

#include "reference_api.perdure.hpp"

namespace flights {

using google::protobuf::Empty;

// What is known beside flights. Each is a record that is replaced whole.

class airlines final : public domain::airline_base {
 public:
  perdure::effect<Empty> set_airline(const domain::Airline& state,
                                     const domain::Airline& command) override;
  perdure::effect<domain::Airline> get_airline(const domain::Airline& state,
                                               const api::GetAirlineRequest& command) override;
};

class airports final : public domain::airport_base {
 public:
  perdure::effect<Empty> set_airport(const domain::Airport& state,
                                     const domain::Airport& command) override;
  perdure::effect<domain::Airport> get_airport(const domain::Airport& state,
                                               const api::GetAirportRequest& command) override;
};

class planes final : public domain::plane_base {
 public:
  perdure::effect<Empty> set_plane(const domain::Plane& state,
                                   const domain::Plane& command) override;
  perdure::effect<domain::Plane> get_plane(const domain::Plane& state,
                                           const api::GetPlaneRequest& command) override;
};

class weather final : public domain::weather_base {
 public:
  perdure::effect<Empty> set_weather(const domain::Weather& state,
                                     const domain::Weather& command) override;
  perdure::effect<domain::Weather> get_weather(const domain::Weather& state,
                                               const api::GetWeatherRequest& command) override;
};

}  // namespace flights
