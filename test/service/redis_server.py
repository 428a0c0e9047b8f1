"""A real Redis of a test's own, on a free port, with a folder of its own."""

import contextlib
import shutil
import signal
import socket
import subprocess

from harness import wait_until


def is_installed():
    return shutil.which("redis-server") is not None


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class RedisError(Exception):
    pass


class Redis:
    """As durable as the service wants it, unless `arguments` say otherwise. Ends with the `with`
    block."""

    def __init__(self, folder, *arguments, password=None):
        self.folder = folder
        self.arguments = arguments
        self.password = password
        self.process = None
        folder.mkdir()
        for _ in range(10):  # somebody else may take a free port before Redis has it
            self.port = free_port()
            with contextlib.suppress(AssertionError):
                self.start()
                return
        raise AssertionError("redis-server does not start: " + (folder / "log").read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.kill()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        """On the same port, with what its folder holds."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder,
             "--logfile", self.folder / "log", "--save", "", "--appendonly", "yes",
             "--appendfsync", "always",
             *(["--requirepass", self.password] if self.password else []), *self.arguments])

        def answers():
            if self.process.poll() is not None:
                raise AssertionError("it has ended")
            with contextlib.suppress(OSError, RedisError):
                return self.ask("PING") == "PONG"
        wait_until(answers, "redis-server answers")

    def kill(self):
        """kill -9, and waits until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def ask(self, *command):
        """The answer to a command: a string, an integer, None, or a list of these."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection, \
                connection.makefile("rwb") as stream:
            if self.password:
                call(stream, "AUTH", self.password)
            return call(stream, *command)


def call(stream, *command):
    stream.write(b"*%d\r\n" % len(command))
    for word in command:
        word = str(word).encode()
        stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
    stream.flush()
    return read_answer(stream)


def read_answer(stream):
    line = stream.readline()
    if not line:
        raise OSError("Redis has closed the connection")
    kind, rest = chr(line[0]), line[1:-2].decode()
    if kind == "-":
        raise RedisError(rest)
    if kind == "+":
        return rest
    if kind == ":":
        return int(rest)
    if kind == "$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode(errors="replace")
    return [read_answer(stream) for _ in range(int(rest))]
