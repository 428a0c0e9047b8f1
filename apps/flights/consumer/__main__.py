"""Reads the topics of the flights sample from Kafka, as anybody may who knows CloudEvents.

Started by scripts/flights-watch, which provides the libraries and the contract. Nothing here is
Perdure's: a client of Kafka, protobuf, and the sample's .proto files.
"""

import argparse
import json
import pathlib
import sys

import checking
import cloud_event
import kafka
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError

INTERRUPTED = 130


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/flights-watch",
        description="Prints what the flights sample publishes to Kafka: the events of aircraft, and "
        "the alerts made of them.",
    )
    parser.add_argument(
        "--kafka",
        default="127.0.0.1:9092",
        metavar="HOST:PORT",
        help="where Kafka is (127.0.0.1:9092)",
    )
    parser.add_argument(
        "--topics",
        default="flights,alerts",
        metavar="NAME,NAME",
        help="what they are called there (flights,alerts)",
    )
    parser.add_argument(
        "--new", action="store_true", help="only what comes from now on, not what is there"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="read all that is there, print only counts and what is wrong: an event that is "
        "missing, doubled or out of order, a late flight without its alert",
    )
    parser.add_argument(
        "--idle",
        type=float,
        default=5,
        metavar="SECONDS",
        help="with --check: nothing for so long is the end (5)",
    )
    # Set by scripts/flights-watch.
    parser.add_argument("--descriptors", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.check and parsed.new:
        parser.error("--check begins with what is there; leave --new out")
    return parsed


class decoder:
    """From the payload of an event to a dictionary, by the type that the event names."""

    def __init__(self, descriptors):
        self._pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
            self._pool.Add(file)

    def decode(self, event):
        """Raises ValueError, which says why it cannot be done. None for a tombstone."""
        if event.payload is None:
            return None
        if event.content_type != "application/protobuf":
            raise ValueError(f"has the content type {event.content_type!r}, not protobuf's")
        try:
            type_ = self._pool.FindMessageTypeByName(event.type or "")
        except KeyError:
            raise ValueError(f"has the type {event.type!r}, which is not in the contract") from None
        try:
            message = message_factory.GetMessageClass(type_).FromString(event.payload)
        except DecodeError:
            raise ValueError(f"is no {event.type}") from None
        return json_format.MessageToDict(message, preserving_proto_field_name=True)


def say(text):
    print(f"flights-watch: {text}", file=sys.stderr, flush=True)


def consumer(options):
    return kafka.KafkaConsumer(
        *options.topics.split(","),
        bootstrap_servers=options.kafka.split(","),
        auto_offset_reset="latest" if options.new else "earliest",
        enable_auto_commit=False,
        # What a transaction has not committed is not there.
        isolation_level="read_committed",
        # A topic that is made later is found soon.
        metadata_max_age_ms=5000,
        consumer_timeout_ms=options.idle * 1000 if options.check else float("inf"),
    )


def show(event, message):
    number = f"#{event.sequence}" if event.sequence is not None else ""
    name = event.type.rsplit(".", 1)[-1]
    print(f"{event.topic:8} {event.key:8} {number:>5} {name:16} {json.dumps(message)}", flush=True)


def watch(options):
    contract = decoder(options.descriptors)
    checked = checking.checker()
    # A check tells all at its end.
    wrong = checked.problems.append if options.check else say
    with consumer(options) as source:
        for topic in sorted(set(options.topics.split(",")) - source.topics()):
            wrong(f"there is no topic {topic} at {options.kafka}")
        for record in source:
            event = cloud_event.of(record)
            try:
                message = contract.decode(event)
            except ValueError as error:
                wrong(f"{event.topic}/{event.place}: {error}")
                continue
            if options.check:
                checked.take(event, message)
            else:
                show(event, message)
    return report(checked)


def report(checked):
    """Only a check comes to an end by itself."""
    problems = checked.end()
    for topic, count in sorted(checked.events.items()):
        print(f"{topic:13} {count:>13,}")
    for problem in problems[:20]:
        say(problem)
    if len(problems) > 20:
        say(f"and {len(problems) - 20} more")
    return 1 if problems else 0


def main():
    options = arguments()
    try:
        return watch(options)
    except kafka.errors.KafkaError as error:
        say(f"Kafka at {options.kafka}: {error}")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
