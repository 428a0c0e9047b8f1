#!/usr/bin/env python3
"""The crash test: kills a service again and again and checks that it keeps what it has promised.

usage: crash_test.py [--kills N] [--seed N] [--fault NAME --expect KINDS] CRASH_LEDGER CRASH_LOG

Each round starts the process on the data folder that the last one left, checks all that is known,
and sends commands from many clients until it dies: at a point that was named to it, or of a SIGKILL
or a loss of power from outside. docs/HACKING.md tells how to read and replay a failure.
"""

import argparse
import collections
import contextlib
import itertools
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

import power_loss
from clients import HEALED, UNAVAILABLE, Clients, Countdown
from load import Load
from model import Model, Violation
from server import Server, logged_events

ROUNDS_PER_FOLDER = 16  # then a new store is made

# Snapshots, recoveries and passivations without end.
SETTINGS = ("--snapshot-every", "6", "--resident-entities-max", "5", "--shards", "4")

# Where a process can be told to die (death.hpp), and how often it passes there at most before it
# does.
POINTS = {
    "before_commit": 120, "after_commit": 120, "load": 120,
    "log_half": 60, "log_unsynced": 60, "snapshot_half": 60, "snapshot_unsynced": 60,
    "flush_half": 12, "flush_install": 3,
    "sweep": 300, "sweep_half": 3, "sweep_install": 3,
    "open": 45,
}
WAYS = ("kill", "power")
FAILING = ("log_half", "log_unsynced", "snapshot_half", "snapshot_unsynced")
OUTSIDE = ("outside kill", "plug power")
ANSWERS_OUTSIDE = 700  # at most, before a death from outside
ANSWERS_FAILING = 1000  # before the death from outside that follows a failure of the disk
ANSWERS_MAX = 5000  # before a point counts as missed


def schedule(rng, only):
    """Deaths without end: in each turn every point once and some deaths from outside; what died of
    a kill in one turn loses its power in the next. Where the way is `fail`, the process lives on
    with a disk that has failed once, until it dies from outside."""
    first = {point: rng.randrange(2) for point in POINTS}
    for turn in itertools.count():
        deaths = [f"{point} {WAYS[(first[point] + turn) % 2]}" for point in POINTS]
        deaths += OUTSIDE * 3
        deaths += [f"{point} fail" for point in FAILING]
        rng.shuffle(deaths)
        yield from (death for death in deaths if not only or death in only)


