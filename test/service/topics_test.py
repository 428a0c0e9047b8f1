"""Topics, actions and subscriptions of a whole process, with embedded topics, as its clients see
them.

usage: topics_test.py LISTENER_EXECUTABLE
"""

import http.client
import json
import os
import random
import sys
import time
import unittest

from harness import ServiceTest, wait_until
from listener import ECHOES, EVENTS, SAID, Listener, Load, numbers

LISTENER = None  # the command that starts the service

SEED = int(os.environ.get("PERDURE_SEED", random.randrange(1 << 32)))
KILLS = int(os.environ.get("PERDURE_SERVICE_KILLS", "12"))
TELLERS = 8
TIMES = 150


class TopicsTest(ServiceTest):
    def listener(self, *flags):
        return Listener([LISTENER], self.data / "listener", *flags)


class Once(TopicsTest):
    def test_each_event_takes_effect_once_and_in_order_through_kill_9(self):
        print("seed", SEED, flush=True)
        chosen = random.Random(SEED)
        tellers = [f"t{n}" for n in range(TELLERS)]
        running = [self.listener()]
        try:
            load = Load(lambda: running[0], tellers, ["b"], TIMES)
            for number in range(KILLS):
                load.await_acknowledged(load.total * (number + chosen.random()) / KILLS)
                time.sleep(chosen.random() / 50)  # dies at any point of what they set off
                running[0].kill()
                running[0].__exit__()
                running[0] = self.listener()
            load.join()
            self.assert_heard_once(running[0], tellers)
            # A start more adds nothing.
            self.assertEqual(running[0].terminate(), 0)
            running[0].__exit__()
            running[0] = self.listener()
            self.assert_heard_once(running[0], tellers)
        finally:
            running[0].__exit__()

    def assert_heard_once(self, service, tellers):
        for kind in ["event", "said", "echo"]:
            for name in tellers:
                service.await_heard(f"{kind}.{name}", numbers(TIMES))
        # Of a board each change is published; who reads the entity itself may see the latest only.
        service.await_heard("note.b", numbers(TIMES))
        # A change whose step was lost in a kill may be passed over afterwards: then it has been told
        # to the ear, which was awaited, but not to the stream.
        for kind in ["board", "stream"]:
            wait_until(lambda: (service.heard(f"{kind}.b") or [""])[-1] == str(TIMES),
                       "the latest change comes")
            heard = service.heard(f"{kind}.b")
            self.assertEqual(heard, sorted(set(heard), key=int))
        for name in [EVENTS, SAID, ECHOES]:
            wait_until(lambda: service.subscription(name)["lag"] == "0", "it is at the end")
            now = service.subscription(name)
            self.assertEqual((now["held"], now["problem"]), ("0", ""), now)


class Sources(TopicsTest):
    def test_events_and_their_deletion_come_in_order(self):
        with self.listener() as service:
            service.say("t", "a")
            service.done("POST", "/tellers/t:cough")  # of no interest
            service.say("t", "b")
            service.done("DELETE", "/tellers/t")
            service.say("t", "anew")
            for kind in ["event", "said"]:
                service.await_heard(f"{kind}.t", ["1", "2", "deleted", "1"])
            service.await_heard("echo.t", ["1", "2", "1"])
            self.assertEqual(service.held(SAID), [])

    def test_changes_come_in_order_and_the_latest_always(self):
        last = 50
        with self.listener() as service:
            for n in range(1, last + 1):
                service.write("b", str(n))
            for kind in ["board", "note", "stream"]:
                ear = f"{kind}.b"
                wait_until(lambda: service.heard(ear)[-1:] == [str(last)], "the latest comes")
                came = [int(text) for text in service.heard(ear)]
                self.assertEqual(came, sorted(set(came)), ear)
            service.done("DELETE", "/boards/b")
            for kind in ["board", "note"]:
                # Nobody takes deletions in from the topic.
                expected = "deleted" if kind == "board" else str(last)
                wait_until(lambda: service.heard(f"{kind}.b")[-1] == expected, "the deletion comes")
            service.write("b", "anew")
            for kind in ["board", "note", "stream"]:
                wait_until(lambda: service.heard(f"{kind}.b")[-1] == "anew", "it goes on")

    def test_a_topic_has_messages_of_several_kinds(self):
        with self.listener() as service:
            service.publish("words", "k", "typed")
            service.publish("words", "k", "in JSON", content_type="application/json")
            service.publish("texts", "k", "plain \u00fc")
            service.publish("bytes", "k", "four")
            service.await_heard(
                "word.k", ["word typed", "word in JSON", "text plain \u00fc", "bytes 4"])

    def test_slow_keys_hold_up_nobody_else(self):
        with self.listener() as service:
            for _ in range(10):
                service.say("slow", "slow")
            service.say("quick", "quick")
            service.await_heard("event.quick", ["1"])
            self.assertLess(len(service.heard("event.slow")), 10)
            service.await_heard("event.slow", numbers(10))


class Called(TopicsTest):
    def test_a_stream_over_http(self):
        with self.listener() as service:
            wanted = [{"value": n} for n in range(1, 6)]
            kind, body = self.get(service, "/numbers?to=5", {})
            self.assertEqual([json.loads(line) for line in body.splitlines()], wanted, kind)
            kind, body = self.get(service, "/numbers?to=5", {"accept": "text/event-stream"})
            self.assertTrue(kind.startswith("text/event-stream"), kind)
            data = [line[len("data:"):] for line in body.splitlines() if line.startswith("data:")]
            self.assertEqual([json.loads(one) for one in data if one.strip() != "{}"][:5], wanted)

    def get(self, service, path, headers):
        connection = http.client.HTTPConnection("127.0.0.1", service.ports["http"], timeout=60)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            return answer.getheader("content-type"), answer.read().decode()
        finally:
            connection.close()

    def test_what_is_sent_to_an_action_is_done_once_after_kill_9(self):
        calls = 40
        with self.listener() as service:
            accepted = []
            for n in range(calls):
                status, answer = service.http("POST", "/texts", {"key": "k", "text": str(n)},
                                              {"prefer": "respond-async"})
                self.assertEqual(status, 202, answer)
                accepted.append(answer["commandId"])
            service.kill()
        with self.listener() as service:
            wait_until(lambda: len(service.heard("word.k")) >= calls, "all are done")
            self.assertEqual(sorted(service.heard("word.k")),
                             sorted(f"text {n}" for n in range(calls)))
            for command in accepted:
                status, found = service.http("GET", f"/commands/{command}")
                self.assertEqual((status, found["state"]), (200, "DONE"))

    def test_it_is_called_at_each_start(self):
        for starts in [1, 2]:
            with self.listener() as service:
                service.await_heard("desk.open", ["opened"] * starts)
                self.assertEqual(service.terminate(), 0)


class Stopping(TopicsTest):
    def test_under_load_it_ends_in_time_and_goes_on_where_it_was(self):
        tellers = [f"t{n}" for n in range(4)]
        running = [self.listener()]
        try:
            load = Load(lambda: running[0], tellers, [], 200)
            for count in [100, 400]:
                load.await_acknowledged(count)
                begun = time.monotonic()
                self.assertEqual(running[0].terminate(), 0, running[0].logged()[-3000:])
                self.assertLess(time.monotonic() - begun, 20)
                running[0].__exit__()
                running[0] = self.listener()
            load.join()
            for name in tellers:
                for kind in ["event", "said", "echo"]:
                    running[0].await_heard(f"{kind}.{name}", numbers(200))
        finally:
            running[0].__exit__()


if __name__ == "__main__":
    LISTENER = sys.argv.pop(1)
    unittest.main()
