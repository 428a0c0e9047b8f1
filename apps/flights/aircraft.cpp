// The aircraft's rules. Whether a flight was completed, and what it adds to the totals, is decided
// once, when it is recorded; the event handlers only add up.

#include "aircraft.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "calendar.hpp"

namespace flights {
namespace {

// No scheduled flight takes longer than a day or goes further than once around the earth. The
// bounds catch seconds sent as minutes, and keep the totals far from overflow.
constexpr std::int32_t air_time_max = 24 * 60;
constexpr std::int32_t distance_max = 25'000;

bool is_time_of_day(std::int32_t hhmm) { return hhmm >= 0 && hhmm <= 2400 && hhmm % 100 < 60; }

// What is wrong with the command, as a sentence for the client; empty when nothing is.
std::string fault_in(const api::RecordFlightRequest& command) {
  auto between = [](std::string_view field, std::int32_t value, std::int32_t max) {
    return std::string(field) + " must be from 0 to " + std::to_string(max) + ", not " +
           std::to_string(value);
  };
  auto time_of_day = [](std::string_view field, std::int32_t value) {
    return std::string(field) + " must be a time of day as HHMM, from 0 to 2400, not " +
           std::to_string(value);
  };

  if (command.flight_id().empty()) return "flight_id must not be empty";
  if (!is_date(command.date()))
    return "date must be a day such as \"2013-02-08\", not \"" + command.date() + "\"";
  if (command.carrier().empty()) return "carrier must not be empty";
  if (command.flight_number() < 1)
    return "flight_number must be at least 1, not " + std::to_string(command.flight_number());
  if (command.origin().empty()) return "origin must not be empty";
  if (command.destination().empty()) return "destination must not be empty";
  if (command.has_scheduled_departure_time() && !is_time_of_day(command.scheduled_departure_time()))
    return time_of_day("scheduled_departure_time", command.scheduled_departure_time());
  if (!command.time_hour().empty() && !is_utc_hour(command.time_hour()))
    return "time_hour must be the start of an hour in UTC such as \"2013-02-08T15:00:00Z\", not "
           "\"" +
           command.time_hour() + "\"";
  if (command.has_departure_time() && !is_time_of_day(command.departure_time()))
    return time_of_day("departure_time", command.departure_time());
  if (command.has_arrival_time() && !is_time_of_day(command.arrival_time()))
    return time_of_day("arrival_time", command.arrival_time());
  if (command.air_time() < 0 || command.air_time() > air_time_max)
    return between("air_time", command.air_time(), air_time_max);
  if (command.distance() < 0 || command.distance() > distance_max)
    return between("distance", command.distance(), distance_max);
  return {};
}

domain::Flight flight_of(const api::RecordFlightRequest& command) {
  domain::Flight flight;
  flight.set_flight_id(command.flight_id());
  flight.set_date(command.date());
  flight.set_carrier(command.carrier());
  flight.set_flight_number(command.flight_number());
  flight.set_origin(command.origin());
  flight.set_destination(command.destination());
  if (command.has_scheduled_departure_time())
    flight.set_scheduled_departure_time(command.scheduled_departure_time());
  flight.set_time_hour(command.time_hour());
  return flight;
}

domain::FlightCompleted completed(const api::RecordFlightRequest& command) {
  domain::FlightCompleted event;
  *event.mutable_flight() = flight_of(command);
  event.set_departure_time(command.departure_time());
  if (command.has_departure_delay()) event.set_departure_delay(command.departure_delay());
  if (command.has_arrival_time()) event.set_arrival_time(command.arrival_time());
  if (command.has_arrival_delay()) event.set_arrival_delay(command.arrival_delay());
  // A diverted flight's air time says nothing about its route, so it does not count.
  event.set_minutes(command.has_arrival_time() ? command.air_time() : 0);
  event.set_miles(command.distance());
  return event;
}

}  // namespace

using perdure::effect;
using perdure::status_code;

effect<Empty> aircraft::record_flight(const domain::Aircraft&,
                                      const api::RecordFlightRequest& command) {
  if (auto fault = fault_in(command); !fault.empty())
    return effects().reject(status_code::invalid_argument, std::move(fault));

  if (command.has_departure_time()) return effects().emit(completed(command)).then_reply(Empty{});
  domain::FlightCancelled cancelled;
  *cancelled.mutable_flight() = flight_of(command);
  return effects().emit(std::move(cancelled)).then_reply(Empty{});
}

effect<api::AircraftState> aircraft::get_aircraft(const domain::Aircraft& state,
                                                  const api::GetAircraftRequest& command) {
  if (state.flights() == 0 && state.cancellations() == 0)
    return effects().reject(status_code::not_found,
                            "no flight of \"" + command.tail_number() + "\" is recorded");

  api::AircraftState reply;
  reply.set_tail_number(command.tail_number());
  reply.set_flights(state.flights());
  reply.set_cancellations(state.cancellations());
  reply.set_minutes(state.minutes());
  reply.set_miles(state.miles());
  reply.set_last_seen(state.last_seen());
  return effects().reply(std::move(reply));
}

domain::Aircraft aircraft::on_flight_completed(domain::Aircraft state,
                                               const domain::FlightCompleted& event) {
  state.set_flights(state.flights() + 1);
  state.set_minutes(state.minutes() + event.minutes());
  state.set_miles(state.miles() + event.miles());
  state.set_last_seen(std::max(state.last_seen(), event.flight().date()));
  return state;
}

domain::Aircraft aircraft::on_flight_cancelled(domain::Aircraft state,
                                               const domain::FlightCancelled&) {
  state.set_cancellations(state.cancellations() + 1);
  return state;
}

}  // namespace flights
