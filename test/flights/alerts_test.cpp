// Which flights are worth an alert, by the test kit alone.

#include "apps/flights/alerts.hpp"

#include <boost/test/unit_test.hpp>
#include <optional>

#include "perdure/action_testkit.hpp"

namespace {

using flights::api::LongDelay;
using flights::domain::FlightCompleted;
using kit = perdure::action_testkit<flights::alerts>;

constexpr auto on_completed = &flights::alerts::on_flight_completed;

FlightCompleted flight(std::optional<int> departure_delay, std::optional<int> arrival_delay) {
  FlightCompleted event;
  auto& flight = *event.mutable_flight();
  flight.set_flight_id("2013-02-08-UA1545-EWR-IAH");
  flight.set_date("2013-02-08");
  flight.set_carrier("UA");
  flight.set_flight_number(1545);
  flight.set_origin("EWR");
  flight.set_destination("IAH");
  if (departure_delay) event.set_departure_delay(*departure_delay);
  if (arrival_delay) event.set_arrival_delay(*arrival_delay);
  return event;
}

LongDelay alert(int minutes) {
  LongDelay message;
  message.set_flight_id("2013-02-08-UA1545-EWR-IAH");
  message.set_tail_number("N14228");
  message.set_carrier("UA");
  message.set_origin("EWR");
  message.set_destination("IAH");
  message.set_date("2013-02-08");
  message.set_minutes(minutes);
  return message;
}

kit of_the_aircraft() {
  kit tested;
  tested.subject("N14228");
  return tested;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(alerts)

BOOST_AUTO_TEST_CASE(a_flight_two_hours_late_is_told_of) {
  auto tested = of_the_aircraft();
  tested.when(on_completed, flight(120, 0)).then_replies(alert(120)).then_publishes_under("N14228");
  tested.when(on_completed, flight(0, 120)).then_replies(alert(120));
}

BOOST_AUTO_TEST_CASE(the_longer_delay_is_the_one_that_is_told) {
  auto tested = of_the_aircraft();
  tested.when(on_completed, flight(130, 150)).then_replies(alert(150));
  tested.when(on_completed, flight(150, 130)).then_replies(alert(150));
}

BOOST_AUTO_TEST_CASE(a_diverted_flight_has_only_the_delay_of_its_departure) {
  auto tested = of_the_aircraft();
  tested.when(on_completed, flight(200, std::nullopt)).then_replies(alert(200));
}

BOOST_AUTO_TEST_CASE(a_flight_that_was_less_late_is_ignored) {
  auto tested = of_the_aircraft();
  tested.when(on_completed, flight(119, 119)).then_ignores();
  tested.when(on_completed, flight(-5, -20)).then_ignores();
  tested.when(on_completed, flight(std::nullopt, std::nullopt)).then_ignores();
}

BOOST_AUTO_TEST_SUITE_END()
