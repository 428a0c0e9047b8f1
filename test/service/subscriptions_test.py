"""What subscriptions hold back, and what their administrator sees and does, as whole processes.

usage: subscriptions_test.py LISTENER_EXECUTABLE
"""

import http.client
import json
import sys
import threading
import time
import unittest

from harness import ServiceTest, wait_until
from listener import ECHOES, EVENTS, SAID, WORDS, Listener, numbers

LISTENER = None  # the command that starts the service


class SubscriptionsTest(ServiceTest):
    def listener(self, *flags):
        return Listener([LISTENER], self.data / "listener", *flags)


class Failing(SubscriptionsTest):
    def test_one_key_of_a_thousand_is_parked_and_the_others_go_on(self):
        others = [f"k{n}" for n in range(999)]
        poisoned = "k-poisoned"
        # It is tried again when the test says so.
        with self.listener("--backoff-min", "10m", "--backoff-max", "10m") as service:
            service.say(poisoned, "poison A")
            service.say(poisoned, "behind it")
            self.by_several(lambda name: service.say(name, "hello"), others)
            self.by_several(lambda name: service.await_heard(f"event.{name}", ["1"]), others)
            self.assert_held(service, poisoned, parked=False, attempts=1, count=2)
            wait_until(lambda: service.subscription(EVENTS)["lag"] == "0", "it is at the end")
            now = service.subscription(EVENTS)
            self.assertEqual((now["retrying"], now["parked"], now["held"]), ("1", "0", "2"), now)
            for attempts in range(2, 9):
                service.administer("Retry", EVENTS, key=poisoned)
                self.assert_held(service, poisoned, attempts == 8, attempts, count=2)
            service.say(poisoned, "behind it too")
            self.assert_held(service, poisoned, parked=True, attempts=8, count=3)
            # It says so to who does not ask.
            wait_until(lambda: f'parked after 8 attempts; those of its key "{poisoned}" wait' in
                       service.logged(), "it is in the log")
            service.kill()
        with self.listener() as service:
            self.assert_held(service, poisoned, parked=True, attempts=8, count=3)
            # A retry that fails leaves it as it was.
            service.administer("Retry", EVENTS, key=poisoned)
            self.assert_held(service, poisoned, parked=True, attempts=9, count=3)
            service.mend("poison A")
            service.administer("Retry", EVENTS, key=poisoned)
            for kind in ["event", "echo"]:
                service.await_heard(f"{kind}.{poisoned}", numbers(3))
            self.assert_nothing_held(service)
            service.say(poisoned, "as any other")
            service.await_heard(f"event.{poisoned}", numbers(4))

    def test_it_is_parked_by_itself_after_so_many_attempts(self):
        with self.listener("--attempts-max", "3", "--backoff-min", "50ms") as service:
            service.say("t", "poison A")
            self.assert_held(service, "t", parked=True, attempts=3, count=1)
            now = service.subscription(EVENTS)
            self.assertEqual((now["retrying"], now["parked"], now["held"]), ("0", "1", "1"), now)

    def by_several(self, do, names):
        """For each name, by a few clients at a time."""
        failed = []

        def of_some(some):
            try:
                for name in some:
                    do(name)
            except AssertionError as error:
                failed.append(error)

        threads = [threading.Thread(target=of_some, args=(names[n::8],)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])

    def assert_held(self, service, key, parked, attempts, count):
        def is_so():
            first, *behind = service.held(EVENTS, key) or [None]
            return first and (first["attempts"], first["parked"], len(behind)) == (
                attempts, parked, count - 1)

        wait_until(is_so, f"{attempts} attempts of {key}, {count} held")
        first, *behind = service.held(EVENTS, key)
        self.assertIn("FAILED_PRECONDITION", first["error"])
        self.assertIn('"poison A" is not mended', first["error"])
        self.assertEqual(first["type"], "listener.Said")
        self.assertEqual(json.loads(first["payloadJson"]), {"number": "1", "text": "poison A"})
        self.assertEqual(first["headers"]["ce-subject"], key)
        self.assertEqual([one["attempts"] for one in behind], [0] * (count - 1))
        self.assertEqual([json.loads(one["payloadJson"])["number"] for one in behind],
                         numbers(count)[1:])
        self.assertEqual(service.heard(f"event.{key}"), [])

    def assert_nothing_held(self, service):
        wait_until(lambda: service.held(EVENTS) == [], "nothing is held back")
        now = service.subscription(EVENTS)
        self.assertEqual((now["retrying"], now["parked"], now["held"]), ("0", "0", "0"), now)

    def test_a_retry_by_itself_needs_nobody(self):
        with self.listener() as service:
            service.say("t", "poison B")
            service.say("t", "behind it")
            wait_until(lambda: service.held(EVENTS, "t"), "it is held back")
            service.mend("poison B")
            service.await_heard("event.t", numbers(2))
            self.assert_nothing_held(service)

    def test_skipped_it_is_gone_and_those_behind_it_follow(self):
        with self.listener() as service:
            service.say("t", "poison C")
            service.say("t", "poison D")
            service.say("t", "behind them")
            wait_until(lambda: len(service.held(EVENTS, "t")) == 3, "all are held back")
            first, second, _ = service.held(EVENTS, "t")
            status, refused = service.admin("Subscriptions", "Skip", name=EVENTS, key="t",
                                            number=second["number"])
            self.assertEqual((status, refused.get("status")), (404, "NOT_FOUND"))
            service.administer("Skip", EVENTS, key="t", number=first["number"])
            self.assertEqual(service.held(EVENTS, "t")[0]["number"], second["number"])
            service.administer("Skip", EVENTS, key="t", number=second["number"])
            service.await_heard("event.t", ["3"])

    def test_all_are_retried_and_exported(self):
        keys = [f"k{n}" for n in range(130)]  # more than a page
        with self.listener("--attempts-max", "1") as service:
            for key in keys:
                service.say(key, "poison E")
            wait_until(lambda: len(service.held(EVENTS)) == len(keys), "all are parked")
            self.assertEqual(service.subscription(EVENTS)["parked"], str(len(keys)))
            self.assertEqual({m["key"] for m in service.held(EVENTS)}, set(keys))
            exported = self.exported(service, EVENTS)
            self.assertEqual({m["key"] for m in exported}, set(keys))
            self.assertEqual({json.loads(m["payloadJson"])["text"] for m in exported}, {"poison E"})
            service.mend("poison E")
            service.administer("RetryAll", EVENTS)
            for key in keys:
                service.await_heard(f"event.{key}", ["1"])

    def exported(self, service, name):
        """ExportHeld over HTTP: a message a line."""
        connection = http.client.HTTPConnection("127.0.0.1", service.ports["admin"], timeout=60)
        try:
            connection.request("POST", "/perdure.admin.v1.Subscriptions/ExportHeld",
                               json.dumps({"name": name}),
                               {"authorization": f"Bearer {service.token}",
                                "content-type": "application/json"})
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            return [json.loads(line) for line in answer.read().decode().splitlines() if line]
        finally:
            connection.close()

    def test_a_handler_that_throws_keeps_its_text_to_the_log(self):
        with self.listener() as service:
            service.say("t", "bomb")
            wait_until(lambda: service.held(EVENTS, "t"), "it is held back")
            [held] = service.held(EVENTS, "t")
            self.assertIn("INTERNAL", held["error"])
            self.assertNotIn("explodes", held["error"])
            wait_until(lambda: "this text explodes" in service.logged(), "it is in the log")