class CrashTest:
    def __init__(self, executable, log_reader, folder, seed, fault, only):
        self._executable = executable
        self._log_reader = log_reader
        self._folder = pathlib.Path(folder)
        self._fault = fault
        self._seed = seed
        self._random = None  # of the round: what one draws does not depend on what came before
        self._schedule = schedule(random.Random(f"{seed} deaths"), only)
        self._names = itertools.count(1)
        self._rounds = itertools.count()
        self._processes = itertools.count(1)
        self._last_deaths = collections.deque(maxlen=12)
        self._model = None
        self._data = None
        self._unavailable = 0  # answers, until the last round
        self.deaths = collections.Counter()
        self.failures = collections.Counter()  # of the disk
        self.missed = collections.Counter()
        self.counts = collections.Counter()
        self.starts = []  # seconds

    def run(self, kills):
        """Until so many processes have been killed; the last one ends in order."""
        while sum(self.deaths.values()) < kills:
            number = next(self._rounds)
            self._random = random.Random(f"{self._seed} round {number}")
            if number % ROUNDS_PER_FOLDER == 0:
                self._begin_new_store(number)
            else:
                self._round(next(self._schedule))
        self._end_store()

    def report(self):
        yield f"{'died at':<20} {'kill':>5} {'power':>6} {'disk failed':>12} {'missed':>7}"
        for point in [*POINTS, "outside", "plug"]:
            deaths = [self.deaths[f"{point} {way}"] for way in WAYS]
            yield (f"{point:<20} {deaths[0]:>5} {deaths[1]:>6} {self.failures[point]:>12} "
                   f"{self.missed[point]:>7}")
        for what, count in sorted(self.counts.items()):
            yield f"{count:>8} {what}"
        if self.starts:
            yield (f"starts took {sorted(self.starts)[len(self.starts) // 2]:.2f} s in the middle, "
                   f"{max(self.starts):.2f} s at most")

    def last_deaths(self):
        return "\n".join(self._last_deaths)

    def what_did_not_happen(self):
        """A test that has not seen what it is about proves nothing. None when all was seen."""
        for point in POINTS:
            if not any(self.deaths[f"{point} {way}"] for way in WAYS):
                return f"no process died at the point {point}"
        for effect in ("had", "had not"):
            if not self.counts[f"of unknown outcome at a kill: {effect} taken effect"]:
                return f"no command of unknown outcome {effect} taken effect"
        return self.a_process_whose_disk_has_failed_goes_on()

    def a_process_whose_disk_has_failed_goes_on(self):
        """None when one did, without a restart."""
        if not self.failures:
            return "no disk has failed"
        return None if self.counts[HEALED] else "no process whose disk had failed went on"

    # ------------------------------------------------------------------------------------- rounds

    def _begin_new_store(self, number):
        """Its first process dies while it makes the store."""
        if self._data:
            self._end_store()
        self._data = self._folder / str(number)
        self._data.mkdir()
        self._model = Model()
        self._round(f"open {self._random.choice(WAYS)}")

    def _end_store(self):
        with contextlib.closing(self._start()) as server:
            self._settle(Clients(server, Countdown(0, server.kill), self.counts, self._random))
            server.stop()
        self._model.the_log_holds_each_event_once(logged_events(self._log_reader, self._data))
        self._count_outcomes()
        shutil.rmtree(self._data)
        shutil.rmtree(f"{self._data}.unsynced.kept")

    def _round(self, death):
        point, way = death.split()
        is_named = point in POINTS
        passing = self._random.randint(1, POINTS.get(point, ANSWERS_OUTSIDE))
        dies_at = f"{point}:{passing}:{way}" if is_named else ""
        with contextlib.closing(self._start(dies_at)) as server:
            if server.is_ready:
                by_power = point == "plug" or way == "fail" and self._random.random() < 0.5
                end = server.pull_the_plug if by_power else server.kill
                answers = ANSWERS_FAILING if way == "fail" else ANSWERS_MAX
                countdown = Countdown(answers if is_named else passing, end)
                clients = Clients(server, countdown, self.counts, self._random)
                if self._settle(clients):
                    clients.run(Load(self._model, self._names, self._random).run)
            died = server.await_death()
        self.deaths[died] += 1
        failed = f", after its disk had failed at {server.failed_at}" if server.failed_at else ""
        self._last_deaths.append(f"process {server.number} died: {died}{failed}")
        self._had_reason_to_be_unavailable(server)
        if server.failed_at:
            self.failures[server.failed_at] += 1
        elif is_named and died != death:
            self.missed[point] += 1
        if died.endswith(" power"):
            cut = random.Random(f"{self._seed} cut {server.number}")
            power_loss.cut(f"{self._data}.unsynced", cut)

    def _had_reason_to_be_unavailable(self, server):
        """Only a failure of the disk leaves an outcome open while the process lives."""
        unavailable = self.counts[UNAVAILABLE] - self._unavailable
        self._unavailable += unavailable
        if unavailable and not server.failed_at:
            raise Violation("answer", f"{unavailable} answers of unknown outcome from a sound disk")

    def _start(self, dies_at=""):
        server = Server(next(self._processes), self._executable, self._data, dies_at, self._fault,
                        SETTINGS)
        if server.is_ready:
            self.starts.append(server.start_seconds)
        return server

    # ----------------------------------------------------------------------------------- settling

    def _settle(self, clients):
        """Checks all that is known against a process that has just started, and sends again what
        was not answered. False when it died meanwhile."""
        ledgers = self._model.ledgers
        if not clients.do_all([lambda calls, m=m: calls.read(m) for m in ledgers]):
            return False
        jobs = []
        for ledger in ledgers:
            ledger.nothing_is_on_its_way()
            for command in ledger.unknown():
                if command.can_be_retried:
                    # Sometimes by two clients at once.
                    again = self._random.choice((1, 1, 2))
                    jobs += [lambda calls, c=command: calls.retry(c)] * again
        jobs += self._retries_of_the_acknowledged()
        if not clients.do_all(jobs):
            return False
        return clients.do_all([lambda calls, m=m: calls.read(m) for m in ledgers])

    def _retries_of_the_acknowledged(self):
        done = [c for m in self._model.ledgers for c in m.acknowledged() if c.can_be_retried]
        for command in self._random.sample(done, min(24, len(done))):
            yield lambda calls, c=command: calls.retry(c)
        for command in self._random.sample(done, min(4, len(done))):
            yield lambda calls, c=command: calls.a_key_is_refused_for_another_command(c)

    def _count_outcomes(self):
        for ledger in self._model.ledgers:
            self.counts["commands acknowledged"] += len(ledger.acknowledged())
            for command in ledger.once_unknown():
                effect = "had" if command.had_taken_effect else "had not"
                self.counts[f"of unknown outcome at a kill: {effect} taken effect"] += 1


def fail(args, folder, why):
    chosen = f" --only \"{','.join(args.only)}\"" if args.only else ""
    fault = f" --fault {args.fault} --expect {args.expect}" if args.fault else ""
    print(f"\nFAILED: {why}\nreplay: {sys.argv[0]} --seed {args.seed} --kills {args.kills}{chosen}"
          f"{fault} {args.executable} {args.log_reader}\nits data folder: {folder}", flush=True)
    return 1


def run(args, folder):
    test = CrashTest(args.executable, args.log_reader, folder, args.seed, args.fault,
                     args.only)
    violation = None
    try:
        test.run(args.kills)
    except Violation as met:
        violation = met
    print("\n".join(test.report()), flush=True)
    if args.fault:
        if violation is None:
            return fail(args, folder, f"the fault {args.fault} was not found")
        if violation.kind not in args.expect.split(","):
            return fail(args, folder, f"{args.fault} showed as {violation}")
        print(f"found after {sum(test.deaths.values())} kills: {violation}")
        return 0
    if violation is not None:
        return fail(args, folder, f"{violation}\n{test.last_deaths()}")
    if not args.only and (missing := test.what_did_not_happen()):
        return fail(args, folder, missing)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("executable", help="crash_ledger")
    parser.add_argument("log_reader", help="crash_log")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--only", type=lambda text: text.split(","),
                        help="deaths to choose from, by commas, as \"load kill\"; no others")
    parser.add_argument("--fault", default="", help="to be planted (planted_faults.hpp)")
    parser.add_argument("--expect", help="the kinds of violation that find the fault, by commas")
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    folder = tempfile.mkdtemp(prefix="perdure-crash-")
    began = time.monotonic()
    code = run(args, folder)
    print(f"{time.monotonic() - began:.0f} s")
    if code == 0:
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
