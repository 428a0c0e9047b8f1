#!/usr/bin/env python3
"""The views of flights are made anew, several times, while others record flights and ask; once the
server is killed in the middle. Whatever is answered must be right: the week as the CSV has it, and
of the flights that are recorded meanwhile the first so many, never fewer than before. Who sends a
position with its question finds all that it has recorded.

    rebuild_test.py PATH_OF_THE_FLIGHTS_EXECUTABLE

Ends with 77, "skipped" to ctest, when the loader's libraries cannot be had.
"""

import http.client
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import threading
import urllib.error

from sample import ROOT, expect, expect_soon, loader, main, server

CHECK = ROOT / "scripts" / "flights-views-check"
VIEW = "flights.api.FlightViews"
REBUILDS = 3
KILLED_IN = 1
CARRIERS = ("Z1", "Z2")  # of who records
# One of each rpc. Of few aircraft one might be of who records.
ASKED = ({}, {"origin": "EWR"}, {"limit": 100_000}, {"text": "Intl"})


def module_of(script):
    found = importlib.machinery.SourceFileLoader("views_check", str(script))
    made = importlib.util.module_from_spec(importlib.util.spec_from_loader("views_check", found))
    found.exec_module(made)
    return made


views_check = module_of(CHECK)


class run_until(threading.Thread):
    """Does `once` again and again until it is to end. The first thing that is wrong is kept."""

    def __init__(self, once):
        super().__init__(daemon=True)
        self._once = once
        self._ended = threading.Event()
        self._wrong = None
        self.rounds = 0
        self.start()

    def run(self):
        try:
            while not self._ended.is_set():
                self.rounds += self._once()
        except Exception as wrong:
            self._wrong = wrong

    def look(self):
        if self._wrong is not None:
            raise self._wrong

    def end(self):
        self._ended.set()
        self.join()
        self.look()


class restarts:
    """While the server is down nobody need be answered."""

    def __init__(self):
        self.down = threading.Event()
        self.count = 0  # of starts

    def around(self, kill_and_start):
        self.down.set()
        kill_and_start()
        self.count += 1
        self.down.clear()


class recorder:
    """Records flights of one carrier, each a mile longer than the last, and finds them all."""

    def __init__(self, served, carrier, restarted):
        self._served = served
        self._carrier = carrier
        self._restarted = restarted
        self._recorded = 0

    def __call__(self):
        number = self._recorded + 1
        flight = {
            "flight_id": f"{self._carrier}-{number}",
            "date": "2013-02-11",
            "carrier": self._carrier,
            "flight_number": number,
            "origin": "ZZZ",
            "destination": "IAH",
            "departure_time": 517,
            "distance": number,
        }
        path = f"/aircraft/N-{self._carrier}/flights"
        starts = self._restarted.count
        try:
            with self._served.open(path, flight) as answer:
                position = answer.headers["perdure-position"]
            seen = {"perdure-position": position}
            with self._served.open("/delays/carriers", headers=seen) as answer:
                rows = [json.loads(line) for line in answer.read().splitlines()]
        except (OSError, http.client.HTTPException) as failure:
            expect_was_down(failure, starts, self._restarted)
            return 0  # once more: it may have been recorded, and is known by its flight_id
        found = [int(row["flights"]) for row in rows if row["carrier"] == self._carrier]
        expect(found == [number], f"{self._carrier}: {number} recorded, {found} found")
        self._recorded = number
        return 1


def expect_was_down(failure, starts, restarted):
    """A server that was killed need not answer; an answer that says no is always wrong."""
    if isinstance(failure, urllib.error.HTTPError):
        raise AssertionError(f"{failure}: {failure.read().decode()}")
    was_down = restarted.down.is_set() or restarted.count > starts
    expect(was_down, f"no answer: {failure}")


class watcher:
    """Watches what is recorded: each flight once, without a gap."""

    def __init__(self, served, restarted):
        self._served = served
        self._restarted = restarted
        self._stream = None
        self._flights = {}
        self._is_ready = False
        self._most = {}

    def __call__(self):
        starts = self._restarted.count
        try:
            if self._stream is None:
                self._stream = self._served.open("/airports/ZZZ/departures")
                self._begin_anew()
            line = self._stream.readline()
            if not line.endswith(b"\n"):
                raise EOFError("the stream was cut")
        except (OSError, EOFError, http.client.HTTPException) as failure:
            expect_was_down(failure, starts, self._restarted)
            self._stream = None
            return 0
        self._take(json.loads(line))
        return 1

    def _begin_anew(self):
        self._flights = {carrier: set() for carrier in CARRIERS}
        self._is_ready = False

    def _take(self, told):
        kind = told["change"].get("kind", "RESULT")
        if kind == "RESET":
            self._begin_anew()
        elif kind == "READY":
            self._is_ready = True
        else:
            expect(kind in ("RESULT", "INSERTED"), f"watched: {told}")
            flights, number = self._flights[told["carrier"]], told["flightNumber"]
            expect(number not in flights, f"watched twice: {told}")
            flights.add(number)
        if self._is_ready:
            for carrier, flights in self._flights.items():
                most = self._most.get(carrier, 0)
                expect(len(flights) >= most, f"watched: {carrier} had {most}, now {len(flights)}")
                expect(len(flights) == max(flights, default=0), f"watched: gaps in {flights}")
                self._most[carrier] = len(flights)


