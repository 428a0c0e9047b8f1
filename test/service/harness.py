"""Starts real executables on free ports and talks to them over real sockets."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SKIPPED = 77  # to ctest


class Service:
    """One process of a service. Ends with the `with` block, however that is left."""

    def __init__(self, command, data, *flags, env=None, cwd=None):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*command, "--data", str(data), "--grpc-port", "0", "--http-port", "0",
             "--admin-port", "0", *flags],
            stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=cwd,
            env={**os.environ, **(env or {})})
        self.ports = {}
        for line in self.process.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "ready":
                break
            self.ports[word] = int(rest.rpartition(":")[2])
        else:
            self.process.wait()
            raise AssertionError("did not start: " + self.logged())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()
        self.log.close()

    def kill(self):
        """kill -9, and waits until it is gone."""
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """SIGTERM; returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def logged(self):
        """What it has written to its log so far."""
        self.log.seek(0)
        return self.log.read()

    def http(self, method, path, body=None, headers=None, port="http", answered=None):
        """One request on a connection of its own: (status, parsed JSON or text). The headers of the
        answer, in lower case, go into the dictionary `answered`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=60)
        try:
            payload = json.dumps(body) if isinstance(body, (dict, list)) else body
            connection.request(method, path, body=payload, headers=headers or {})
            response = connection.getresponse()
            text = response.read().decode()
            if answered is not None:
                answered.update((name.lower(), value) for name, value in response.getheaders())
            is_json = response.getheader("content-type", "").startswith("application/json")
            return response.status, json.loads(text) if is_json else text
        finally:
            connection.close()

    def figure(self, name):
        """One of its metrics."""
        _, text = self.http("GET", "/metrics", port="admin")
        return next(int(line.split()[1]) for line in text.splitlines()
                    if line.startswith(name + " "))


def wait_until(holds, what, seconds=60):
    """Waits until `holds()` is true, and returns what it is; the bound is for failures only."""
    end = time.monotonic() + seconds
    while not (held := holds()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)
    return held


def skip_all(why):
    """Ends a test that cannot run on this machine, so that ctest counts it as skipped."""
    print("skipped:", why)
    sys.exit(SKIPPED)


def run_to_end(command, *flags):
    """Runs a command that is to end by itself: (exit code, stderr)."""
    done = subprocess.run([*command, *flags], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


class ServiceTest(unittest.TestCase):
    """A test with a data folder of its own."""

    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="perdure-test-"))
        self.addCleanup(shutil.rmtree, self.data, ignore_errors=True)
