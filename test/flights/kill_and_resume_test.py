#!/usr/bin/env python3
"""A week of real flights, loaded into a server that is killed half way by a loader that is
interrupted before: the totals must be those of the CSV, aircraft by aircraft.

    kill_and_resume_test.py PATH_OF_THE_FLIGHTS_EXECUTABLE

Ends with 77, "skipped" to ctest, when the loader's libraries cannot be had.
"""

import contextlib
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

SKIPPED = 77
NOT_PREPARED = 69  # of scripts/flights-load
INTERRUPTED = 130
STOP_SECONDS = 60  # a bound on failure only; nothing here takes as long

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LOAD = ROOT / "scripts" / "flights-load"
TOTALS = ROOT / "scripts" / "flights-totals"


def expect(condition, text):
    if not condition:
        raise AssertionError(text)


class server:
    """The flights executable on a data folder; the first start picks ports, the next keep them."""

    PORTS = ("grpc", "http", "admin")

    def __init__(self, executable, data):
        self._command = [executable, "--data", str(data)]
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


def expect_totals_of_the_csv(output):
    compared = subprocess.run([TOTALS, "--week", "--compare", output])
    expect(compared.returncode == 0, "the totals are not those of the CSV")


def run(executable, folder, cleanup):
    served = server(executable, folder / "data")
    cleanup.callback(served.end)
    output = folder / "loaded.json"

    def load(*options):
        started = loader(served.target, output, *options)
        cleanup.callback(started.end)
        return started

    served.start()

    print("-- the loader is interrupted", flush=True)
    first = load()
    first.wait_for(25)
    first.interrupt()
    expect(first.finish() == INTERRUPTED, "an interrupted loader ends with 130")

    print("-- it goes on, and the server is killed under it", flush=True)
    second = load()
    second.wait_for(50)
    served.kill()
    served.start()
    expect(second.finish() == 0, "the loader outlives the server")
    expect(second.said("going on after [1-9]"), "the loader goes on where it was interrupted")
    expect(second.said("; [1-9][0-9,]* sent again"), "the kill interrupted commands")
    expect_totals_of_the_csv(output)

    print("-- every command is sent once more", flush=True)
    expect(load("--restart").finish() == 0, "commands may be sent again")
    expect_totals_of_the_csv(output)

    expect(served.stop() == 0, "the server stops in order")


def main():
    prepared = subprocess.run([LOAD, "--week", "--prepare"], stderr=subprocess.PIPE, text=True)
    if prepared.returncode == NOT_PREPARED:
        print(f"SKIPPED: {prepared.stderr}")
        return SKIPPED
    expect(prepared.returncode == 0, prepared.stderr)
    with contextlib.ExitStack() as cleanup:
        folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="perdure-flights-"))
        run(sys.argv[1], pathlib.Path(folder), cleanup)
    return 0


if __name__ == "__main__":
    sys.exit(main())
