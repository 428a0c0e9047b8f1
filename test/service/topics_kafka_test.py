"""The listener with its topics in a real Kafka: what becomes of each event when the service or the
broker dies or the broker is away, and what a foreign client may write there.

usage: topics_kafka_test.py LISTENER_EXECUTABLE EAVESDROPPER_EXECUTABLE
"""

import collections
import json
import os
import random
import sys
import tempfile
import time
import unittest

from harness import Service, ServiceTest, skip_all, wait_until
from kafka_server import Kafka, why_not_kafka
from listener import WORDS, Listener, Load, numbers

LISTENER = None  # the commands that start the services
EAVESDROPPER = None

SEED = int(os.environ.get("PERDURE_SEED", random.randrange(1 << 32)))
SERVICE_KILLS = int(os.environ.get("PERDURE_SERVICE_KILLS", "6"))
BROKER_KILLS = int(os.environ.get("PERDURE_BROKER_KILLS", "3"))
AWAY_SECONDS = float(os.environ.get("PERDURE_AWAY_SECONDS", "5"))
TELLERS = 6
TIMES = 120

KAFKAS = "org.apache.kafka"  # classes


class KafkaTest(ServiceTest):
    """Has a broker of its own, and topics of a name of its own in each test."""

    ARGUMENTS = []

    @classmethod
    def setUpClass(cls):
        cls.kafka = Kafka(tempfile.mkdtemp(prefix="perdure-kafka-"), *cls.ARGUMENTS)
        cls.addClassCleanup(cls.kafka.close)
        cls.cases = 0

    def setUp(self):
        super().setUp()
        type(self).cases += 1
        self.prefix = f"case{self.cases}."

    def listener(self, *flags):
        return Listener([LISTENER], self.data / "listener", *self.flags(), *flags)

    def flags(self):
        return ["--topics", "kafka", "--kafka", self.kafka.address, "--shards", "4",
                "--kafka-topic-pattern", self.prefix + "{topic}"]

    def backlog(self, service):
        status, topics = service.admin("Topics", "List")
        self.assertEqual(status, 200, topics)
        return int(topics["relayBacklog"])

    def assert_heard_once(self, service, names, times):
        for kind in ["event", "said", "echo"]:
            for name in names:
                service.await_heard(f"{kind}.{name}", numbers(times), seconds=120)

    def assert_stands_once(self, topic, counts):
        """As a foreign client reads it: of each key so many, none twice, in one partition."""
        ids = collections.defaultdict(list)
        partitions = collections.defaultdict(set)
        records = self.kafka.read(self.prefix + topic)
        for record in records:
            ids[record.key].append(record.headers["ce-id"])
            partitions[record.key].add(record.partition)
            self.assertEqual(record.headers["ce-subject"], record.key)
        self.assertEqual({key: len(all_ids) for key, all_ids in ids.items()}, counts)
        for key, all_ids in ids.items():
            self.assertEqual(len(set(all_ids)), len(all_ids), key)
            self.assertEqual(len(partitions[key]), 1, key)
        return records

    def assert_in_order(self, records, counts):
        """These are events of entities, which are numbered."""
        for key, count in counts.items():
            self.assertEqual([r.headers["ce-sequence"] for r in records if r.key == key],
                             numbers(count), key)


