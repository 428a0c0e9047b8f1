"""Clients: threads with a connection each that send commands and reads, and hand every answer to
the model. What they send is decided elsewhere: load.py, crash_test.py.
"""

import collections
import http.client
import json
import random
import threading

from model import Command, Violation

CLIENTS = 12
ANSWER_SECONDS = 60  # a bound on failure only

# As they are counted.
UNAVAILABLE = "answers of unknown outcome"
HEALED = "commands acknowledged by a process whose disk had failed"

UNKNOWN = (503, 504)  # the command may or may not have taken effect


class ServerDied(Exception):
    """No answer came, and none will."""


class Countdown:
    """Calls `end` once so many answers have come, to whomever; never for 0. Any thread."""

    def __init__(self, answers, end):
        self._lock = threading.Lock()
        self._left = answers
        self._end = end

    def tick(self):
        with self._lock:
            self._left -= 1
            is_last = self._left == 0
        if is_last:
            self._end()


class Connection:
    """HTTP to one process, kept open."""

    def __init__(self, server, countdown):
        self._server = server
        self._countdown = countdown
        self._http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=ANSWER_SECONDS)

    def call(self, method, path, body=None, key=None):
        headers = {"content-type": "application/json"}
        if key is not None:
            headers["idempotency-key"] = key
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


class Calls:
    """The things a client does. One thread."""

    def __init__(self, connection):
        self._connection = connection
        self.counts = collections.Counter()

    def read(self, ledger):
        length = ledger.length
        status, reply = self._connection.call("GET", f"/ledgers/{ledger.name}")
        if status in UNKNOWN:
            self.counts[UNAVAILABLE] += 1
            return
        if status != 200:
            raise Violation("answer", f"a read of {ledger.name} was answered {status} {reply}")
        ledger.read_showed(reply.get("entries", []), length)
        self.counts["reads"] += 1

    def send(self, command):
        """Also to send it again; then with the same key."""
        process = self._connection.process
        command.tell(process, "sent")
        try:
            status, reply = self._call(command)
            command.tell(process, f"answered {status} {reply}")
        except ServerDied:
            command.tell(process, "not answered")
            command.ledger.command_was_not_answered(command)
            raise
        if status in UNKNOWN:
            self.counts[UNAVAILABLE] += 1
            command.ledger.command_was_not_answered(command)
        elif status == 200:
            if self._connection.disk_has_failed and command.reply is None:
                self.counts[HEALED] += 1
            command.ledger.command_was_acknowledged(command, reply)
        elif status == (500 if command.fail and command.entries else 400):
            command.ledger.command_was_refused(command)
            self.counts["refused"] += 1
        else:
            raise Violation("answer", f"{command.token} was answered {status} {reply}")

    def retry(self, command):
        command.ledger.command_is_sent_again(command)
        self.send(command)
        self.counts["retries"] += 1

    def a_key_is_refused_for_another_command(self, command):
        other = Command(command.ledger, command.token + "-other", command.entries + 1, command.key)
        status, reply = self._call(other)
        if status in UNKNOWN:
            return
        if status != 400 or reply.get("status") != "INVALID_ARGUMENT":
            raise Violation("key", f"the key of {command.token} was taken for another command: "
                                   f"{status} {reply}")
        self.counts["keys refused"] += 1

    def _call(self, command):
        return self._connection.call(
            "POST", f"/ledgers/{command.ledger.name}", command.body(), command.key)


class Clients:
    """All clients of one process."""

    def __init__(self, server, countdown, counts, rng):
        self._server = server
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
            connection = Connection(self._server, self._countdown)
            calls = Calls(connection)
            try:
                work(calls, random.Random(seed))
            except ServerDied:
                died.set()
            except Exception as why:  # a Violation, or a mistake in the driver
                met.append(why)
                self._server.kill()
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
