"""What the ears have heard of the ledgers: of each entry once, in the order of its ledger, whatever
died between the ledger's step and the ear's.
"""

import time

from violation import Violation

KINDS = ("stored", "published")  # the first word of an ear's name: what it hears

STILL_SECONDS = 30  # without anything new: a bound on failure only
LOOK_AGAIN_SECONDS = 0.02


class Ear:
    """One ear. Read by one client at a time."""

    def __init__(self, kind, ledger):
        self.name = f"{kind}.{ledger.name}"
        self.ledger = ledger
        self._heard = []

    @property
    def has_heard_all(self):
        return len(self._heard) == len(self.ledger.entries())

    def count(self):
        return len(self._heard)

    def a_read_showed(self, entries):
        if entries[:len(self._heard)] != self._heard:
            raise Violation("lost", f"{self.name} had heard {self._heard}, and now {entries}")
        self._heard = entries

    def each_entry_was_heard_once_and_in_order(self):
        """When the ledger was read later than the ear."""
        entries = self.ledger.entries()
        for place, heard in enumerate(self._heard):
            expected = entries[place] if place < len(entries) else "nothing"
            if heard == expected:
                continue
            if heard in self._heard[:place]:
                kind = "twice"
            elif heard not in entries:
                kind = "trace"
            else:
                kind = "order" if expected in self._heard else "lost"
            raise Violation(kind, f"{self.name} heard {heard} at {place}, expected {expected}; "
                                  f"all: {self._heard}")


def await_all_heard(clients, ears):
    """Until nothing is under way to them any more. Nothing is sent to their ledgers meanwhile."""
    heard, since = -1, time.monotonic()
    while True:
        waiting = [ear for ear in ears if not ear.has_heard_all]
        clients.do_all([lambda calls, ear=ear: calls.read_ear(ear) for ear in waiting])
        for ear in waiting:
            ear.each_entry_was_heard_once_and_in_order()
        behind = _behind(clients.server)
        if not behind and all(ear.has_heard_all for ear in ears):
            return
        now = sum(ear.count() for ear in ears)
        if now != heard:
            heard, since = now, time.monotonic()
        elif time.monotonic() > since + STILL_SECONDS:
            deaf = next((ear.name for ear in ears if not ear.has_heard_all), "no ear")
            raise Violation("lost", f"{deaf} does not hear all; subscriptions: {behind}")
        time.sleep(LOOK_AGAIN_SECONDS)


def _behind(server):
    """The subscriptions that have not dealt with all there is."""
    return [one for one in server.subscriptions()
            if int(one.get("lag", 0)) or int(one.get("held", 0)) or one.get("problem")]