class Once(KafkaTest):
    def test_each_event_takes_effect_once_though_service_and_broker_are_killed(self):
        print("seed", SEED, flush=True)
        chosen = random.Random(SEED)
        names = [f"t{n}" for n in range(TELLERS)]
        running = [self.listener()]

        def kill_service():
            running[0].kill()
            running[0].__exit__()
            running[0] = self.listener()

        def kill_broker():
            self.kafka.kill()
            self.kafka.start()

        deeds = [kill_service] * SERVICE_KILLS + [kill_broker] * BROKER_KILLS
        chosen.shuffle(deeds)
        try:
            load = Load(lambda: running[0], names, [], TIMES)
            for number, deed in enumerate(deeds):
                load.await_acknowledged(load.total * (number + chosen.random()) / len(deeds))
                time.sleep(chosen.random() / 10)  # dies at any point of what they set off
                deed()
            load.join()
            self.assert_heard_once(running[0], names, TIMES)
            wait_until(lambda: self.backlog(running[0]) == 0, "all is relayed")
            counts = dict.fromkeys(names, TIMES)
            self.assert_in_order(self.assert_stands_once("said", counts), counts)
            self.assert_stands_once("echoes", counts)
            self.assertEqual(running[0].terminate(), 0, running[0].logged()[-3000:])
        finally:
            running[0].__exit__()

    def test_away_under_load_no_command_fails_and_all_arrives(self):
        names = [f"t{n}" for n in range(4)]
        with self.listener() as service:
            service.say("before", "hello")
            service.await_heard("said.before", ["1"])
            self.kafka.kill()
            gone = time.monotonic()
            counts = dict.fromkeys(names, 0)
            while time.monotonic() < gone + AWAY_SECONDS:
                for name in names:
                    counts[name] += 1
                    self.assertEqual(service.say(name, "meanwhile"), counts[name])
            times = counts[names[0]]
            self.assertGreaterEqual(self.backlog(service), times * len(names))
            wait_until(lambda: any("wait for Kafka" in w for w in service.warnings()),
                       "it says what is the matter")
            self.assertEqual(service.heard("said.t0"), [])
            service.await_heard("event.t0", numbers(times))  # needs no Kafka
            self.kafka.start()
            self.assert_heard_once(service, names, times)
            wait_until(lambda: self.backlog(service) == 0, "all is relayed")
            counts["before"] = 1
            self.assert_in_order(self.assert_stands_once("said", counts), counts)
            wait_until(lambda: not any("wait for Kafka" in w for w in service.warnings()),
                       "it is well again")
            self.assertLess(len(service.logged().splitlines()), 60, service.logged()[-5000:])

    def test_another_service_hears_what_is_published_for_it(self):
        with self.listener() as service, \
                Service([EAVESDROPPER], self.data / "eavesdropper", *self.flags()) as other:
            for text in ["a", "b", "c"]:
                service.write("board", text)
                wait_until(lambda: service.heard("board.board")[-1:] == [text], "it is heard")

            def lines():
                return other.http("GET", "/logs/board")[1].get("texts", [])

            wait_until(lambda: len(lines()) >= 3, "the other service hears")
            self.assertEqual(lines(), ["a", "b", "c"])