class asker:
    """Asks what the CSV answers, and what has been recorded since."""

    def __init__(self, way, address, data, restarted):
        self._way = way
        self._address = address
        self._via = way(address)
        self._questions = [
            (*asked, list(expected))
            for *asked, expected in views_check.questions(data)
            if asked[1] in ASKED
        ]
        self._restarted = restarted
        self._starts_seen = 0  # has been answered since so many starts
        self._most = {}

    def __call__(self):
        for rpc, request, path, expected in self._questions:
            starts = self._restarted.count
            try:
                rows = self._via.replies(rpc, request, path)
            except Exception as failure:
                self._failed(failure)
                return 0
            self._starts_seen = starts
            self._expect_right(rpc, request, expected, rows)
        return 1

    def _failed(self, failure):
        expect(VIEW not in str(failure), f"{self._via.name}: the view said: {failure}")
        # A channel of gRPC waits a little before it tries again.
        expect_was_down(failure, self._starts_seen, self._restarted)
        self._via = self._way(self._address)

    def _expect_right(self, rpc, request, expected, rows):
        asked = f"{self._via.name} {rpc} {request}"
        of_csv = []
        for row in rows:
            name = row.get("tailNumber", row.get("carrier", ""))
            if name.removeprefix("N-") not in CARRIERS:
                of_csv.append(row)
                continue
            self._expect_first_flights(asked, (rpc, name), row)
        if rpc == "WatchDepartures":
            expected, of_csv = map(views_check.by_flight, (expected, of_csv))
        wrong = list(views_check.differences(expected, of_csv))
        expect(not wrong, f"{asked}: {wrong[:5]}")

    def _expect_first_flights(self, asked, of, row):
        flights = int(row["flights"])
        before = self._most.get(of, 0)
        expect(flights >= before, f"{asked}: {of} had {before} flights, now {flights}")
        self._most[of] = flights
        if "miles" in row:
            miles = int(row["miles"])
            expect(miles == flights * (flights + 1) // 2, f"{asked}: {flights} of {miles} miles")


def is_what_the_csv_says(served, wait):
    asked = [CHECK, "--week", "--wait", wait, "--http", served.http_target, "--grpc", served.target]
    return subprocess.run(asked).returncode == 0


def is_building(served):
    return "building" in served.admin("Views/Get", {"service": VIEW})


def kill_in_rebuild(served, files, restarted):
    """Started again there are two files of rows, the old and the one that is being made."""

    def kill_and_start():
        served.kill()
        nonlocal left
        left = len(list(files.glob("*.db")))
        served.start()

    left = 0
    while left < 2:
        if not is_building(served):
            served.admin("Views/Rebuild", {"service": VIEW})
        restarted.around(kill_and_start)


def run(executable, folder, cleanup):
    data = folder / "data"
    served = server(executable, data)
    cleanup.callback(served.end)
    served.start()
    loading = loader(served.target, folder / "loaded.json")
    cleanup.callback(loading.end)
    expect(loading.finish() == 0, "the week is loaded")
    expect(is_what_the_csv_says(served, "60"), "the views do not answer what the CSV says")

    restarted = restarts()
    week = views_check.source(is_week=True)
    all_running = [
        run_until(watcher(served, restarted)),  # ends first: it waits for what is recorded
        *(run_until(recorder(served, carrier, restarted)) for carrier in CARRIERS),
        run_until(asker(views_check.over_http, served.http_target, week, restarted)),
        run_until(asker(views_check.over_grpc, served.target, week, restarted)),
    ]

    def all_have_gone_on():
        before = [one.rounds for one in all_running]

        def look():
            for one in all_running:
                one.look()
            return all(one.rounds > n for one, n in zip(all_running, before))

        expect_soon(look, True, "somebody is not answered")

    all_have_gone_on()
    for number in range(REBUILDS):
        print(f"-- rows are made anew, {number + 1} of {REBUILDS}", flush=True)
        if number == KILLED_IN:
            kill_in_rebuild(served, data / "views" / VIEW, restarted)
        else:
            served.admin("Views/Rebuild", {"service": VIEW})
        expect_soon(lambda: is_building(served), False, "it is still being made")
        all_have_gone_on()
    for one in all_running:
        one.end()
    print(f"asked and recorded: {[one.rounds for one in all_running]}")
    expect(served.stop() == 0, "the server stops in order")


def with_its_libraries():
    environment = views_check.PREPARED / "venv"
    if pathlib.Path(sys.prefix) != environment:
        python = environment / "bin" / "python"
        os.execv(python, [python, "-B", *sys.argv])  # there is gRPC


if __name__ == "__main__":
    sys.exit(main(run, with_its_libraries))
