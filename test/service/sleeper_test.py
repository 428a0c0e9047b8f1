"""Handlers that hold a thread: what they keep the process from, and what not.

usage: sleeper_test.py SLEEPER_EXECUTABLE
"""

import contextlib
import http.client
import json
import re
import sys
import time
import unittest

from harness import Service, ServiceTest

SLEEPER = None  # the executable

# Longer than anybody here waits.
FOR_EVER = 600_000

# Enough for the handlers to count as quick, so that they run on the gateway's threads.
QUICK_CALLS = 25


class Client:
    """A connection that is kept, to an entity of its own."""

    def __init__(self, service, name):
        self.name = name
        self.http = http.client.HTTPConnection("127.0.0.1", service.ports["http"], timeout=60)

    def close(self):
        self.http.close()

    def send(self, milliseconds):
        self.http.request("POST", f"/sleepers/{self.name}",
                          body=json.dumps({"milliseconds": milliseconds}))

    def sleep(self, milliseconds):
        """The status of the answer."""
        self.send(milliseconds)
        answer = self.http.getresponse()
        answer.read()
        return answer.status


def in_flight(service):
    _, text = service.http("GET", "/metrics", port="admin")
    return int(re.search(r"^perdure_in_flight_bytes (\d+)$", text, re.MULTILINE)[1])


def wait_until(holds):
    """The time limit of the test is that of the wait."""
    while not holds():
        time.sleep(0.01)


class HeldThreads(ServiceTest):
    @contextlib.contextmanager
    def two_clients(self, *flags):
        """A service, and two clients whose calls its two HTTP threads read, one each."""
        with contextlib.ExitStack() as open_now:
            service = open_now.enter_context(Service([SLEEPER], self.data, *flags))
            clients = [open_now.enter_context(contextlib.closing(Client(service, name)))
                       for name in ("s1", "s2")]
            for _ in range(QUICK_CALLS):
                for client in clients:
                    self.assertEqual(client.sleep(0), 200)
            yield service, clients

    def sleep_for_ever(self, service, clients):
        """Returns once the commands are accepted."""
        wait_until(lambda: in_flight(service) == 0)
        before = 0
        for client in clients:
            client.send(FOR_EVER)
            wait_until(lambda: in_flight(service) > before)
            before = in_flight(service)

    def test_sigterm_ends_it_though_a_handler_holds_a_thread(self):
        with self.two_clients("--drain-max", "1s") as (service, clients):
            self.sleep_for_ever(service, clients)
            self.assertEqual(service.terminate(), 1)
            self.assertIn("still unanswered after drain-max", service.logged())

    def test_a_handler_that_held_a_thread_once_is_kept_off_it(self):
        # Threads enough for those who sleep, and more.
        with self.two_clients("--threads", "8") as (service, clients):
            self.assertEqual(clients[0].sleep(100), 200)
            self.sleep_for_ever(service, clients)
            for name in ("s3", "s4", "s5", "s6"):  # each HTTP thread accepts some of them
                self.assertEqual(service.http("POST", f"/sleepers/{name}", {})[0], 200)


if __name__ == "__main__":
    SLEEPER = sys.argv.pop(1)
    unittest.main(verbosity=2)
