"""The ledger as a subject of the crash test: every position of a list that only grows is a fact.

crash_test.py tells what a subject is.
"""

import collections
import itertools

from clients import HEALED, UNAVAILABLE, UNKNOWN, ServerDied
from ears import KINDS, Ear, await_all_heard
from load import Load
from model import Command, Model
from server import logged_lines
from violation import Violation


EARS = 40  # read after a start


class Calls:
    """The things a client does. One thread."""

    def __init__(self, connection):
        self._connection = connection
        self.counts = collections.Counter()

    def read(self, ledger):
        length = ledger.length
        status, reply = self._connection.call("GET", f"/ledgers/{ledger.name}")
        if status in UNKNOWN:
            self.counts[UNAVAILABLE] += 1
            return
        if status != 200:
            raise Violation("answer", f"a read of {ledger.name} was answered {status} {reply}")
        ledger.read_showed(reply.get("entries", []), length)
        self.counts["reads"] += 1

    def read_ear(self, ear):
        """By one client at a time."""
        status, reply = self._connection.call("GET", f"/ears/{ear.name}")
        if status in UNKNOWN:
            self.counts[UNAVAILABLE] += 1
        elif status != 200:
            raise Violation("answer", f"a read of {ear.name} was answered {status} {reply}")
        else:
            ear.a_read_showed(reply.get("entries", []))

    def send(self, command):
        """Also to send it again; then with the same key."""
        process = self._connection.process
        command.tell(process, "sent")
        try:
            status, reply = self._call(command)
            command.tell(process, f"answered {status} {reply}")
        except ServerDied:
            command.tell(process, "not answered")
            command.ledger.command_was_not_answered(command)
            raise
        if status in UNKNOWN:
            self.counts[UNAVAILABLE] += 1
            command.ledger.command_was_not_answered(command)
        elif status == 200:
            if self._connection.disk_has_failed and command.reply is None:
                self.counts[HEALED] += 1
            command.ledger.command_was_acknowledged(command, reply)
        elif status == (500 if command.fail and command.entries else 400):
            command.ledger.command_was_refused(command)
            self.counts["refused"] += 1
        else:
            raise Violation("answer", f"{command.token} was answered {status} {reply}")

    def retry(self, command):
        command.ledger.command_is_sent_again(command)
        self.send(command)
        self.counts["retries"] += 1

    def a_key_is_refused_for_another_command(self, command):
        other = Command(command.ledger, command.token + "-other", command.entries + 1, command.key)
        status, reply = self._call(other)
        if status in UNKNOWN:
            return
        if status != 400 or reply.get("status") != "INVALID_ARGUMENT":
            raise Violation("key", f"the key of {command.token} was taken for another command: "
                                   f"{status} {reply}")
        self.counts["keys refused"] += 1

    def _call(self, command):
        return self._connection.call(
            "POST", f"/ledgers/{command.ledger.name}", command.body(), command.key)


class LedgerSubject:
    # Snapshots, recoveries and passivations without end.
    settings = ("--snapshot-every", "6", "--resident-entities-max", "5", "--shards", "4",
                "--attempts-max", "1000", "--backoff-max", "500ms")

    points = {
        "before_commit": 120, "after_commit": 120, "load": 120,
        "log_half": 60, "log_unsynced": 60, "snapshot_half": 60, "snapshot_unsynced": 60,
        "flush_half": 12, "flush_install": 3,
        "sweep": 300, "sweep_half": 3, "sweep_install": 3,
        "open": 45,
        "page_read": 60, "cursor_moves": 60, "cursor_moved": 60, "topic_trimmed": 12,
    }

    calls = Calls

    def __init__(self, counts, log_reader):
        self._counts = counts
        self._log_reader = log_reader
        self._names = itertools.count(1)
        self._model = None
        self._ears = {}  # by kind and ledger

    def begin(self):
        self._model = Model()
        self._ears = {}

    def load(self, rng):
        return Load(self._model, self._names, rng).run

    def settle(self, clients, rng):
        ledgers = self._model.ledgers
        if not clients.do_all([lambda calls, m=m: calls.read(m) for m in ledgers]):
            return False
        jobs = []
        for ledger in ledgers:
            ledger.nothing_is_on_its_way()
            for command in ledger.unknown():
                if command.can_be_retried:
                    # Sometimes by two clients at once.
                    again = rng.choice((1, 1, 2))
                    jobs += [lambda calls, c=command: calls.retry(c)] * again
        jobs += self._retries_of_the_acknowledged(rng)
        ears = self._all_ears()
        ears = rng.sample(ears, min(EARS, len(ears)))
        jobs += [lambda calls, e=e: calls.read_ear(e) for e in ears]
        if not clients.do_all(jobs):
            return False
        if not clients.do_all([lambda calls, m=m: calls.read(m) for m in ledgers]):
            return False
        for ear in ears:
            ear.each_entry_was_heard_once_and_in_order()
        return True

    def end(self, clients, rng):
        self.settle(clients, rng)
        ears = self._all_ears()
        await_all_heard(clients, ears)
        self._counts["entries heard"] += sum(ear.count() for ear in ears)

    def is_closed(self, data):
        lines = list(logged_lines(self._log_reader, data))
        self._model.the_log_holds_each_event_once(lines)
        self._model.the_topic_holds_each_event_once(lines)
        self._count_outcomes()

    def what_did_not_happen(self):
        for effect in ("had", "had not"):
            if not self._counts[f"of unknown outcome at a kill: {effect} taken effect"]:
                return f"no command of unknown outcome {effect} taken effect"
        return None

    def _all_ears(self):
        for ledger in self._model.ledgers:
            for kind in KINDS:
                if (kind, ledger.name) not in self._ears:
                    self._ears[kind, ledger.name] = Ear(kind, ledger)
        return list(self._ears.values())

    def _retries_of_the_acknowledged(self, rng):
        done = [c for m in self._model.ledgers for c in m.acknowledged() if c.can_be_retried]
        for command in rng.sample(done, min(24, len(done))):
            yield lambda calls, c=command: calls.retry(c)
        for command in rng.sample(done, min(4, len(done))):
            yield lambda calls, c=command: calls.a_key_is_refused_for_another_command(c)

    def _count_outcomes(self):
        for ledger in self._model.ledgers:
            self._counts["commands acknowledged"] += len(ledger.acknowledged())
            for command in ledger.once_unknown():
                effect = "had" if command.had_taken_effect else "had not"
                self._counts[f"of unknown outcome at a kill: {effect} taken effect"] += 1
