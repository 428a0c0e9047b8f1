// What is known beside flights, by the test kit alone.

#include "apps/flights/reference.hpp"

#include <boost/test/unit_test.hpp>

#include "perdure/testkit.hpp"

namespace {

using flights::Empty;
using perdure::status_code;
namespace api = flights::api;
namespace domain = flights::domain;

domain::Plane plane(int seats) {
  domain::Plane made;
  made.set_tail_number("N14228");
  made.set_manufacturer("BOEING");
  made.set_seats(seats);
  return made;
}

domain::Weather weather_of(const std::string& time_hour) {
  domain::Weather made;
  made.set_origin("EWR");
  made.set_time_hour(time_hour);
  made.set_wind_speed(23);
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reference)

BOOST_AUTO_TEST_CASE(what_is_set_replaces_what_was_known) {
  perdure::testkit<flights::planes>("N14228")
      .when(plane(149))
      .then_updates(plane(149))
      .then_replies(Empty{})
      .when(plane(150))
      .then_updates(plane(150))
      .when(api::GetPlaneRequest())
      .then_changes_nothing()
      .then_replies(plane(150));
}

BOOST_AUTO_TEST_CASE(airlines_and_airports_are_got_as_they_were_set) {
  domain::Airline airline;
  airline.set_carrier("UA");
  airline.set_name("United Air Lines Inc.");
  perdure::testkit<flights::airlines>("UA")
      .when(airline)
      .then_updates(airline)
      .when(api::GetAirlineRequest())
      .then_replies(airline);

  domain::Airport airport;
  airport.set_faa("EWR");
  airport.set_alt(-18);
  perdure::testkit<flights::airports>("EWR")
      .when(airport)
      .then_updates(airport)
      .when(api::GetAirportRequest())
      .then_replies(airport);
}

BOOST_AUTO_TEST_CASE(what_was_never_set_is_not_found) {
  perdure::testkit<flights::airlines>("UA")
      .when(api::GetAirlineRequest())
      .then_rejects(status_code::not_found);
  perdure::testkit<flights::airports>("EWR")
      .when(api::GetAirportRequest())
      .then_rejects(status_code::not_found);
  perdure::testkit<flights::planes>("N1")
      .when(api::GetPlaneRequest())
      .then_rejects(status_code::not_found);
  perdure::testkit<flights::weather>("EWR|2013-02-08T15:00:00Z")
      .when(api::GetWeatherRequest())
      .then_rejects(status_code::not_found);
}

BOOST_AUTO_TEST_CASE(weather_is_of_an_hour_in_utc) {
  auto hour = weather_of("2013-02-08T15:00:00Z");
  perdure::testkit<flights::weather>("EWR|" + hour.time_hour())
      .when(hour)
      .then_updates(hour)
      .when(api::GetWeatherRequest())
      .then_replies(hour);
  for (auto text : {"2013-02-08T15", "2013-02-08T15:30:00Z", "2013-02-08T24:00:00Z",
                    "2013-02-29T15:00:00Z", "2013-02-08 15:00:00Z", "2013-02-08T1x:00:00Z"}) {
    perdure::testkit<flights::weather>("EWR|" + std::string(text))
        .when(weather_of(text))
        .then_rejects(status_code::invalid_argument);
  }
}

BOOST_AUTO_TEST_SUITE_END()
