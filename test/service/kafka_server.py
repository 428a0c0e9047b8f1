"""Runs a real Kafka of a test's own, by scripts/kafka-local, and speaks to it as a foreign client
does: reads by kcat, and writes by librdkafka itself."""

import collections
import ctypes
import json
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
        self.address = self._run("start", "--data", self.folder, "--port", "0",
                                 "--for", os.getpid(), *self.arguments).strip()

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
        place = {"topic": topic, "partition": partition, "offset": before}
        wanted.write_text(json.dumps({"version": 1, "partitions": [place]}))
        self.tool("org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file", wanted)

    def produce(self, topic, value, key=None, partition=-1, milliseconds=0, **headers):
        """One record. `value` None is a null; `milliseconds` its time, if not now; headers with '_'
        for '-'."""
        produce(self.address, topic, value, key, partition, milliseconds,
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


# -------------------------------------------------------------------------------- librdkafka
# kcat writes neither empty records nor times of one's own.

PRODUCER = 0
END, TOPIC, PARTITION, VALUE, KEY, FLAGS, TIMESTAMP, HEADER = 0, 1, 3, 4, 5, 7, 8, 9
COPIED = 2


def produce(address, topic, value, key, partition, milliseconds, headers):
    library = ctypes.CDLL("librdkafka.so.1")
    library.rd_kafka_conf_new.restype = library.rd_kafka_new.restype = ctypes.c_void_p
    why = ctypes.create_string_buffer(256)
    conf = ctypes.c_void_p(library.rd_kafka_conf_new())
    for name, text in {"bootstrap.servers": address, "message.max.bytes": "100000000"}.items():
        library.rd_kafka_conf_set(conf, name.encode(), text.encode(), why, ctypes.c_size_t(256))
    client = ctypes.c_void_p(library.rd_kafka_new(PRODUCER, conf, why, ctypes.c_size_t(256)))
    assert client, why.value

    def counted(given):
        return ctypes.c_char_p(given), ctypes.c_size_t(len(given or b""))

    words = [TOPIC, ctypes.c_char_p(topic.encode()), PARTITION, partition, VALUE, *counted(value),
             KEY, *counted(key and key.encode()), FLAGS, COPIED,
             TIMESTAMP, ctypes.c_int64(milliseconds)]
    for name, text in headers.items():
        words += [HEADER, ctypes.c_char_p(name.encode()), *counted(text.encode())]
    failed = library.rd_kafka_producev(client, *words, END)
    left = library.rd_kafka_flush(client, 60_000)
    library.rd_kafka_destroy(client)
    assert (failed, left) == (0, 0), (failed, left)
