// The aircraft's rules, by the test kit alone.

#include "apps/flights/aircraft.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>

#include "perdure/testkit.hpp"

namespace {

using flights::Empty;
using flights::api::AircraftState;
using flights::api::GetAircraftRequest;
using flights::api::RecordFlightRequest;
using flights::domain::FlightCancelled;
using flights::domain::FlightCompleted;
using perdure::status_code;
using aircraft_kit = perdure::testkit<flights::aircraft>;

const std::string tail_number = "N14228";

// A flight that is planned, not yet flown: as it stands, cancelled.
RecordFlightRequest planned(const std::string& date = "2013-02-08") {
  RecordFlightRequest request;
  request.set_tail_number(tail_number);
  request.set_flight_id(date + "-UA1545-EWR-IAH");
  request.set_date(date);
  request.set_carrier("UA");
  request.set_flight_number(1545);
  request.set_origin("EWR");
  request.set_destination("IAH");
  request.set_distance(1400);
  return request;
}

RecordFlightRequest diverted(const std::string& date = "2013-02-08") {
  auto request = planned(date);
  request.set_departure_time(517);
  request.set_departure_delay(2);
  return request;
}

RecordFlightRequest flown(const std::string& date = "2013-02-08") {
  auto request = diverted(date);
  request.set_arrival_time(830);
  request.set_arrival_delay(-11);
  request.set_air_time(227);
  return request;
}

template <class Event>
Event event_of(const RecordFlightRequest& request) {
  Event event;
  auto& flight = *event.mutable_flight();
  flight.set_flight_id(request.flight_id());
  flight.set_date(request.date());
  flight.set_carrier("UA");
  flight.set_flight_number(1545);
  flight.set_origin("EWR");
  flight.set_destination("IAH");
  return event;
}

FlightCompleted diversion(const std::string& date = "2013-02-08") {
  auto event = event_of<FlightCompleted>(diverted(date));
  event.set_departure_time(517);
  event.set_departure_delay(2);
  event.set_miles(1400);
  return event;
}

FlightCompleted completion(const std::string& date = "2013-02-08") {
  auto event = diversion(date);
  event.set_arrival_time(830);
  event.set_arrival_delay(-11);
  event.set_minutes(227);
  return event;
}

FlightCancelled cancellation(const std::string& date = "2013-02-08") {
  return event_of<FlightCancelled>(planned(date));
}

GetAircraftRequest get_aircraft() {
  GetAircraftRequest request;
  request.set_tail_number(tail_number);
  return request;
}

AircraftState state_of(std::int64_t flights, std::int64_t cancellations, std::int64_t minutes,
                       std::int64_t miles, const std::string& last_seen) {
  AircraftState state;
  state.set_tail_number(tail_number);
  state.set_flights(flights);
  state.set_cancellations(cancellations);
  state.set_minutes(minutes);
  state.set_miles(miles);
  state.set_last_seen(last_seen);
  return state;
}

void expect_refused(const RecordFlightRequest& request, const std::string& message) {
  aircraft_kit(tail_number).when(request).then_rejects(status_code::invalid_argument, message);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(aircraft)

BOOST_AUTO_TEST_CASE(a_flight_with_a_departure_time_is_completed) {
  aircraft_kit(tail_number).when(flown()).then_emits(completion()).then_replies(Empty{});
}

BOOST_AUTO_TEST_CASE(a_flight_without_a_departure_time_is_cancelled) {
  aircraft_kit(tail_number).when(planned()).then_emits(cancellation()).then_replies(Empty{});
}

BOOST_AUTO_TEST_CASE(a_departure_at_midnight_is_a_departure) {
  auto request = flown();
  request.set_departure_time(0);
  auto event = completion();
  event.set_departure_time(0);
  aircraft_kit(tail_number).when(request).then_emits(event);
}

BOOST_AUTO_TEST_CASE(a_diverted_flight_is_completed_without_minutes) {
  aircraft_kit(tail_number).when(diverted()).then_emits(diversion()).then_replies(Empty{});
}

BOOST_AUTO_TEST_CASE(the_air_time_of_a_flight_that_never_arrived_does_not_count) {
  auto request = diverted();
  request.set_air_time(227);
  aircraft_kit(tail_number).when(request).then_emits(diversion());
}

BOOST_AUTO_TEST_CASE(an_arrival_with_unknown_air_time_counts_no_minutes) {
  auto request = flown();
  request.clear_air_time();
  auto event = completion();
  event.set_minutes(0);
  aircraft_kit(tail_number).when(request).then_emits(event);
}

BOOST_AUTO_TEST_CASE(when_a_flight_was_scheduled_is_kept) {
  auto request = flown();
  request.set_scheduled_departure_time(515);
  request.set_time_hour("2013-02-08T10:00:00Z");
  auto event = completion();
  event.mutable_flight()->set_scheduled_departure_time(515);
  event.mutable_flight()->set_time_hour("2013-02-08T10:00:00Z");
  aircraft_kit(tail_number).when(request).then_emits(event);
}

BOOST_AUTO_TEST_CASE(an_unknown_aircraft_is_not_found) {
  aircraft_kit(tail_number)
      .when(get_aircraft())
      .then_rejects(status_code::not_found, "no flight of \"N14228\" is recorded");
}

BOOST_AUTO_TEST_CASE(flights_and_cancellations_add_up) {
  aircraft_kit(tail_number)
      .given(completion("2013-02-07"), cancellation("2013-02-08"), diversion("2013-02-09"),
             completion("2013-02-10"))
      .when(get_aircraft())
      .then_emits_nothing()
      .then_replies(state_of(3, 1, 454, 4200, "2013-02-10"));
}

BOOST_AUTO_TEST_CASE(last_seen_is_the_latest_day_in_whatever_order_flights_are_recorded) {
  aircraft_kit(tail_number)
      .given(completion("2013-10-01"), completion("2013-02-08"))
      .when(get_aircraft())
      .then_replies(state_of(2, 0, 454, 2800, "2013-10-01"));
}

BOOST_AUTO_TEST_CASE(a_cancelled_flight_does_not_show_the_aircraft) {
  aircraft_kit(tail_number)
      .given(cancellation())
      .when(get_aircraft())
      .then_replies(state_of(0, 1, 0, 0, ""));
}

BOOST_AUTO_TEST_CASE(totals_go_beyond_what_32_bits_hold) {
  auto event = completion();
  event.set_miles(std::numeric_limits<std::int32_t>::max());
  aircraft_kit(tail_number)
      .given(event, event)
      .when(get_aircraft())
      .then_replies(state_of(2, 0, 454, 4'294'967'294, "2013-02-08"));
}

BOOST_AUTO_TEST_CASE(a_flight_must_say_what_it_is) {
  auto request = flown();
  request.clear_flight_id();
  expect_refused(request, "flight_id must not be empty");
  request = flown();
  request.clear_carrier();
  expect_refused(request, "carrier must not be empty");
  request = flown();
  request.clear_flight_number();
  expect_refused(request, "flight_number must be at least 1, not 0");
  request = flown();
  request.clear_origin();
  expect_refused(request, "origin must not be empty");
  request = flown();
  request.clear_destination();
  expect_refused(request, "destination must not be empty");
}

BOOST_AUTO_TEST_CASE(a_date_must_be_a_day_of_the_calendar) {
  for (auto date : {"", "2013-2-8", "2013-02-29", "2013-13-01", "2013-00-10", "2013-02-00",
                    "2013/02/08", "13-02-2008", "-013-02-08", "2013-02-08T10:00", "2O13-02-08"}) {
    BOOST_TEST_CONTEXT("date \"" << date << '"') {
      auto request = flown();
      request.set_date(date);
      expect_refused(request,
                     "date must be a day such as \"2013-02-08\", not \"" + std::string(date) + '"');
    }
  }
  aircraft_kit(tail_number).when(flown("2012-02-29")).then_emits(completion("2012-02-29"));
}

BOOST_AUTO_TEST_CASE(a_time_must_be_a_time_of_day) {
  for (auto time : {-1, 60, 1275, 2401, 51700}) {
    BOOST_TEST_CONTEXT("time " << time) {
      auto text = std::to_string(time);
      auto request = flown();
      request.set_departure_time(time);
      expect_refused(request,
                     "departure_time must be a time of day as HHMM, from 0 to 2400, not " + text);
      request = flown();
      request.set_arrival_time(time);
      expect_refused(request,
                     "arrival_time must be a time of day as HHMM, from 0 to 2400, not " + text);
      request = flown();
      request.set_scheduled_departure_time(time);
      expect_refused(
          request,
          "scheduled_departure_time must be a time of day as HHMM, from 0 to 2400, not " + text);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_hour_must_be_one_in_utc) {
  auto request = flown();
  request.set_time_hour("2013-02-08T10:15:00Z");
  expect_refused(request,
                 "time_hour must be the start of an hour in UTC such as \"2013-02-08T15:00:00Z\", "
                 "not \"2013-02-08T10:15:00Z\"");
}

BOOST_AUTO_TEST_CASE(minutes_and_miles_must_be_possible) {
  for (auto minutes : {-1, 1441}) {
    auto request = flown();
    request.set_air_time(minutes);
    expect_refused(request, "air_time must be from 0 to 1440, not " + std::to_string(minutes));
  }
  for (auto miles : {-1, 25'001, std::numeric_limits<std::int32_t>::max()}) {
    auto request = flown();
    request.set_distance(miles);
    expect_refused(request, "distance must be from 0 to 25000, not " + std::to_string(miles));
  }
}

BOOST_AUTO_TEST_CASE(a_refused_flight_leaves_the_aircraft_as_it_was) {
  auto bad = flown();
  bad.set_distance(-1);
  aircraft_kit(tail_number)
      .given(completion())
      .when(bad)
      .then_rejects(status_code::invalid_argument)
      .when(get_aircraft())
      .then_replies(state_of(1, 0, 227, 1400, "2013-02-08"));
}

BOOST_AUTO_TEST_SUITE_END()