class ForeignWriter(KafkaTest):
    """Whatever is written to the topic, it is parked or says what it is, and others go on."""

    # Who writes first makes the topic; who reads does not. Nothing is too large or of a wrong time.
    ARGUMENTS = ["--set", "auto.create.topics.enable=true", "--set", "message.max.bytes=10000000",
                 "--set", f"log.message.timestamp.after.max.ms={(1 << 63) - 1}"]

    def setUp(self):
        super().setUp()
        self.words = self.prefix + "words"

    def word(self, key, text):
        self.kafka.produce(self.words, json.dumps({"text": text}).encode(), key,
                           ce_type="listener.Word", ce_datacontenttype="application/json")

    def await_parked(self, service, key, *words):
        """Its key has one message that is parked, with all these words in its error."""
        wait_until(lambda: [m for m in service.held(WORDS, key) if m["parked"]], f"{key} is parked")
        [held] = service.held(WORDS, key)
        for word in words:
            self.assertIn(word, held["error"])
        return held

    def assert_others_go_on(self, service, key="others"):
        before = service.heard(f"word.{key}")
        self.word(key, "hello")
        service.await_heard(f"word.{key}", before + ["word hello"])
        self.assertEqual(service.subscription(WORDS)["problem"], "")

    def test_messages_that_can_be_read(self):
        with self.listener() as service:
            self.word("json", "a")
            self.kafka.produce(self.words, b'{"text": "b", "not": {"known": [1]}}', "json",
                               ce_type="listener.Word", content_type="application/json")
            self.kafka.produce(self.words, b'{"text": "c"}', "json",
                               content_type="application/json")
            service.await_heard("word.json", ["word a", "word b", "word c"])

            self.kafka.produce(self.words, b"\n\x01p", "proto", ce_type="listener.Word",
                               content_type="application/protobuf")
            self.kafka.produce(self.words, b"\n\x01q", "proto",
                               ce_type="type.googleapis.com/listener.Word",
                               ce_datacontenttype="application/protobuf")
            service.await_heard("word.proto", ["word p", "word q"])

            self.kafka.produce(self.words, b"no headers", "plain")
            self.kafka.produce(self.words, b"text", "plain", content_type="text/plain")
            self.kafka.produce(self.words, None, "plain")
            self.kafka.produce(self.words, b"", "plain")
            service.await_heard("word.plain", ["bytes 10", "text text", "deleted", "bytes 0"])

            event = {"specversion": "1.0", "id": "1", "source": "elsewhere",
                     "type": "listener.Word", "subject": "structured", "data": {"text": "s"}}
            self.kafka.produce(self.words, json.dumps(event).encode(), "structured",
                               content_type="application/cloudevents+json")
            service.await_heard("word.structured", ["word s"])
            self.kafka.produce(self.words, b"nobody's", None)
            service.await_heard("word.", ["bytes 8"])
            self.assertEqual(service.held(WORDS), [])

    def test_messages_that_cannot_be_read_are_parked(self):
        with self.listener() as service:
            bad = {
                "type": ((b"\n\x01p", {"ce_type": "listener.Wrod",
                                        "content_type": "application/protobuf"}),
                         ["listener.Wrod"]),
                "proto": ((b"\xff\xff", {"ce_type": "listener.Word",
                                         "content_type": "application/protobuf"}),
                          ["listener.Word", "protobuf"]),
                "untyped": ((b"\xff\xff", {"ce_type": "listener.Word"}), ["listener.Word"]),
                "json": ((b'{"text": ', {"ce_type": "listener.Word",
                                         "content_type": "application/json"}), ["listener.Word"]),
                "json-type": ((b'{"text": {}}', {"ce_type": "listener.Word",
                                                 "content_type": "application/json"}),
                              ["listener.Word"]),
                "text": ((b"\xff", {"content_type": "text/plain"}), ["UTF-8"]),
                "structured": ((b'{"id": "1"', {"content_type": "application/cloudevents+json"}),
                               ["application/cloudevents+json"]),
            }
            for key, ((value, headers), _) in bad.items():
                self.kafka.produce(self.words, value, key, **headers)
            for key, (_, words) in bad.items():
                held = self.await_parked(service, key, *words)
                self.assertEqual((held["topic"], held["partition"]), ("words", 0))
                # A header that it had not is not made up.
                self.assertEqual("content-type" in held["headers"], key != "untyped", held)
            self.assert_others_go_on(service)
            wait_until(lambda: service.subscription(WORDS)["lag"] == "0", "it is at the end")
            self.assertEqual(service.subscription(WORDS)["parked"], str(len(bad)))
            # What is behind one of them waits, until that is skipped.
            self.word("json", "behind it")
            wait_until(lambda: len(service.held(WORDS, "json")) == 2, "it waits")
            service.administer("Skip", WORDS, key="json",
                               number=service.held(WORDS, "json")[0]["number"])
            service.await_heard("word.json", ["word behind it"])

    def test_a_large_record(self):
        with self.listener() as service:
            self.kafka.produce(self.words, b"x" * (5 << 20), "large")
            self.assert_others_go_on(service)
            wait_until(lambda: service.heard("word.large") or service.held(WORDS, "large"),
                       "it is taken in, or parked")
            self.assertEqual(service.heard("word.large"), [f"bytes {5 << 20}"])

    def test_times_that_make_no_sense(self):
        with self.listener() as service:
            for key, milliseconds in [("negative", -5000), ("none", -1), ("first", 1),
                                      ("future", 253402300800000), ("far", 1 << 62)]:
                self.kafka.produce(self.words, b"t", key, milliseconds=milliseconds,
                                   content_type="text/plain")
                self.kafka.produce(self.words, b"t", key, content_type="text/plain",
                                   ce_time="no time at all")
                service.await_heard(f"word.{key}", ["text t", "text t"])
            # They may be parked and shown as well.
            self.kafka.produce(self.words, b"\xff", "parked", milliseconds=1 << 62,
                               content_type="text/plain")
            self.assertNotIn("time", self.await_parked(service, "parked", "UTF-8"))
            self.assert_others_go_on(service)

    def test_a_topic_that_is_not_there_yet(self):
        with self.listener() as service:
            service.say("t", "others go on")
            service.await_heard("echo.t", ["1"])
            wait_until(lambda: service.subscription(WORDS)["problem"], "it says what is the matter")
            self.assertIn(self.words, service.subscription(WORDS)["problem"])
            self.assertTrue(self.warnings(service))
            self.word("k", "hello")
            service.await_heard("word.k", ["word hello"])
            wait_until(lambda: not self.warnings(service), "it is well again")

    def warnings(self, service):
        return [w for w in service.warnings() if WORDS in w]

    def test_partitions_are_added_while_it_runs(self):
        with self.listener() as service:
            self.assert_others_go_on(service)
            self.kafka.add_partitions(self.words, 3)
            for partition in range(3):
                self.kafka.produce(self.words, b"t", f"p{partition}", partition,
                                   content_type="text/plain")
                service.await_heard(f"word.p{partition}", ["text t"])
            self.assertEqual(len(service.subscription(WORDS)["partitions"]), 3)

    def test_a_topic_that_is_deleted_and_made_again(self):
        with self.listener() as service:
            for _ in range(3):
                self.assert_others_go_on(service)
            self.kafka.delete_topic(self.words)
            wait_until(lambda: service.subscription(WORDS)["problem"], "it says what is the matter")
            service.say("t", "others go on")
            service.await_heard("echo.t", ["1"])
            # The same places as before, and other messages.
            for text in ["a", "b"]:
                self.word("others", text)
            service.await_heard("word.others", ["word hello"] * 3 + ["word a", "word b"])
            wait_until(lambda: service.subscription(WORDS)["problem"] == "", "it is well again")

    def test_what_retention_has_taken_is_told(self):
        with self.listener() as service:
            self.assert_others_go_on(service)
            service.administer("Pause", WORDS)
            service.kill()  # with what it has read ahead
        for n in range(10):
            self.word("k", str(n))
        self.kafka.delete_records(self.words, 0, 5)
        with self.listener() as service:
            service.administer("Resume", WORDS)
            service.await_heard("word.k", [f"word {n}" for n in range(4, 10)])
            wait_until(lambda: "4 offsets were dropped there before they were read" in
                       service.logged(), "it says so")
            self.assert_others_go_on(service)


