"""Runs a real Kafka of a test's own, by scripts/kafka-local, and speaks to it as a foreign client
does: by kcat, and by librdkafka itself for what kcat cannot."""

import collections
import ctypes
import os
import pathlib
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KAFKA_LOCAL = ROOT / "scripts" / "kafka-local"
NOT_HAD = 69  # of scripts/kafka-local

Record = collections.namedtuple("Record", "partition offset key headers")


def why_not_kafka():
    """Why no broker can be run here; None when one can. Installs it where it is missing."""
    if shutil.which("kcat") is None:
        return "kcat is not installed"
    installed = subprocess.run([KAFKA_LOCAL, "install"], stderr=subprocess.PIPE, text=True)
    if installed.returncode == NOT_HAD:
        return installed.stderr.strip()
    assert installed.returncode == 0, installed.stderr
    return None


class Kafka:
    """One broker, with its data in `folder`. Ends with close(), or with this process.

    `arguments` are those of scripts/kafka-local start."""

    def __init__(self, folder, *arguments):
        self.folder = folder
        self.arguments = arguments
        self.address = None
        self.start()

    def start(self):
        """Again it has the same address, and its topics."""
        self.address = self._run("start", "--data", self.folder, "--port", "0", "--for", os.getpid(),
                                 *self.arguments).strip()

    def stop(self):
        self._run("stop", "--data", self.folder)

    def kill(self):
        """kill -9, and waits until it is gone."""
        self._run("stop", "--data", self.folder, "--kill")

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tool(self, name, *arguments):
        """One of Kafka's own tools, by its class; what it says."""
        return self._run("tool", "--data", self.folder, name, *arguments)

    def create_topic(self, name, partitions=1, **config):
        settings = [word for key, value in config.items()
                    for word in ["--config", f"{key.replace('_', '.')}={value}"]]
        self._topics("--create", "--topic", name, "--partitions", partitions, *settings)

    def add_partitions(self, name, total):
        self._topics("--alter", "--topic", name, "--partitions", total)

    def delete_topic(self, name):
        self._topics("--delete", "--topic", name)

    def delete_records(self, topic, partition, before):
        """As retention does: those in front of an offset are gone."""
        wanted = pathlib.Path(self.folder) / "delete.json"
        wanted.write_text('{"version": 1, "partitions": [{"topic": "%s", "partition": %d, "offset": %d}]}'
                          % (topic, partition, before))
        self.tool("org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file", wanted)

    def produce(self, topic, value, key=None, partition=None, **headers):
        """One record by kcat. `value` None is a null; headers with '_' for '-'."""
        command = ["kcat", "-P", "-b", self.address, "-t", topic,
                   "-X", "message.max.bytes=100000000"]
        if key is not None:
            command += ["-k", key]
        if partition is not None:
            command += ["-p", str(partition)]
        for name, text in headers.items():
            command += ["-H", f"{name.replace('_', '-')}={text}"]
        # A line that ends where no value does; with -Z an empty one is a null.
        command += ["-D", "\x1e", *(["-Z"] if value is None else [])]
        subprocess.run(command, input=(value or b"") + b"\x1e", check=True, capture_output=True,
                       timeout=60)

    def produce_at(self, topic, value, key, milliseconds, **headers):
        """The same with a timestamp of its own, which kcat does not know of."""
        produce_at(self.address, topic, value, key, milliseconds,
                   {name.replace("_", "-"): text for name, text in headers.items()})

    def read(self, topic):
        """All records of a topic that a reader of committed ones sees, as kcat shows them."""
        listed = subprocess.run(
            ["kcat", "-C", "-q", "-e", "-b", self.address, "-t", topic, "-o", "beginning",
             "-X", "isolation.level=read_committed", "-f", "%p\t%o\t%k\t%h\n"],
            capture_output=True, timeout=120)
        records = []
        for line in listed.stdout.decode().splitlines():
            partition, offset, key, headers = line.split("\t")
            attributes = dict(entry.split("=", 1) for entry in headers.split(",") if entry)
            records.append(Record(int(partition), int(offset), key, attributes))
        return records

    def _topics(self, *arguments):
        self._run("topics", "--data", self.folder, *arguments)

    def _run(self, *words):
        done = subprocess.run([KAFKA_LOCAL, *map(str, words)], capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout


# ----------------------------------------------------------------------------- librdkafka by hand

PRODUCER = 0
TOPIC, VALUE, KEY, FLAGS, TIMESTAMP, HEADER, END = 1, 4, 5, 7, 8, 9, 0
COPIED = 2


def produce_at(address, topic, value, key, milliseconds, headers):
    library = ctypes.CDLL("librdkafka.so.1")
    for name in ["rd_kafka_conf_new", "rd_kafka_new"]:
        getattr(library, name).restype = ctypes.c_void_p
    why = ctypes.create_string_buffer(256)
    conf = ctypes.c_void_p(library.rd_kafka_conf_new())
    library.rd_kafka_conf_set(conf, b"bootstrap.servers", address.encode(), why, len(why))
    client = ctypes.c_void_p(library.rd_kafka_new(PRODUCER, conf, why, ctypes.c_size_t(len(why))))
    assert client, why.value

    def bytes_of(text):
        return ctypes.c_char_p(text), ctypes.c_size_t(len(text))

    words = [TOPIC, ctypes.c_char_p(topic.encode()), VALUE, *bytes_of(value),
             KEY, *bytes_of(key.encode()), FLAGS, COPIED, TIMESTAMP, ctypes.c_int64(milliseconds)]
    for name, text in headers.items():
        words += [HEADER, ctypes.c_char_p(name.encode()), *bytes_of(text.encode())]
    failed = library.rd_kafka_producev(client, *words, END)
    left = library.rd_kafka_flush(client, 20_000)
    library.rd_kafka_destroy(client)
    assert (failed, left) == (0, 0), (failed, left)
