"""Clients: threads with a connection each. What they send is decided elsewhere: ledger.py, bank.py.
"""

import collections
import http.client
import json
import random
import threading

from violation import Violation

CLIENTS = 12
ANSWER_SECONDS = 60  # a bound on failure only

# As they are counted.
UNAVAILABLE = "answers of unknown outcome"
HEALED = "commands acknowledged by a process whose disk had failed"

UNKNOWN = (503, 504)  # the command may or may not have taken effect


class ServerDied(Exception):
    """No answer came, and none will."""


class Countdown:
    """Calls each `end` once so many answers have come, to whomever; never for 0. Any thread."""

    def __init__(self, *appointments):
        self._lock = threading.Lock()
        self._answers = 0
        self._ends = collections.defaultdict(list)
        for answers, end in appointments:
            self._ends[answers].append(end)

    def tick(self):
        with self._lock:
            self._answers += 1
            due = self._ends.get(self._answers, ())
        for end in due:
            end()


class Connection:
    """HTTP to one process, kept open."""

    def __init__(self, server, countdown):
        self._server = server
        self._countdown = countdown
        self._http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS)

    def call(self, method, path, body=None, key=None, prefer=None):
        headers = {"content-type": "application/json"}
        if key is not None:
            headers["idempotency-key"] = key
        if prefer is not None:
            headers["prefer"] = prefer
        try:
            self._http.request(method, path, json.dumps(body) if body else None, headers)
            response = self._http.getresponse()
            answer = response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException) as why:
            self._http.close()
            if not self._server.is_dead.wait(ANSWER_SECONDS):
                raise Violation("hang", f"{method} {path} had no answer: {why!r}") from why
            raise ServerDied from why
        self._countdown.tick()
        return answer

    @property
    def process(self):
        return self._server.number

    @property
    def disk_has_failed(self):
        return self._server.failed_at is not None

    def close(self):
        self._http.close()


class Clients:
    """All clients of one process. `calls_of(connection)` makes what each client's work gets: it has
    `counts`."""

    def __init__(self, calls_of, server, countdown, counts, rng):
        self._calls_of = calls_of
        self.server = server
        self._countdown = countdown
        self._counts = counts
        self._random = rng

    def run(self, work):
        """Runs work(calls, rng) in each client's thread. False when the process died under one of
        them; the first violation that one of them met is raised."""
        met = []
        died = threading.Event()
        lock = threading.Lock()

        def client(seed):
            connection = Connection(self.server, self._countdown)
            calls = self._calls_of(connection)
            try:
                work(calls, random.Random(seed))
            except ServerDied:
                died.set()
            except Exception as why:  # a Violation, or a mistake in the driver
                met.append(why)
                self.server.kill()
            finally:
                connection.close()
                with lock:
                    self._counts.update(calls.counts)

        threads = [threading.Thread(target=client, args=(self._random.random(),))
                   for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if met:
            raise met[0]
        return not died.is_set()

    def do_all(self, jobs):
        """Each job(calls) by whichever client is free; False when the process died before the last
        was done."""
        left = collections.deque(jobs)

        def work(calls, _):
            while True:
                try:
                    job = left.popleft()
                except IndexError:
                    return
                job(calls)

        return self.run(work)
