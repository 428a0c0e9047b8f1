#!/usr/bin/env python3
"""What aircraft do, as a consumer of Kafka sees it: a week of real flights is loaded into a server
that publishes to a Kafka and is killed half way; then scripts/flights-watch must find each event
once and in order, and one alert for each flight that was very late.

    topics_test.py PATH_OF_THE_FLIGHTS_EXECUTABLE

Ends with 77, "skipped" to ctest, when a Kafka or the libraries cannot be had.
"""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from sample import (
    LOAD,
    MESSAGES,
    NOT_PREPARED,
    ROOT,
    SKIPPED,
    expect,
    expect_soon,
    loader,
    server,
)

KAFKA = ROOT / "scripts" / "kafka-local"
WATCH = ROOT / "scripts" / "flights-watch"


def prepare(*command):
    """False where what is needed cannot be had."""
    done = subprocess.run(command, check=False)
    expect(done.returncode in (0, NOT_PREPARED), f"{command[0].name} ended with {done.returncode}")
    return done.returncode == 0


def start_kafka(data):
    started = subprocess.run(
        [KAFKA, "start", "--port", "0", "--data", data, "--heap", "256m", "--for", str(os.getpid())],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return started.stdout.strip()


def watched(kafka):
    """What flights-watch --check counts, by topic, and what it finds wrong."""
    done = subprocess.run(
        [WATCH, "--check", "--idle", "3", "--kafka", kafka],
        capture_output=True,
        text=True,
        check=False,
    )
    counts = dict(re.findall(r"^(\S+) +([\d,]+)$", done.stdout, re.MULTILINE))
    return {topic: int(count.replace(",", "")) for topic, count in counts.items()}, done.stderr


def run(executable, folder, cleanup):
    kafka = start_kafka(folder / "kafka")
    cleanup.callback(subprocess.run, [KAFKA, "stop", "--data", folder / "kafka"], check=False)
    served = server(executable, folder / "data", "--topics", "kafka", "--kafka", kafka)
    cleanup.callback(served.end)
    served.start()

    print("-- the server is killed while it publishes", flush=True)
    loading = loader(served.target, folder / "loaded.json")
    cleanup.callback(loading.end)
    loading.wait_for(75)  # flights are the second half
    served.kill()
    served.start()
    expect(loading.finish() == 0, "the loader outlives the server")

    print("-- what a consumer reads", flush=True)
    expect_soon(lambda: watched(kafka), (MESSAGES, ""), "what flights-watch --check counts, and says")
    expect(served.stop() == 0, "the server stops in order")


def main():
    needed = ([KAFKA, "install"], [LOAD, "--week", "--prepare"], [WATCH, "--prepare"])
    if not all(prepare(*command) for command in needed):
        print("SKIPPED: there is no Kafka, or no client of it")
        return SKIPPED
    with contextlib.ExitStack() as cleanup:
        folder = cleanup.enter_context(tempfile.TemporaryDirectory(prefix="perdure-flights-"))
        run(sys.argv[1], pathlib.Path(folder), cleanup)
    return 0


if __name__ == "__main__":
    sys.exit(main())
