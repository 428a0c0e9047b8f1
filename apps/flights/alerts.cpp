// From completed flights to alerts. Which topics they come from and go to stands in the contract
// (alerts_api.proto).

#include "alerts.hpp"

#include <algorithm>

namespace flights {
namespace {

constexpr int long_delay = 120;  // minutes

}  // namespace

perdure::task<perdure::action_effect<api::LongDelay>> alerts::on_flight_completed(
    const domain::FlightCompleted& request) {
  auto minutes = std::max(request.departure_delay(), request.arrival_delay());
  if (minutes < long_delay) return effects().ignore();

  const auto& flight = request.flight();
  api::LongDelay alert;
  alert.set_flight_id(flight.flight_id());
  alert.set_tail_number(context().subject());
  alert.set_carrier(flight.carrier());
  alert.set_origin(flight.origin());
  alert.set_destination(flight.destination());
  alert.set_date(flight.date());
  alert.set_minutes(minutes);
  return effects().reply(std::move(alert));
}

}  // namespace flights
