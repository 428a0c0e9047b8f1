"""Whether what was read is what a service promises: each event once, and those of a key in order.

Takes events and decoded messages as they come, keeps what is wrong, and needs neither Kafka nor
protobuf.
"""

import collections

LONG_DELAY = 120  # minutes, as apps/flights/alerts.cpp has it


class checker:
    def __init__(self):
        self.problems = []
        self.events = collections.Counter()  # by topic
        self._last = {}  # sequence number, by topic and key
        self._ids = set()
        self._late = collections.Counter()  # flights that want an alert, by id
        self._alerts = collections.Counter()

    def take(self, event, message):
        """`message` is a dictionary, with the names of the .proto; None: the subject was deleted."""
        self.events[event.topic] += 1
        if event.id is None or event.type is None:
            return self._wrong(event, "has no ce-id or no ce-type")
        if event.key != event.subject:
            self._wrong(event, f"has the key {event.key!r}, but ce-subject is {event.subject!r}")
        if (event.source, event.id) in self._ids:
            self._wrong(event, f"{event.id} is there twice")
        self._ids.add((event.source, event.id))
        self._take_sequence(event)
        if message is None:
            return
        if event.type == "flights.domain.FlightCompleted":
            delay = max(message.get("departure_delay", 0), message.get("arrival_delay", 0))
            if delay >= LONG_DELAY:
                self._count(event, self._late, message.get("flight", {}))
        elif event.type == "flights.api.LongDelay":
            self._count(event, self._alerts, message)

    def end(self):
        """Call once all was read: what is missing can be told only then."""
        for flight in sorted(self._late | self._alerts):
            wanted, came = self._late[flight], self._alerts[flight]
            if wanted != came:
                self.problems.append(f"flight {flight}: {came} alerts, expected {wanted}")
        return self.problems

    def _count(self, event, flights, message):
        if "flight_id" not in message:
            return self._wrong(event, "names no flight")
        flights[message["flight_id"]] += 1

    # The events of an aircraft are numbered from 1, without a gap.
    def _take_sequence(self, event):
        if event.sequence is None:
            return
        place = (event.topic, event.key)
        expected = self._last.get(place, 0) + 1
        if event.sequence != expected:
            self._wrong(event, f"is event {event.sequence} of {event.key}, expected {expected}")
        self._last[place] = event.sequence

    def _wrong(self, event, text):
        self.problems.append(f"{event.topic}/{event.place}: {text}")
