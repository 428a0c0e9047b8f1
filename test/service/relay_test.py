"""What effects may not be, each a clear error and no trace: a send to nobody, a circle of forwards,
timers and states past their bounds. And mail and timers that outlive kill -9.

usage: relay_test.py RELAY_EXECUTABLE
"""

import http.client
import itertools
import sys
import threading
import time
import unittest

from harness import Service, ServiceTest, wait_until

RELAY = None  # the command that starts the service

MESSAGE_BYTES_MAX = 4 << 20
STEP_BYTES_MAX = 16 << 20

# Longer than anybody here waits, in milliseconds.
FOR_EVER = 600_000


class Relays(ServiceTest):
    def service(self, *flags):
        return Service(RELAY, self.data, *flags)

    def refused(self, came, http, code, *words):
        """That an answer is this error, and that its text has these words."""
        self.assertEqual((came[0], came[1].get("status")), (http, code), came)
        for word in words:
            self.assertIn(word, came[1]["message"])

    def done(self, came):
        self.assertEqual(came, (200, {}))

    def texts(self, relays, relay_id):
        status, reply = relays.http("GET", f"/relays/{relay_id}")
        self.assertEqual(status, 200, reply)
        return reply["texts"]


class Sends(Relays):
    def test_a_send_to_an_entity_that_the_service_has_not_fails_its_sender(self):
        with self.service() as relays:
            came = relays.http("POST", "/relays/a/send-nowhere", {"next": "b"})
            self.refused(came, 400, "FAILED_PRECONDITION", "relay.Nowhere.Arrive",
                         "add it to the service")
            self.assertEqual(self.texts(relays, "a"), [])
            # The next send of the same entity is not held up.
            self.done(relays.http("POST", "/relays/a/send", {"next": "b", "text": "x"}))
            wait_until(lambda: self.texts(relays, "b") == ["x"], "the note arrives")

    def test_a_send_without_a_good_key_fails_its_sender(self):
        with self.service() as relays:
            came = relays.http("POST", "/relays/a/send", {"next": ""})
            self.refused(came, 400, "INVALID_ARGUMENT", "relay.Relay.Note", "relay_id", "empty")
            came = relays.http("POST", "/relays/a/send", {"next": "b" * 5000})
            self.refused(came, 400, "INVALID_ARGUMENT", "relay.Relay.Note", "5000", "4096")

    def test_a_send_may_be_as_large_as_any_message_and_no_larger(self):
        with self.service() as relays:
            self.done(relays.http("POST", "/relays/a/send",
                                  {"next": "b", "filling": MESSAGE_BYTES_MAX - 100}))
            came = relays.http("POST", "/relays/a/send", {"next": "b", "filling": MESSAGE_BYTES_MAX})
            self.refused(came, 429, "RESOURCE_EXHAUSTED", "relay.Relay.Note", str(MESSAGE_BYTES_MAX))
            self.done(relays.http("POST", "/relays/a/send", {"next": "b", "text": "last"}))
            wait_until(lambda: "last" in self.texts(relays, "b"), "the last note arrives")
            self.assertEqual(self.texts(relays, "b"), ["", "last"])

    def test_a_circle_of_forwards_ends_with_a_clear_error(self):
        with self.service() as relays:
            for next_one in ["b", "a"]:
                came = relays.http("POST", "/relays/a/pass", {"next": next_one})
                self.refused(came, 400, "FAILED_PRECONDITION", "16 times", "circle")
            self.done(relays.http("POST", "/relays/a/notes", {"text": "goes on"}))
        with self.service("--forwards-max", "3") as relays:
            came = relays.http("POST", "/relays/a/pass", {"next": "b"})
            self.refused(came, 400, "FAILED_PRECONDITION", "3 times")

    def test_a_full_mailbox_pushes_back_and_loses_nothing(self):
        with self.service("--durable-mailbox-bytes-max", "64kb") as relays:
            # The handler of this one keeps the mail behind it waiting; it is not mail itself.
            came = relays.http("POST", "/relays/slow/notes", {"milliseconds": FOR_EVER},
                               {"grpc-timeout": "100m"})
            self.refused(came, 504, "DEADLINE_EXCEEDED")
            accepted = 0
            while accepted < 200:
                came = relays.http("POST", "/relays/a/send", {"next": "slow", "filling": 1000})
                if came[0] != 200:
                    break
                accepted += 1
            self.refused(came, 429, "RESOURCE_EXHAUSTED")
            self.assertGreater(accepted, 10)
            relays.kill()
        with self.service("--durable-mailbox-bytes-max", "64kb") as relays:
            wait_until(lambda: len(self.texts(relays, "slow")) >= accepted, "the mail is handled")
            self.done(relays.http("POST", "/relays/a/send", {"next": "slow", "filling": 1000}))
            wait_until(lambda: len(self.texts(relays, "slow")) > accepted, "so is what comes later")
            self.assertEqual(len(self.texts(relays, "slow")), accepted + 1)


