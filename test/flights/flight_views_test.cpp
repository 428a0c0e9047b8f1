// What rows of flights are made of, by the test kit alone.

#include "apps/flights/flight_views.hpp"

#include <boost/test/unit_test.hpp>

#include "perdure/view_testkit.hpp"

namespace {

using flights::api::FlightRow;
using flights::domain::Flight;
using flights::domain::FlightCancelled;
using flights::domain::FlightCompleted;
using kit = perdure::view_testkit<flights::flight_views>;

const std::string id = "2013-02-08-UA1545-EWR-IAH";

Flight flight() {
  Flight made;
  made.set_flight_id(id);
  made.set_date("2013-02-08");
  made.set_carrier("UA");
  made.set_flight_number(1545);
  made.set_origin("EWR");
  made.set_destination("IAH");
  made.set_scheduled_departure_time(515);
  made.set_time_hour("2013-02-08T10:00:00Z");
  return made;
}

FlightCompleted completed(const Flight& of) {
  FlightCompleted made;
  *made.mutable_flight() = of;
  made.set_departure_time(517);
  made.set_departure_delay(2);
  made.set_arrival_delay(-11);
  made.set_minutes(227);
  made.set_miles(1400);
  return made;
}

FlightCancelled cancelled() {
  FlightCancelled made;
  *made.mutable_flight() = flight();
  return made;
}

// Of either kind.
FlightRow row() {
  FlightRow made;
  made.set_flight_id(id);
  made.set_tail_number("N14228");
  made.set_date("2013-02-08");
  made.set_carrier("UA");
  made.set_flight_number(1545);
  made.set_origin("EWR");
  made.set_destination("IAH");
  made.set_hour(5);
  made.set_time_hour("2013-02-08T10:00:00Z");
  return made;
}

FlightRow completed_row() {
  auto made = row();
  made.set_departure_time(517);
  made.set_departure_delay(2);
  made.set_arrival_delay(-11);
  made.set_miles(1400);
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(flight_views)

BOOST_AUTO_TEST_CASE(a_flight_is_a_row_by_its_own_id) {
  auto other = flight();
  other.set_flight_id("another");
  kit()
      .when("N14228", completed(flight()))
      .when("N14228", completed(other))
      .then_keys("flights", {id, "another"})
      .then_row("flights", id, completed_row());
}

BOOST_AUTO_TEST_CASE(a_cancelled_flight_says_so_and_flew_no_mile) {
  auto expected = row();
  expected.set_is_cancelled(true);
  kit().when("N14228", cancelled()).then_row("flights", id, expected);
}

BOOST_AUTO_TEST_CASE(a_flight_that_is_recorded_again_is_one_row) {
  kit()
      .when("N14228", cancelled())
      .when("N14228", completed(flight()))
      .then_keys("flights", {id})
      .then_row("flights", id, completed_row());
}

BOOST_AUTO_TEST_CASE(what_is_not_known_is_absent) {
  auto event = completed(flight());
  event.mutable_flight()->clear_scheduled_departure_time();
  event.mutable_flight()->clear_time_hour();
  event.clear_departure_delay();
  event.clear_arrival_delay();
  auto expected = completed_row();
  expected.clear_hour();
  expected.clear_time_hour();
  expected.clear_departure_delay();
  expected.clear_arrival_delay();
  kit().when("N14228", event).then_row("flights", id, expected);
}

BOOST_AUTO_TEST_CASE(hours_are_0_to_23) {
  for (auto [scheduled, hour] : {std::pair(0, 0), {59, 0}, {2359, 23}, {2400, 0}}) {
    auto event = completed(flight());
    event.mutable_flight()->set_scheduled_departure_time(scheduled);
    auto expected = completed_row();
    expected.set_hour(hour);
    kit().when("N14228", event).then_row("flights", id, expected);
  }
}

BOOST_AUTO_TEST_CASE(what_is_known_beside_flights_is_a_row_as_it_is) {
  flights::domain::Airline airline;
  airline.set_carrier("UA");
  flights::domain::Airport airport;
  airport.set_faa("EWR");
  flights::domain::Plane plane;
  plane.set_tail_number("N14228");
  flights::domain::Weather weather;
  weather.set_origin("EWR");
  weather.set_time_hour("2013-02-08T10:00:00Z");
  kit()
      .when("UA", airline)
      .when("EWR", airport)
      .when("N14228", plane)
      .when("EWR|2013-02-08T10:00:00Z", weather)
      .then_row("airlines", "UA", airline)
      .then_row("airports", "EWR", airport)
      .then_row("planes", "N14228", plane)
      .then_row("weather", "EWR|2013-02-08T10:00:00Z", weather)
      .then_keys("flights", {});
}

BOOST_AUTO_TEST_SUITE_END()
