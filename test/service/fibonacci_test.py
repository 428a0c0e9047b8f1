"""An action as a user meets it: rpcs that answer once, and those that stream, over HTTP.

usage: fibonacci_test.py FIBONACCI_EXECUTABLE
"""

import http.client
import json
import sys
import time
import unittest

from harness import Service, ServiceTest

FIBONACCI = None  # the command that starts the service


def lines(response):
    """The values of a streamed answer, as they come."""
    for line in response:
        yield int(json.loads(line)["value"])


class Numbers(ServiceTest):
    def open(self, service, path):
        connection = http.client.HTTPConnection("127.0.0.1", service.ports["http"], timeout=60)
        self.addCleanup(connection.close)
        connection.request("GET", path)
        return connection.getresponse()

    def test_one_in_one_out(self):
        with Service(FIBONACCI, self.data) as service:
            self.assertEqual(service.http("GET", "/fibonacci/13/next"), (200, {"value": "21"}))
            status, refused = service.http("GET", "/fibonacci/4/next")
            self.assertEqual((status, refused["status"]), (400, "INVALID_ARGUMENT"))
            self.assertEqual(refused["message"], "4 is no number of Fibonacci")
            self.assertEqual(service.terminate(), 0)

    def test_one_in_many_out(self):
        with Service(FIBONACCI, self.data) as service:
            answer = self.open(service, "/fibonacci?count=8")
            self.assertEqual(answer.status, 200)
            self.assertEqual(list(lines(answer)), [0, 1, 1, 2, 3, 5, 8, 13])
            self.assertEqual(len(list(lines(self.open(service, "/fibonacci")))), 93)
            self.assertEqual(list(lines(self.open(service, "/fibonacci?count=0"))), [])
            refused = self.open(service, "/fibonacci?count=94")
            self.assertEqual(refused.status, 400)
            self.assertEqual(json.load(refused)["status"], "INVALID_ARGUMENT")

    def test_a_number_is_there_as_soon_as_it_was_yielded(self):
        with Service(FIBONACCI, self.data) as service:
            begun = time.monotonic()
            answer = lines(self.open(service, "/fibonacci?pauseMilliseconds=10000"))
            self.assertEqual(next(answer), 0)
            self.assertLess(time.monotonic() - begun, 10)

    def test_a_client_may_go_in_the_middle(self):
        with Service(FIBONACCI, self.data) as service:
            for _ in range(20):
                answer = self.open(service, "/fibonacci?pauseMilliseconds=10000")
                answer.readline()
                answer.close()
            self.assertEqual(service.http("GET", "/fibonacci/0/next"), (200, {"value": "1"}))

    def test_a_stream_does_not_keep_the_process(self):
        with Service(FIBONACCI, self.data, "--drain-max", "1s") as service:
            answer = lines(self.open(service, "/fibonacci?pauseMilliseconds=10000"))
            self.assertEqual(next(answer), 0)
            self.assertEqual(service.terminate(), 0)


if __name__ == "__main__":
    FIBONACCI = [sys.argv.pop(1)]
    unittest.main(verbosity=2)