class Durable(Relays):
    def test_an_accepted_call_outlives_its_caller_and_kill_9(self):
        with self.service() as relays:
            # Its handler keeps what stands behind it from being handled before the kill.
            relays.http("POST", "/relays/a/notes", {"milliseconds": FOR_EVER},
                        {"grpc-timeout": "100m"})
            headers = {}
            came = relays.http("POST", "/relays/a/kept", {"text": "kept"},
                               {"grpc-timeout": "300m", "idempotency-key": "k"}, answered=headers)
            self.refused(came, 504, "DEADLINE_EXCEEDED")
            where = "/commands/" + headers["perdure-command-id"]
            status, found = relays.http("GET", where)
            self.assertEqual((status, found["state"], found["method"], found["entityId"]),
                             (200, "PENDING", "relay.Relay.Keep", "a"))
            relays.kill()
        with self.service() as relays:
            found = wait_until(lambda: outcome(relays, where), "the kept call is handled")
            self.assertEqual(found["status"]["code"], 0)
            self.assertEqual(self.texts(relays, "a"), ["kept"])
            # The retry is answered from the record.
            self.done(relays.http("POST", "/relays/a/kept", {"text": "kept"},
                                  {"idempotency-key": "k"}))
            self.assertEqual(self.texts(relays, "a"), ["kept"])

    def test_sends_arrive_once_and_in_order_through_kill_9(self):
        numbers = itertools.count()
        unanswered = None
        for _ in range(5):
            with self.service() as relays:
                killer = threading.Timer(0.3, relays.kill)
                killer.start()
                while True:
                    n = next(numbers) if unanswered is None else unanswered
                    try:
                        came = relays.http("POST", "/relays/a/send", {"next": "b", "text": str(n)},
                                           {"idempotency-key": str(n)})
                    except (OSError, http.client.HTTPException):
                        unanswered = n
                        break
                    self.done(came)
                    unanswered = None
                killer.join()
        with self.service() as relays:
            self.done(relays.http("POST", "/relays/a/send", {"next": "b", "text": str(unanswered)},
                                  {"idempotency-key": str(unanswered)}))
            wait_until(lambda: len(self.texts(relays, "b")) > unanswered, "all mail arrives")
            self.assertEqual(self.texts(relays, "b"), [str(n) for n in range(unanswered + 1)])


def outcome(relays, where):
    """What became of a command; None while it is pending."""
    status, found = relays.http("GET", where)
    assert status == 200, found
    return found if found["state"] == "DONE" else None


