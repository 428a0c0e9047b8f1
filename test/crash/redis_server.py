"""A redis-server that is killed and started again on the same folder and port."""

import pathlib
import shutil
import socket
import subprocess
import threading
import time

from violation import Violation

START_SECONDS = 30  # a bound on failure only


def is_installed():
    return shutil.which("redis-server") is not None


def _free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class RedisServer:
    """Answers once it is made. What it has acknowledged is on its disk."""

    def __init__(self, folder):
        self._folder = pathlib.Path(folder)
        self._folder.mkdir()
        self._lock = threading.Lock()
        self._restart = None  # a thread
        self._failed = None  # why it did not start
        self.port = _free_port()
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1",
             "--dir", str(self._folder), "--logfile", str(self._folder / "log"),
             "--save", "", "--appendonly", "yes", "--appendfsync", "always"])
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise Violation("start", f"redis-server does not start: see {self._folder}/log")
            time.sleep(0.005)

    def kill(self):
        """kill -9."""
        self._process.kill()
        self._process.wait()

    def kill_and_restart(self, after_seconds):
        """Returns when it is dead; it is back some time after that. Any thread."""
        with self._lock:
            self._await_restart()
            self.kill()
            self._restart = threading.Timer(after_seconds, self._start_again)
            self._restart.start()

    def await_restart(self):
        """Until nothing is to come of kill_and_restart()."""
        with self._lock:
            self._await_restart()

    def close(self):
        """However it is. Its folder stays."""
        if self._restart is not None:
            self._restart.join()
        self.kill()

    def _start_again(self):
        try:
            self.start()
        except Violation as why:
            self._failed = why

    def _await_restart(self):
        if self._restart is not None:
            self._restart.join()
            self._restart = None
        if self._failed is not None:
            raise self._failed

    def _answers(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as s:
                s.sendall(b"PING\r\n")
                return s.recv(100).startswith(b"+PONG")
        except OSError:
            return False
