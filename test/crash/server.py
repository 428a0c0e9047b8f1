"""The process under test: started, watched, killed."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time

from violation import Violation

START_SECONDS = 120  # a bound on failure only, also with sanitizers on a busy machine


class Server:
    """One process on a data folder. Ready, or dead, once it is made."""

    def __init__(self, number, executable, data, dies_at="", fault="", settings=()):
        self.number = number
        began = time.monotonic()
        self._log = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(
            [executable, "--data", str(data), "--grpc-port", "0", "--http-port", "0",
             "--admin-port", "0", "--log-level", "warning", *settings],
            env={**os.environ, "CRASH_AT": dies_at, "CRASH_FAULT": fault},
            stdout=subprocess.PIPE, stderr=self._log, text=True)
        self.port = None
        self._admin_port = None
        self._admin_token = pathlib.Path(data) / "admin-token"
        self.died_at = None  # "<point> <way>", as it has said itself
        self.failed_at = None  # the point at which its disk has failed
        self.is_dead = threading.Event()
        self._started = threading.Event()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        if not self._started.wait(START_SECONDS):
            self.kill()
            raise Violation("hang", f"it was not ready after {START_SECONDS} s: {self.logged()}")
        self.start_seconds = time.monotonic() - began

    @property
    def is_ready(self):
        """False when it died before it could be called."""
        return self.port is not None

    def kill(self):
        """kill -9, from outside."""
        self._process.kill()

    def pull_the_plug(self):
        self._process.send_signal(signal.SIGUSR1)

    def await_death(self):
        """What it died of: "<point> <way>", or "outside kill"."""
        self.is_dead.wait()
        self._reader.join()
        code = self._process.wait()
        if code != -signal.SIGKILL:
            kind = "crash" if self.is_ready else "start"
            raise Violation(kind, f"it ended by itself with {code}: {self.logged()}")
        self._log.close()
        return self.died_at or "outside kill"

    def subscriptions(self):
        """All of its subscriptions, as the admin API tells of them."""
        admin = http.client.HTTPConnection("127.0.0.1", self._admin_port, timeout=START_SECONDS)
        with contextlib.closing(admin):
            token = self._admin_token.read_text().strip()
            admin.request("GET", "/admin/v1/subscriptions",
                          headers={"authorization": f"Bearer {token}"})
            response = admin.getresponse()
            answer = json.loads(response.read())
        if response.status != 200:
            raise Violation("answer", f"the subscriptions: {response.status} {answer}")
        return answer.get("subscriptions", [])

    def stop(self):
        """SIGTERM: it must end in order."""
        self._process.terminate()
        self._reader.join()
        code = self._process.wait()
        if code != 0:
            raise Violation("crash", f"after SIGTERM it ended with {code}: {self.logged()}")
        self._log.close()

    def close(self):
        """However it is."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()

    def logged(self):
        self._log.seek(0)
        return self._log.read()[-4000:]

    def _read(self):
        port = None
        for line in self._process.stdout:
            if found := re.fullmatch(r"http \S+:(\d+)\n", line):
                port = int(found[1])
            elif found := re.fullmatch(r"admin \S+:(\d+)\n", line):
                self._admin_port = int(found[1])
            elif line == "ready\n":
                self.port = port
                self._started.set()
            elif found := re.fullmatch(r"died (\w+ \w+)\n", line):
                self.died_at = found[1]
            elif found := re.fullmatch(r"failed (\w+)\n", line):
                self.failed_at = found[1]
        self._process.stdout.close()
        self._process.wait()
        self.is_dead.set()
        self._started.set()


def logged_lines(executable, data):
    """What stands in the logs and the topic of a data folder that no process has open: the lines of
    crash_log, each as its words and numbers, of which an entry is the last."""
    printed = subprocess.run([executable, str(data)], capture_output=True, text=True, check=False)
    if printed.returncode != 0:
        raise Violation("log", f"the log cannot be read: {printed.stderr}")
    for line in printed.stdout.splitlines():
        yield [int(word) if word.isdigit() else word for word in line.split(" ", 6)]
