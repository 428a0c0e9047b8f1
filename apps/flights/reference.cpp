// The rules of reference data: what is set is the state. A state without its key was never set.

#include "reference.hpp"

#include "calendar.hpp"

namespace flights {

using perdure::effect;
using perdure::status_code;

effect<Empty> airlines::set_airline(const domain::Airline&, const domain::Airline& command) {
  return effects().update(command).then_reply(Empty{});
}

effect<domain::Airline> airlines::get_airline(const domain::Airline& state,
                                              const api::GetAirlineRequest&) {
  if (state.carrier().empty())
    return effects().reject(status_code::not_found, "there is no such airline");
  return effects().reply(state);
}

effect<Empty> airports::set_airport(const domain::Airport&, const domain::Airport& command) {
  return effects().update(command).then_reply(Empty{});
}

effect<domain::Airport> airports::get_airport(const domain::Airport& state,
                                              const api::GetAirportRequest&) {
  if (state.faa().empty())
    return effects().reject(status_code::not_found, "there is no such airport");
  return effects().reply(state);
}

effect<Empty> planes::set_plane(const domain::Plane&, const domain::Plane& command) {
  return effects().update(command).then_reply(Empty{});
}

effect<domain::Plane> planes::get_plane(const domain::Plane& state, const api::GetPlaneRequest&) {
  if (state.tail_number().empty())
    return effects().reject(status_code::not_found, "there is no such plane");
  return effects().reply(state);
}

effect<Empty> weather::set_weather(const domain::Weather&, const domain::Weather& command) {
  // Flights find the weather by this text.
  if (!is_utc_hour(command.time_hour()))
    return effects().reject(status_code::invalid_argument,
                            "time_hour must be the start of an hour in UTC such as "
                            "\"2013-02-08T15:00:00Z\", not \"" +
                                command.time_hour() + "\"");
  return effects().update(command).then_reply(Empty{});
}

effect<domain::Weather> weather::get_weather(const domain::Weather& state,
                                             const api::GetWeatherRequest&) {
  if (state.origin().empty())
    return effects().reject(status_code::not_found, "the weather of that hour is not known");
  return effects().reply(state);
}

}  // namespace flights
