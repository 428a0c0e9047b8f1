#!/usr/bin/env python3
"""The views of flights: a week of real data is loaded into a server that is killed half way; then
every view must answer what the CSV says, over HTTP and gRPC, and tell of a departure as it comes.

    views_test.py PATH_OF_THE_FLIGHTS_EXECUTABLE

Ends with 77, "skipped" to ctest, when the loader's libraries cannot be had.
"""

import json
import subprocess
import sys

from sample import ROOT, expect, loader, main, server

CHECK = ROOT / "scripts" / "flights-views-check"

DEPARTURE = {
    "flight_id": "one more",
    "date": "2013-02-11",
    "carrier": "UA",
    "flight_number": 1,
    "origin": "EWR",
    "destination": "IAH",
    "departure_time": 517,
    "departure_delay": 2,
    "distance": 1400,
}


def is_what_the_csv_says(served, wait):
    asked = [CHECK, "--week", "--wait", wait, "--http", served.http_target, "--grpc", served.target]
    code = subprocess.run(asked).returncode
    expect(code in (0, 1), f"the check ended with {code}")
    return code == 0


def watch_a_departure(served):
    with served.open("/airports/EWR/departures") as lines:
        told = map(json.loads, lines)
        for departure in told:
            if departure["change"]["kind"] == "READY":
                break
        served.post("/aircraft/N-MINE/flights", DEPARTURE)
        departure = next(told)
    expect(departure["change"]["kind"] == "INSERTED", f"came {departure}")
    expect(departure["flightId"] == DEPARTURE["flight_id"], f"came {departure}")
    expect(departure["departureTime"] == DEPARTURE["departure_time"], f"came {departure}")


def run(executable, folder, cleanup):
    served = server(executable, folder / "data")
    cleanup.callback(served.end)
    served.start()
    expect(not is_what_the_csv_says(served, "0"), "the check does not miss a thing")

    print("-- the server is killed twice under the loader", flush=True)
    loading = loader(served.target, folder / "loaded.json")
    cleanup.callback(loading.end)
    for percent in (30, 75):
        loading.wait_for(percent)
        served.kill()
        served.start()
    expect(loading.finish() == 0, "the loader outlives the server")
    expect(is_what_the_csv_says(served, "60"), "the views do not answer what the CSV says")

    print("-- rows are there after a start", flush=True)
    expect(served.stop() == 0, "the server stops in order")
    served.start()
    expect(is_what_the_csv_says(served, "60"), "the views do not answer what the CSV says")

    print("-- a departure is told as it comes", flush=True)
    watch_a_departure(served)
    expect(not is_what_the_csv_says(served, "0"), "the check does not see one more flight")
    expect(served.stop() == 0, "the server stops in order")


if __name__ == "__main__":
    sys.exit(main(run))
