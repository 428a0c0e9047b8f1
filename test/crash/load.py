"""The load under which the process dies: random commands and reads, on ledgers that come and go."""

import collections
import threading

from model import Command

# That commands go to at a time: few, so that each has many commands under way, or more than the
# process may hold in memory.
LEDGERS = (2, 6, 14)
LEDGER_LENGTH_MAX = 60  # then another takes its place


class Load:
    """What the clients of one process choose from."""

    def __init__(self, model, names, rng):
        self._model = model
        self._names = names  # numbers that were never used
        self._lock = threading.Lock()
        live = [m for m in model.ledgers if m.length < LEDGER_LENGTH_MAX]
        count = rng.choice(LEDGERS)
        self._live = rng.sample(live, min(count, len(live)))
        while len(self._live) < count:
            self._live.append(self._new_ledger())
        # Commands that another client is to send as well, most of them at the same time.
        self._again = collections.deque()

    def run(self, calls, rng):
        """One client; leaves by ServerDied."""
        while True:
            self._one(calls, rng)

    def _one(self, calls, rng):
        if self._again:
            try:
                return calls.retry(self._again.popleft())
            except IndexError:
                pass  # another client was quicker
        ledger = self._pick(rng)
        what = rng.random()
        if what < 0.15:
            calls.read(ledger)
        elif what < 0.20 and (done := [c for c in ledger.acknowledged() if c.can_be_retried]):
            calls.retry(rng.choice(done))
        else:
            command = self._new_command(ledger, rng)
            ledger.add(command)
            if command.can_be_retried and rng.random() < 0.15:
                self._again.append(command)
            calls.send(command)
            if command.is_unknown and command.can_be_retried:
                self._again.append(command)  # the disk has failed; the retry settles it

    def _new_command(self, ledger, rng):
        token = f"t{next(self._names)}"
        what = rng.random()
        key = None if what < 0.06 else f"expired-{token}" if what < 0.16 else f"key-{token}"
        padding = "x" * rng.choice((0, 20, 300, 300, 2000, 40_000 if rng.random() < 0.1 else 9))
        fate = rng.random()
        return Command(ledger, token, 0 if fate < 0.04 else rng.randint(1, 4), key, padding,
                       fail=0.04 <= fate < 0.07)

    def _pick(self, rng):
        with self._lock:
            at = rng.randrange(len(self._live))
            if self._live[at].length >= LEDGER_LENGTH_MAX:
                self._live[at] = self._new_ledger()
            return self._live[at]

    def _new_ledger(self):
        return self._model.new_ledger(f"l{next(self._names)}")
