#!/usr/bin/env python3
"""The week of flights, published to a real Kafka while the service and the broker are killed again
and again: a client that nobody here wrote reads each event once, in its aircraft's order.

    flights_kafka_test.py PATH_OF_THE_FLIGHTS_EXECUTABLE

PERDURE_SERVICE_KILLS, PERDURE_BROKER_KILLS and PERDURE_SEED say how often, and which.
"""

import collections
import http.client
import json
import os
import pathlib
import random
import sys
import threading
import time
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "test" / "service"))
sys.path.insert(0, str(ROOT / "apps" / "flights" / "loader"))

import flights_csv  # noqa: E402
from harness import Service, ServiceTest, skip_all, wait_until  # noqa: E402
from kafka_server import Kafka, why_not_kafka  # noqa: E402

FLIGHTS = sys.argv.pop(1)
CLIENTS = 8
SERVICE_KILLS = int(os.environ.get("PERDURE_SERVICE_KILLS", "30"))
BROKER_KILLS = int(os.environ.get("PERDURE_BROKER_KILLS", "10"))
SEED = int(os.environ.get("PERDURE_SEED", random.randrange(1 << 32)))
LONG_DELAY = 120  # minutes; apps/flights/alerts.cpp
DRAIN_SECONDS = 120  # a bound on failure only

FLIGHTS_OF_THE_WEEK = flights_csv.read(ROOT / "apps" / "flights" / "data" / "week.csv.gz")


class Clients:
    """Send all commands, each until it is acknowledged, those of one aircraft in their order."""

    def __init__(self, service):
        self._service = service  # a function: the one that runs now
        self._lock = threading.Lock()
        self._more_allowed = threading.Condition(self._lock)
        self._allowed = 0
        self._begun = 0
        self.acknowledged = 0
        self.refused = []
        parts = [[] for _ in range(CLIENTS)]
        for flight in FLIGHTS_OF_THE_WEEK:
            parts[zlib.crc32(flight.tail_number.encode()) % CLIENTS].append(flight)
        self._threads = [threading.Thread(target=self._send_all, args=(part,)) for part in parts]
        for thread in self._threads:
            thread.start()

    def allow(self, count):
        """So many in all, and no more yet."""
        with self._lock:
            self._allowed = count
            self._more_allowed.notify_all()

    def join(self):
        for thread in self._threads:
            thread.join()

    def _send_all(self, flights):
        connection = self._connect()
        for flight in flights:
            with self._lock:
                self._more_allowed.wait_for(lambda: self._begun < self._allowed)
                self._begun += 1
            status = 503
            while status == 503:
                try:
                    status, text = self._send(connection, flight)
                except (OSError, http.client.HTTPException):
                    connection.close()
                    connection = self._connect()
                    time.sleep(0.02)  # the service is away: there is nothing to wait for but it
            with self._lock:
                self.acknowledged += 1
                if status != 200:
                    self.refused.append(f"{flight.flight_id}: {status} {text}")
        connection.close()

    def _connect(self):
        return http.client.HTTPConnection("127.0.0.1", self._service().ports["http"], timeout=20)

    @staticmethod
    def _send(connection, flight):
        connection.request("POST", f"/aircraft/{flight.tail_number}/flights",
                           body=json.dumps(flight.fields),
                           headers={"idempotency-key": flight.flight_id})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


class PublishedFlights(ServiceTest):
    def setUp(self):
        super().setUp()
        print("seed", SEED, flush=True)
        self.random = random.Random(SEED)
        self.kafka = Kafka(self.data / "kafka")
        self.addCleanup(self.kafka.close)
        self.service = None
        self.addCleanup(self.end_service)

    def start_service(self):
        self.service = Service([FLIGHTS], self.data / "perdure", "--topics", "kafka", "--kafka",
                               self.kafka.address)

    def end_service(self):
        if self.service is not None:
            self.service.__exit__()

    def relayed(self):
        """By the process that runs now."""
        return self.service.figure("perdure_relay_relayed_total")

    def kill_service(self):
        self.service.__exit__()
        self.start_service()

    def kill_broker(self):
        self.kafka.kill()
        self.kafka.start()

    def test_each_event_stands_there_once_and_in_order(self):
        self.start_service()
        clients = Clients(lambda: self.service)
        deeds = [self.kill_service] * SERVICE_KILLS + [self.kill_broker] * BROKER_KILLS
        self.random.shuffle(deeds)
        total = len(FLIGHTS_OF_THE_WEEK)
        for number, deed in enumerate(deeds):
            middle, end = (total * (number + part) / len(deeds) for part in [0.5, 1])
            relayed = self.relayed()
            clients.allow(middle)
            wait_until(lambda: self.relayed() > relayed, "the relay is at work again")
            clients.allow(end)
            due = middle + (end - middle) * self.random.random()
            wait_until(lambda: clients.acknowledged >= due - CLIENTS, f"{due:.0f} acknowledged")
            time.sleep(self.random.random() / 50)  # anywhere in what they set off
            deed()
        clients.allow(total)
        clients.join()
        self.assertEqual(clients.refused, [])
        self.assertEqual(clients.acknowledged, total)

        completed = [f for f in FLIGHTS_OF_THE_WEEK if "departure_time" in f.fields]
        long = [f for f in completed if max(f.fields.get("departure_delay", 0),
                                            f.fields.get("arrival_delay", 0)) >= LONG_DELAY]
        self.await_count("flights", total)
        self.await_count("alerts", len(long))
        self.check_flights(self.kafka.read("flights"), len(completed))
        self.check_alerts(self.kafka.read("alerts"), long)
        self.assertEqual(self.service.terminate(), 0)

    def await_count(self, topic, count):
        wait_until(lambda: len(self.kafka.read(topic)) >= count,
                   f"{count} records in {topic}", DRAIN_SECONDS)

    def check_flights(self, records, completed):
        expected = collections.Counter(f.tail_number for f in FLIGHTS_OF_THE_WEEK)
        seen = collections.defaultdict(list)
        partitions = collections.defaultdict(set)
        types = collections.Counter()
        for partition, _, key, attributes in records:
            self.assertEqual(attributes["ce-subject"], key)
            self.assertEqual(attributes["ce-specversion"], "1.0")
            self.assertEqual(attributes["ce-source"], "flights")
            self.assertEqual(attributes["ce-datacontenttype"], "application/protobuf")
            self.assertEqual(attributes["ce-id"], f"aircraft/{key}/{attributes['ce-sequence']}")
            seen[key].append(int(attributes["ce-sequence"]))
            partitions[key].add(partition)
            types[attributes["ce-type"]] += 1
        for key, count in expected.items():
            self.assertEqual(seen[key], list(range(1, count + 1)), key)
            self.assertEqual(len(partitions[key]), 1, key)
        self.assertEqual(len(records), len(FLIGHTS_OF_THE_WEEK))
        self.assertEqual(types["flights.domain.FlightCompleted"], completed)
        self.assertEqual(types["flights.domain.FlightCancelled"],
                         len(FLIGHTS_OF_THE_WEEK) - completed)

    def check_alerts(self, records, long):
        expected = collections.Counter(f.tail_number for f in long)
        self.assertEqual(collections.Counter(key for _, _, key, _ in records), expected)
        ids = [attributes["ce-id"] for _, _, _, attributes in records]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertEqual({attributes["ce-type"] for _, _, _, attributes in records},
                         {"flights.api.LongDelay"})


if __name__ == "__main__":
    if reason := why_not_kafka():
        skip_all(reason)
    unittest.main()
