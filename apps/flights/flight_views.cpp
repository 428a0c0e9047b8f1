// From an aircraft's events to rows of flights. What may be asked of them stands in the contract
// (flights_views.proto).

#include "flight_views.hpp"

#include <string>
#include <utility>

namespace flights {
namespace {

api::FlightRow row_of(const domain::Flight& flight, const std::string& tail_number) {
  api::FlightRow made;
  made.set_flight_id(flight.flight_id());
  made.set_tail_number(tail_number);
  made.set_date(flight.date());
  made.set_carrier(flight.carrier());
  made.set_flight_number(flight.flight_number());
  made.set_origin(flight.origin());
  made.set_destination(flight.destination());
  // Midnight at the end of a day is 2400.
  if (flight.has_scheduled_departure_time())
    made.set_hour(flight.scheduled_departure_time() / 100 % 24);
  made.set_time_hour(flight.time_hour());
  return made;
}

}  // namespace

using perdure::view_effect;

view_effect<flight_views::row> flight_views::on_flight_completed(
    std::optional<row>, const domain::FlightCompleted& event) {
  auto made = row_of(event.flight(), context().subject);
  made.set_departure_time(event.departure_time());
  if (event.has_departure_delay()) made.set_departure_delay(event.departure_delay());
  if (event.has_arrival_delay()) made.set_arrival_delay(event.arrival_delay());
  made.set_miles(event.miles());
  return effects().put(event.flight().flight_id(), std::move(made));
}

view_effect<flight_views::row> flight_views::on_flight_cancelled(
    std::optional<row>, const domain::FlightCancelled& event) {
  auto made = row_of(event.flight(), context().subject);
  made.set_is_cancelled(true);
  return effects().put(event.flight().flight_id(), std::move(made));
}

}  // namespace flights