class Timers(Relays):
    def start(self, relays, name="t", delay=0, **more):
        return relays.http("POST", "/relays/a/timers",
                           {"name": name, "delay": delay, "text": "fired", **more})

    def test_a_timer_outlives_kill_9_and_is_not_early(self):
        with self.service() as relays:
            begun = time.monotonic()
            self.done(self.start(relays, "first", 1500, text="first"))
            self.done(self.start(relays, "second", 1500, text="second"))
            self.done(relays.http("POST", "/relays/a/timers:cancel", {"name": "second"}))
            self.done(self.start(relays, "far", FOR_EVER))
            relays.kill()
        with self.service() as relays:
            wait_until(lambda: self.texts(relays, "a"), "the timer fires")
            self.assertGreaterEqual(time.monotonic() - begun, 1.5)
            self.assertEqual(self.texts(relays, "a"), ["first"])
            relays.kill()
        with self.service() as relays:
            self.done(self.start(relays, text="last"))
            wait_until(lambda: len(self.texts(relays, "a")) > 1, "the last timer fires")
            self.assertEqual(self.texts(relays, "a"), ["first", "last"])

    def test_a_periodic_timer_goes_on_after_a_restart_until_it_is_cancelled(self):
        with self.service() as relays:
            self.done(self.start(relays, delay=10, period=20))
            wait_until(lambda: len(self.texts(relays, "a")) >= 3, "it fires three times")
            relays.kill()
        with self.service() as relays:
            before = len(self.texts(relays, "a"))
            wait_until(lambda: len(self.texts(relays, "a")) >= before + 3, "it goes on")
            self.done(relays.http("POST", "/relays/a/timers:cancel", {"name": "t"}))
            # What it fired before may still be on its way, but not that long.
            for name in ["later", "last"]:
                self.done(self.start(relays, name, 300, text=name))
                wait_until(lambda: name in self.texts(relays, "a"), f"the {name} timer fires")
            self.assertEqual(self.texts(relays, "a")[-2:], ["later", "last"])

    def test_names_and_times_have_bounds(self):
        with self.service() as relays:
            for name in ["n" * 256, "\u00fc" * 128]:
                self.done(self.start(relays, name))
            for name, words in [("", ["name"]), ("n" * 257, ["257", "256"]),
                                ("\u00fc" * 129, ["258", "256"]),
                                ("perdure.t", ["perdure.", "runtime's own"])]:
                self.refused(self.start(relays, name), 400, "INVALID_ARGUMENT", *words)
            for delay in [-1, 2**63 - 1, -2**63]:
                self.refused(self.start(relays, "d", delay), 400, "INVALID_ARGUMENT",
                             '"d"', "delay", str(delay))
            for period in [-1, 2**63 - 1, -2**63]:
                self.refused(self.start(relays, "p", period=period), 400, "INVALID_ARGUMENT",
                             '"p"', "period", str(period))
            self.done(self.start(relays, "last", 100, text="last"))
            wait_until(lambda: "last" in self.texts(relays, "a"), "the last timer fires")
            self.assertEqual(self.texts(relays, "a"), ["fired", "fired", "last"])

    def test_a_timer_may_carry_what_any_message_may_and_no_more(self):
        with self.service() as relays:
            self.done(self.start(relays, "large", filling=MESSAGE_BYTES_MAX - 100))
            self.refused(self.start(relays, "too large", filling=MESSAGE_BYTES_MAX), 429,
                         "RESOURCE_EXHAUSTED", "relay.Relay.Note", str(MESSAGE_BYTES_MAX))
            wait_until(lambda: self.texts(relays, "a"), "the large one fires")
            self.assertEqual(self.texts(relays, "a"), ["fired"])


class States(Relays):
    def filled(self, relays):
        return relays.http("GET", "/boxes/b")[1]["bytes"]

    def test_a_state_over_its_bound_is_refused_and_the_old_one_stays(self):
        with self.service() as relays:
            large = STEP_BYTES_MAX - 1000
            self.done(relays.http("POST", "/boxes/b", {"bytes": large}))
            came = relays.http("POST", "/boxes/b", {"bytes": STEP_BYTES_MAX})
            self.refused(came, 429, "RESOURCE_EXHAUSTED", str(STEP_BYTES_MAX))
            self.assertEqual(self.filled(relays), large)
            relays.kill()
        with self.service() as relays:
            self.assertEqual(self.filled(relays), large)
            self.done(relays.http("POST", "/boxes/b", {"bytes": 1}))
            self.assertEqual(self.filled(relays), 1)

    def test_a_state_too_large_for_a_snapshot_is_told_from_its_events(self):
        flags = ["--step-bytes-max", "4kb", "--snapshot-every", "2"]
        with self.service(*flags) as relays:
            for n in range(8):
                self.done(relays.http("POST", "/relays/a/notes", {"text": str(n) * 1000}))
            self.assertIn("relay/a: the state has", relays.logged())
            relays.kill()
        with self.service(*flags) as relays:
            self.assertEqual([text[0] for text in self.texts(relays, "a")], list("01234567"))


if __name__ == "__main__":
    RELAY = [sys.argv.pop(1)]
    unittest.main(verbosity=2)
