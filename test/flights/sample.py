"""The flights sample and its loader, as the tests of this folder start, kill and interrupt them."""

import contextlib
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

SKIPPED = 77
NOT_PREPARED = 69  # of scripts/flights-load
INTERRUPTED = 130
STOP_SECONDS = 60  # a bound on failure only; nothing here takes as long
SETTLED_SECONDS = 120  # the same

# What the week leads to: a message for each flight, and an alert for each that was very late.
MESSAGES = {"flights": 5759, "alerts": 117}

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOAD = ROOT / "scripts" / "flights-load"


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


def expect_soon(what, wanted, text):
    """`what()` comes to `wanted`, and is told as `text` when it does not."""
    bound = time.monotonic() + SETTLED_SECONDS
    while (came := what()) != wanted:
        expect(time.monotonic() < bound, f"{text}: expected {wanted}, came {came}")
        time.sleep(0.1)


def main(run, prepared=lambda: None):
    """`run(executable, folder, cleanup)` once the loader is prepared; SKIPPED where it cannot be."""
    done = subprocess.run([LOAD, "--week", "--prepare"], stderr=subprocess.PIPE, text=True)
    if done.returncode == NOT_PREPARED:
        print(f"SKIPPED: {done.stderr}")
        return SKIPPED
    expect(done.returncode == 0, done.stderr)
    prepared()
    with contextlib.ExitStack() as cleanup:
        folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="perdure-flights-"))
        run(sys.argv[1], pathlib.Path(folder), cleanup)
    return 0


class server:
    """The flights executable on a data folder; the first start picks ports, the next keep them."""

    PORTS = ("grpc", "http", "admin")

    def __init__(self, executable, data, *options):
        self._command = [executable, "--data", str(data), *options]
        self._data = data
        self._ports = dict.fromkeys(self.PORTS, 0)
        self._running = None

    @property
    def target(self):
        return f"127.0.0.1:{self._ports['grpc']}"

    def start(self):
        flags = [
            flag for name, port in self._ports.items() for flag in (f"--{name}-port", str(port))
        ]
        self._running = subprocess.Popen(self._command + flags, stdout=subprocess.PIPE, text=True)
        for line in self._running.stdout:
            if line.strip() == "ready":
                return
            if address := re.fullmatch(r"(\w+) \S+:(\d+)\n", line):
                self._ports[address[1]] = int(address[2])
        raise AssertionError(f"the server ended with {self._running.wait()} before it was ready")

    @property
    def http_target(self):
        return f"127.0.0.1:{self._ports['http']}"

    def open(self, path, body=None, headers={}):
        """What HTTP answers, to be read: of a GET, or a POST with a body of JSON."""
        return self._opened(f"http://{self.http_target}{path}", headers, body)

    def get(self, path):
        with self.open(path) as answer:
            return json.load(answer)

    def post(self, path, body):
        with self.open(path, body) as answer:
            return json.load(answer)

    def admin(self, rpc, request):
        """What the admin port answers: "Views/Get"."""
        token = (self._data / "admin-token").read_text().strip()
        url = f"http://127.0.0.1:{self._ports['admin']}/perdure.admin.v1.{rpc}"
        with self._opened(url, {"authorization": f"Bearer {token}"}, request) as answer:
            return json.load(answer)

    def messages(self):
        """How many there are in each embedded topic."""
        return {
            topic["name"]: sum(int(p["end"]) for p in topic["partitions"])
            for topic in self.admin("Topics/List", {})["topics"]
        }

    @staticmethod
    def _opened(url, headers, body):
        request = urllib.request.Request(url, headers=headers)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("content-type", "application/json")
        # The process is on this machine: never by way of a proxy.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return opener.open(request, timeout=STOP_SECONDS)

    def kill(self):
        self._running.kill()
        self._running.wait()

    def stop(self):
        self._running.terminate()
        return self._running.wait(STOP_SECONDS)

    def end(self):
        if self._running is not None and self._running.poll() is None:
            self.kill()


class loader:
    """scripts/flights-load on the week; its totals go to a file, its progress to the caller."""

    def __init__(self, target, output, *options):
        # Few in flight, so that what is under way when it is stopped is a small part of the week.
        command = [LOAD, "--week", "--json", "--in-flight", "16", "--target", target, *options]
        with open(output, "w") as stdout:
            self._running = subprocess.Popen(
                command, stdout=stdout, stderr=subprocess.PIPE, text=True
            )
        self.lines = []

    def wait_for(self, percent):
        """Until so much of the week is acknowledged."""
        for line in self._read():
            shown = re.search(r"\((\d+) %\)", line)
            if shown and int(shown[1]) >= percent:
                expect(int(shown[1]) < 100, f"all was sent before {percent} % were noticed")
                return
        raise AssertionError(f"the loader ended before {percent} %")

    def interrupt(self):
        self._running.send_signal(signal.SIGINT)

    def finish(self):
        """Its exit code."""
        for _ in self._read():
            pass
        return self._running.wait()

    def said(self, pattern):
        return any(re.search(pattern, line) for line in self.lines)

    def end(self):
        if self._running.poll() is None:
            self._running.kill()
            self._running.wait()

    def _read(self):
        for line in self._running.stderr:
            print(line, end="", flush=True)
            self.lines.append(line)
            yield line