class Denied(KafkaTest):
    # Everybody is ANONYMOUS here, and may do what no rule is about.
    ARGUMENTS = ["--set", f"authorizer.class.name={KAFKAS}.metadata.authorizer.StandardAuthorizer",
                 "--set", "allow.everyone.if.no.acl.found=true"]

    def test_a_topic_that_may_not_be_read(self):
        words = self.prefix + "words"
        self.kafka.create_topic(words)
        rule = ["--deny-principal", "User:ANONYMOUS", "--operation", "Read", "--topic", words]
        self.kafka.tool(f"{KAFKAS}.tools.AclCommand", "--add", *rule)
        with self.listener() as service:
            wait_until(lambda: service.subscription(WORDS)["problem"], "it says what is the matter")
            self.assertIn("uthori", service.subscription(WORDS)["problem"])
            service.say("t", "others go on")
            service.await_heard("echo.t", ["1"])
            self.kafka.tool(f"{KAFKAS}.tools.AclCommand", "--remove", "--force", *rule)
            self.kafka.produce(words, b"t", "k", content_type="text/plain")
            service.await_heard("word.k", ["text t"])
            wait_until(lambda: service.subscription(WORDS)["problem"] == "", "it is well again")


if __name__ == "__main__":
    EAVESDROPPER = sys.argv.pop(2)
    LISTENER = sys.argv.pop(1)
    if reason := why_not_kafka():
        skip_all(reason)
    unittest.main()
