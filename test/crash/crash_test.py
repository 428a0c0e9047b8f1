#!/usr/bin/env python3
"""The crash test: kills a service again and again and checks that it keeps what it has promised.

usage: crash_test.py ledger [--log-reader CRASH_LOG] [options] CRASH_LEDGER
       crash_test.py bank [--redis] [options] CRASH_BANK
options: [--kills N] [--seed N] [--only DEATHS] [--fault NAME --expect KINDS]

Each round starts the process on the data folder that the last one left, checks all that is known,
and sends commands from many clients until it dies: at a point that was named to it, or of a SIGKILL
or a loss of power from outside. With Redis, that is killed too: while the process goes on, or
together with it. docs/HACKING.md tells how to read and replay a failure.

What is sent and what must be true then is the subject's: ledger.py, bank.py. A subject has
  settings, points        flags of the process; where it can be told to die (death.hpp), and how often
                          it passes there at most before it does
  calls(connection)       what the work of a client gets
  begin()                 there is a new store
  settle(clients, rng)    checks all that is known against a process that has just started, and sends
                          again what was not answered; False when it died meanwhile
  load(rng)               makes work for clients, without end
  end(clients, rng)       checks once more, and all; nothing more will be sent to this store
  is_closed(data)         the last process on it has ended in order
  what_did_not_happen()   that should have; None when all has
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
import redis_server
from bank import BankSubject
from clients import HEALED, UNAVAILABLE, Clients, Countdown
from ledger import LedgerSubject
from server import Server
from violation import Violation

ROUNDS_PER_FOLDER = 16  # then a new store is made
SKIPPED = 77  # the exit code that ctest takes for it

TRIES = 8  # for a fault to show as it should
NO_PROMISE = ("hang", "crash")  # such a violation finds no fault

WAYS = ("kill", "power")
FAILING = ("log_half", "log_unsynced", "snapshot_half", "snapshot_unsynced")
OUTSIDE = ("outside kill", "plug power")
ANSWERS_OUTSIDE = 700  # at most, before a death from outside
ANSWERS_FAILING = 1000  # before the death from outside that follows a failure of the disk
ANSWERS_MAX = 5000  # before a point counts as missed

# Redis alone: how often in a round, and for how long it is away.
REDIS_ALONE = "redis kill"
REDIS_KILLS = (1, 2, 3)
REDIS_AWAY_SECONDS = (0, 0, 0.05, 0.4)


def schedule(rng, points, only, redis):
    """Deaths without end: in each turn every point once and some deaths from outside; what died of
    a kill in one turn loses its power in the next. Where the way is `fail`, the process lives on
    with a disk that has failed once, until it dies from outside; so it does when Redis is killed."""
    first = {point: rng.randrange(2) for point in points}
    for turn in itertools.count():
        deaths = [f"{point} {WAYS[(first[point] + turn) % 2]}" for point in points]
        deaths += OUTSIDE * 3
        deaths += [f"{point} fail" for point in FAILING]
        deaths += [REDIS_ALONE] * (4 if redis else 0)
        rng.shuffle(deaths)
        yield from (death for death in deaths if not only or death in only)


class CrashTest:
    def __init__(self, args, seed, folder):
        self._args = args
        self._seed = seed
        self._folder = pathlib.Path(folder)
        self._random = None  # of the round: what one draws does not depend on what came before
        self._rounds = itertools.count()
        self._processes = itertools.count(1)
        self._last_deaths = collections.deque(maxlen=12)
        self._data = None
        self._redis = None
        self._unavailable = 0  # answers, until the last round
        self.deaths = collections.Counter()
        self.failures = collections.Counter()  # of the disk
        self.missed = collections.Counter()
        self.counts = collections.Counter()
        self.starts = []  # seconds
        self._subject = args.make_subject(self.counts, args)
        self._schedule = schedule(random.Random(f"{seed} deaths"), self._subject.points,
                                  args.only, args.redis)

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

    def close(self):
        if self._redis:
            self._redis.close()

    def report(self):
        yield f"{'died at':<20} {'kill':>5} {'power':>6} {'disk failed':>12} {'missed':>7}"
        for point in [*self._subject.points, "outside", "plug", "redis"]:
            deaths = [self.deaths[f"{point} {way}"] for way in WAYS]
            yield (f"{point:<20} {deaths[0]:>5} {deaths[1]:>6} {self.failures[point]:>12} "
                   f"{self.missed[point]:>7}")
        yield f"{sum(self.deaths.values()):>8} kills in all"
        for what, count in sorted(self.counts.items()):
            yield f"{count:>8} {what}"
        if self.starts:
            yield (f"starts took {sorted(self.starts)[len(self.starts) // 2]:.2f} s in the middle, "
                   f"{max(self.starts):.2f} s at most")

    def last_deaths(self):
        return "\n".join(self._last_deaths)

    def what_did_not_happen(self):
        """A test that has not seen what it is about proves nothing. None when all was seen."""
        for point in self._subject.points:
            if not any(self.deaths[f"{point} {way}"] for way in WAYS):
                return f"no process died at the point {point}"
        return self._subject.what_did_not_happen() or self.a_process_whose_disk_has_failed_goes_on()

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
        self._data.mkdir(parents=True)
        if self._args.redis:
            self._redis = redis_server.RedisServer(f"{self._data}.redis")
        self._subject.begin()
        self._round(f"open {self._random.choice(WAYS)}")

    def _end_store(self):
        with contextlib.closing(self._start()) as server:
            self._subject.end(self._clients(server, Countdown()), self._random)
            server.stop()
        self._subject.is_closed(self._data)
        shutil.rmtree(self._data)
        shutil.rmtree(f"{self._data}.unsynced.kept")
        if self._redis:
            self._redis.close()
            self._redis = None
            shutil.rmtree(f"{self._data}.redis")

    def _round(self, death):
        point, way = death.split()
        is_named = point in self._subject.points
        passing = self._random.randint(1, self._subject.points.get(point, ANSWERS_OUTSIDE))
        dies_at = f"{point}:{passing}:{way}" if is_named else ""
        redis_kills = self.deaths[REDIS_ALONE]
        with contextlib.closing(self._start(dies_at)) as server:
            if server.is_ready:
                clients = self._clients(server, self._countdown(server, death, passing, is_named))
                if self._subject.settle(clients, self._random):
                    clients.run(self._subject.load(self._random))
            died = server.await_death()
        self.deaths[died] += 1
        failed = f", after its disk had failed at {server.failed_at}" if server.failed_at else ""
        self._last_deaths.append(f"process {server.number} died: {died}{failed}")
        if self._redis:
            self._redis.await_restart()
            if self._random.random() < 0.25:
                self._kill_redis()
        is_sound = not server.failed_at and self.deaths[REDIS_ALONE] == redis_kills
        self._had_reason_to_be_unavailable(is_sound)
        if server.failed_at:
            self.failures[server.failed_at] += 1
        elif is_named and died != death:
            self.missed[point] += 1
        if died.endswith(" power"):
            cut = random.Random(f"{self._seed} cut {server.number}")
            power_loss.cut(f"{self._data}.unsynced", cut)

    def _countdown(self, server, death, passing, is_named):
        """How the process ends if it does not by itself, and when Redis does."""
        point, way = death.split()
        lives_on = way == "fail" or death == REDIS_ALONE
        by_power = point == "plug" or lives_on and self._random.random() < 0.5
        end = server.pull_the_plug if by_power else server.kill
        if death != REDIS_ALONE:
            answers = ANSWERS_FAILING if way == "fail" else ANSWERS_MAX if is_named else passing
            return Countdown((answers, end))
        kills = [(self._random.randint(1, ANSWERS_OUTSIDE), self._kill_redis)
                 for _ in range(self._random.choice(REDIS_KILLS))]
        return Countdown((ANSWERS_OUTSIDE, end), *kills)

    def _kill_redis(self):
        self._redis.kill_and_restart(self._random.choice(REDIS_AWAY_SECONDS))
        self.deaths[REDIS_ALONE] += 1
        self._last_deaths.append("Redis died")

    def _had_reason_to_be_unavailable(self, is_sound):
        """Only a failure of the disk or of Redis leaves an outcome open while the process lives."""
        unavailable = self.counts[UNAVAILABLE] - self._unavailable
        self._unavailable += unavailable
        if unavailable and is_sound:
            raise Violation("answer", f"{unavailable} answers of unknown outcome from sound stores")

    def _start(self, dies_at=""):
        settings = list(self._subject.settings)
        if self._redis:
            self._redis.await_restart()
            settings += ["--kv", "redis", "--redis", f"127.0.0.1:{self._redis.port}"]
        server = Server(next(self._processes), self._args.executable, self._data, dies_at,
                        self._args.fault, settings)
        if server.is_ready:
            self.starts.append(server.start_seconds)
        return server

    def _clients(self, server, countdown):
        return Clients(self._subject.calls, server, countdown, self.counts, self._random)


def fail(args, seed, folder, why):
    print(f"\nFAILED: {why}\nreplay: {replay_of(args, seed)}\nits data folder: {folder}", flush=True)
    return 1


def replay_of(args, seed):
    words = [sys.argv[0], args.subject, f"--seed {seed}", f"--kills {args.kills}"]
    if args.only:
        words.append(f"--only \"{','.join(args.only)}\"")
    if args.fault:
        words.append(f"--fault {args.fault} --expect {args.expect}")
    if args.redis:
        words.append("--redis")
    if args.log_reader:
        words.append(f"--log-reader {args.log_reader}")
    return " ".join([*words, args.executable])


def run_once(args, seed, folder):
    """Its test, and the first violation; None when there is none."""
    print(f"seed {seed}", flush=True)
    test = CrashTest(args, seed, folder)
    try:
        with contextlib.closing(test):
            test.run(args.kills)
    except Violation as met:
        return test, met
    finally:
        print("\n".join(test.report()), flush=True)
    return test, None


def keeps_its_promises(args, folder):
    test, violation = run_once(args, args.seed, folder)
    if violation is not None:
        return fail(args, args.seed, folder, f"{violation}\n{test.last_deaths()}")
    if not args.only and (missing := test.what_did_not_happen()):
        return fail(args, args.seed, folder, missing)
    return 0


def fault_is_found(args, folder):
    """What a fault breaks may be seen by another check first: a record that is gone lets a retry take
    effect twice, and its key be taken for another command. Then it is tried again."""
    for seed in range(args.seed, args.seed + TRIES):
        test, violation = run_once(args, seed, pathlib.Path(folder, str(seed)))
        if violation is None:
            return fail(args, seed, folder, f"the fault {args.fault} was not found")
        if violation.kind in args.expect.split(","):
            print(f"found after {sum(test.deaths.values())} kills: {violation}")
            return 0
        if violation.kind in NO_PROMISE:
            return fail(args, seed, folder, f"{args.fault} showed as {violation}")
        print(f"found otherwise, and tried again: {violation}\n")
    return fail(args, args.seed, folder, f"{args.fault} never showed as {args.expect}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    subjects = parser.add_subparsers(dest="subject", required=True)
    ledger = subjects.add_parser("ledger")
    ledger.add_argument("--log-reader", required=True, help="crash_log")
    ledger.set_defaults(
        redis=False, make_subject=lambda counts, args: LedgerSubject(counts, args.log_reader))
    bank = subjects.add_parser("bank")
    bank.add_argument("--redis", action="store_true",
                      help="a Redis keeps the key-value entities, and is killed as well")
    bank.set_defaults(
        log_reader=None, make_subject=lambda counts, args: BankSubject(counts, args.redis))
    for subject in (ledger, bank):
        subject.add_argument("executable", help="the process under test")
        subject.add_argument("--kills", type=int, default=100)
        subject.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
        subject.add_argument("--only", type=lambda text: text.split(","),
                             help="deaths to choose from, by commas, as \"load kill\"; no others")
        subject.add_argument("--fault", default="", help="to be planted (planted_faults.hpp)")
        subject.add_argument("--expect",
                             help="the kinds of violation that find the fault, by commas")
    return parser.parse_args()


def main():
    args = arguments()
    if args.redis and not redis_server.is_installed():
        print("skipped: redis-server is not installed (scripts/packages)")
        return SKIPPED
    folder = tempfile.mkdtemp(prefix="perdure-crash-")
    began = time.monotonic()
    code = fault_is_found(args, folder) if args.fault else keeps_its_promises(args, folder)
    print(f"{time.monotonic() - began:.0f} s")
    if code == 0:
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
