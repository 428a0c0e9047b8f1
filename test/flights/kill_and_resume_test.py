#!/usr/bin/env python3
"""A week of real flights, loaded into a server that is killed half way by a loader that is
interrupted before: the totals must be those of the CSV, aircraft by aircraft, each flight and each
alert stands once in its topic, and all that is known beside flights is there.

    kill_and_resume_test.py PATH_OF_THE_FLIGHTS_EXECUTABLE

Ends with 77, "skipped" to ctest, when the loader's libraries cannot be had.
"""

import subprocess
import sys

from sample import INTERRUPTED, MESSAGES, ROOT, expect, expect_soon, loader, main, server

TOTALS = ROOT / "scripts" / "flights-totals"


# As the CSV has them; NA is absent.
REFERENCE = {
    "/airlines/B6": {"carrier": "B6", "name": "JetBlue Airways"},
    "/airports/EEN": {
        "faa": "EEN",
        "name": "Dillant Hopkins Airport",
        "lat": 72.270833,
        "lon": 42.898333,
        "alt": 149,
        "tz": -5,
        "dst": "A",
    },
    "/planes/N14558": {
        "tailNumber": "N14558",
        "type": "Fixed wing multi engine",
        "manufacturer": "EMBRAER",
        "model": "EMB-145LR",
        "engines": 2,
        "seats": 55,
        "engine": "Turbo-fan",
    },
    "/weather/EWR/2013-02-08T15:00:00Z": {
        "origin": "EWR",
        "timeHour": "2013-02-08T15:00:00Z",
        "date": "2013-02-08",
        "hour": 10,
        "temp": 35.6,
        "dewp": 33.8,
        "humid": 93.08,
        "windDir": 40,
        "windSpeed": 16.11092,
        "precip": 0.04,
        "visib": 5,
    },
}


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

    # The first half of all rows is airlines, airports, planes and weather.
    for percent in (25, 60):
        print("-- the loader is interrupted", flush=True)
        interrupted = load()
        interrupted.wait_for(percent)
        interrupted.interrupt()
        expect(interrupted.finish() == INTERRUPTED, "an interrupted loader ends with 130")

    print("-- it goes on, and the server is killed under it", flush=True)
    resumed = load()
    resumed.wait_for(80)
    served.kill()
    served.start()
    expect(resumed.finish() == 0, "the loader outlives the server")
    expect(resumed.said("going on after [1-9]"), "the loader goes on where it was interrupted")
    expect(resumed.said("; [1-9][0-9,]* tried again"), "the kill interrupted commands")
    expect_totals_of_the_csv(output)
    expect_soon(served.messages, MESSAGES, "messages in the topics")
    for path, record in REFERENCE.items():
        expect(served.get(path) == record, f"{path} is {served.get(path)}")

    print("-- every command is sent once more", flush=True)
    expect(load("--restart").finish() == 0, "commands may be sent again")
    expect_totals_of_the_csv(output)
    expect_soon(served.messages, MESSAGES, "messages in the topics")

    expect(served.stop() == 0, "the server stops in order")


if __name__ == "__main__":
    sys.exit(main(run))
