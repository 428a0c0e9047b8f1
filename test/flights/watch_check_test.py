#!/usr/bin/env python3
"""What scripts/flights-watch --check finds, and what it must not: its rules alone, without Kafka."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "apps/flights/consumer"))

import checking  # noqa: E402
import cloud_event  # noqa: E402


def event(key, sequence, type_="flights.domain.FlightCompleted", **changed):
    topic = "flights" if sequence else "alerts"
    of = cloud_event.cloud_event(
        topic=topic,
        place="0@7",
        key=key,
        id=f"{topic}/{key}/{sequence}",
        source="flights",
        type=type_,
        subject=key,
        sequence=sequence,
        content_type="application/protobuf",
        payload=b"",
    )
    return of._replace(**changed)


def completed(flight, departure=0, arrival=0):
    return {
        "flight": {"flight_id": flight},
        "departure_delay": departure,
        "arrival_delay": arrival,
    }


def alert(flight):
    return event("N1", None, "flights.api.LongDelay", id=f"alert/{flight}"), {"flight_id": flight}


class rules(unittest.TestCase):
    def setUp(self):
        self.checked = checking.checker()

    def problems(self):
        return self.checked.end()

    def test_events_in_order_are_right(self):
        for sequence in (1, 2, 3):
            self.checked.take(event("N1", sequence), completed(f"f{sequence}"))
            self.checked.take(event("N2", sequence), completed(f"g{sequence}"))
        self.assertEqual(self.problems(), [])
        self.assertEqual(self.checked.events["flights"], 6)

    def test_a_missing_event_is_found(self):
        self.checked.take(event("N1", 1), completed("a"))
        self.checked.take(event("N1", 3), completed("c"))
        self.assertEqual(self.problems(), ["flights/0@7: is event 3 of N1, expected 2"])

    def test_a_doubled_event_is_found(self):
        self.checked.take(event("N1", 1), completed("a"))
        self.checked.take(event("N1", 1), completed("a"))
        self.assertIn("flights/0@7: flights/N1/1 is there twice", self.problems())

    def test_events_that_changed_places_are_found(self):
        for sequence in (2, 1):
            self.checked.take(event("N1", sequence), completed(f"f{sequence}"))
        self.assertEqual(len(self.problems()), 2)

    def test_a_key_that_is_not_the_subject_is_found(self):
        self.checked.take(event("N1", 1, subject="N2"), completed("a"))
        self.assertEqual(len(self.problems()), 1)

    def test_an_event_without_attributes_is_found(self):
        self.checked.take(event("N1", 1, id=None), completed("a"))
        self.assertEqual(self.problems(), ["flights/0@7: has no ce-id or no ce-type"])

    def test_an_event_that_names_no_flight_is_found(self):
        self.checked.take(event("N1", None, id="x"), {"departure_delay": 500})
        self.checked.take(event("N1", None, "flights.api.LongDelay", id="y"), {})
        self.assertEqual(self.problems(), ["alerts/0@7: names no flight"] * 2)

    def test_each_late_flight_has_one_alert(self):
        self.checked.take(event("N1", 1), completed("a", departure=120))
        self.checked.take(event("N1", 2), completed("b", arrival=500))
        self.checked.take(event("N1", 3), completed("c", arrival=119))
        self.checked.take(*alert("a"))
        self.checked.take(*alert("b"))
        self.assertEqual(self.problems(), [])

    def test_an_alert_that_is_missing_or_unfounded_is_found(self):
        self.checked.take(event("N1", 1), completed("a", departure=120))
        self.checked.take(event("N1", 2), completed("b"))
        self.checked.take(*alert("b"))
        self.assertEqual(
            self.problems(),
            ["flight a: 0 alerts, expected 1", "flight b: 1 alerts, expected 0"],
        )


if __name__ == "__main__":
    unittest.main()