class Administered(SubscriptionsTest):
    def test_nothing_is_told_without_the_token(self):
        with self.listener() as service:
            path = "/perdure.admin.v1.Subscriptions/List"
            for headers in [{}, {"authorization": "Bearer " + "0" * 64},
                            {"authorization": f"Basic {service.token}"}]:
                status, answer = service.http("POST", path, {}, headers, port="admin")
                self.assertEqual((status, answer.get("status")), (401, "UNAUTHENTICATED"), headers)
                self.assertEqual(set(answer), {"code", "status", "message"})
            status, answer = service.admin("Subscriptions", "List")
            self.assertEqual(status, 200)
            names = {one["name"] for one in answer["subscriptions"]}
            self.assertLessEqual({EVENTS, SAID, ECHOES, WORDS}, names)
            mode = (self.data / "listener" / "admin-token").stat().st_mode
            self.assertEqual(mode & 0o777, 0o600)
            # The service's own port does not have it at all.
            self.assertEqual(service.http("POST", path, {})[0], 404)
            status, answer = service.admin("Subscriptions", "Get", name="nobody")
            self.assertEqual((status, answer["status"]), (404, "NOT_FOUND"))
            self.assertIn(EVENTS, answer["message"])

    def test_one_that_is_paused_stays_so_until_it_is_resumed(self):
        with self.listener() as service:
            service.say("t", "heard")
            service.await_heard("event.t", ["1"])
            self.assertTrue(service.administer("Pause", EVENTS)["paused"])
            service.say("t", "while paused")
            service.await_heard("said.t", numbers(2))  # others go on
            self.assert_waits(service)
            service.kill()
        with self.listener() as service:
            service.say("t", "while paused, after a restart")
            service.await_heard("said.t", numbers(3))
            self.assert_waits(service)
            self.assertFalse(service.administer("Resume", EVENTS)["paused"])
            service.await_heard("event.t", numbers(3))

    def assert_waits(self, service):
        wait_until(lambda: service.subscription(EVENTS)["lag"] != "0", "it lags")
        self.assertTrue(service.subscription(EVENTS)["paused"])
        self.assertEqual(service.heard("event.t"), ["1"])

    def test_rewound_to_an_offset_it_takes_in_again_what_is_there(self):
        with self.listener("--shards", "1") as service:
            for text in ["a", "b", "c"]:
                service.publish("texts", "k", text)
            service.await_heard("word.k", ["text a", "text b", "text c"])
            [partition] = service.subscription(WORDS)["partitions"]
            self.assertEqual((partition["next"], partition["end"]), ("3", "3"))
            service.administer("Rewind", WORDS, offset=1, partition=0)
            service.await_heard("word.k", ["text a", "text b", "text c", "text b", "text c"])
            for request in [{"offset": 4}, {"offset": 0, "partition": 1}]:
                status, answer = service.admin("Subscriptions", "Rewind", name=WORDS, **request)
                self.assertEqual(status, 400, answer)

    def test_rewound_to_a_time_it_takes_in_again_what_came_since(self):
        with self.listener() as service:
            service.publish("texts", "k", "before")
            service.await_heard("word.k", ["text before"])
            time.sleep(0.01)  # of the clock that is rewound to
            since = time.time()
            time.sleep(0.01)
            for n in range(5):
                service.publish("texts", f"k{n}", "after")
                service.await_heard(f"word.k{n}", ["text after"])
            instant = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since))
            service.administer("Rewind", WORDS, time=f"{instant}.{int(since % 1 * 1000):03}Z")
            for n in range(5):
                service.await_heard(f"word.k{n}", ["text after"] * 2)
            self.assertEqual(service.heard("word.k"), ["text before"])

    def test_topics_are_listed(self):
        with self.listener("--shards", "2") as service:
            for n in range(6):
                service.publish("texts", f"k{n}", "a")
            status, answer = service.admin("Topics", "List")
            self.assertEqual(status, 200)
            [words] = [t for t in answer["topics"] if t["name"] == "words"]
            self.assertEqual(sum(int(p["end"]) for p in words["partitions"]), 6)
            self.assertEqual([p["first"] for p in words["partitions"]], ["0", "0"])


if __name__ == "__main__":
    LISTENER = sys.argv.pop(1)
    unittest.main()
