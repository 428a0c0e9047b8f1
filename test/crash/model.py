"""What the driver knows of the ledgers, and what therefore must be true of every answer.

Every reply and every read states facts: this entry stands at that position. A fact once stated must
hold for ever, and nothing may stand there that was not sent. The functions here check each answer
as it comes and raise a Violation at the first that cannot be.
"""

import collections
import re
import threading

from violation import Violation


class Command:
    """One command that was made up: with its outcome, as far as it is known."""

    def __init__(self, ledger, token, entries, key=None, padding="", fail=False):
        self.ledger = ledger
        self.token = token
        self.entries = entries  # how many; none of them when it is to be refused
        self.key = key
        self.padding = padding
        self.fail = fail
        self.reply = None  # once it is acknowledged
        self.is_unknown = False  # it was sent, and not answered
        self.was_unknown = False  # so it was once, when its process died
        self.had_taken_effect = None  # of an unknown one, once that has shown
        self.is_void = False  # it had not, and was not sent again
        self.story = []  # what has happened to it, for who reads a failure

    @property
    def takes_effect(self):
        return self.entries > 0 and not self.fail

    @property
    def is_expired(self):
        """Its record is dropped by the sweep: a retry may take effect again, so none is made."""
        return self.key is not None and self.key.startswith("expired-")

    @property
    def can_be_retried(self):
        return self.key is not None and not self.is_expired

    def body(self):
        body = {"token": self.token, "entries": self.entries, "padding": self.padding}
        return {**body, "fail": True} if self.fail else body

    def tell(self, process, what):
        self.story.append(f"{self.token}, process {process}: {what}")

    def parts(self):
        return [f"{self.token} {part}/{self.entries}" for part in range(self.entries)]


class Ledger:
    """The facts of one ledger. Any thread."""

    def __init__(self, name):
        self.name = name
        self._lock = threading.Lock()
        self._commands = {}  # by token
        self._entries = {}  # position: entry
        self._places = {}  # entry: position
        self._length = 0  # what every later read must show at least

    # ------------------------------------------------------------------------------------ sending

    def add(self, command):
        """Before it is sent for the first time."""
        with self._lock:
            self._commands[command.token] = command

    def unknown(self):
        with self._lock:
            return [c for c in self._commands.values() if c.is_unknown]

    def once_unknown(self):
        with self._lock:
            return [c for c in self._commands.values() if c.was_unknown]

    def acknowledged(self):
        with self._lock:
            return [c for c in self._commands.values() if c.reply is not None]

    def entries(self):
        """All that is known to stand there."""
        with self._lock:
            return [self._entries[position] for position in range(len(self._entries))]

    @property
    def length(self):
        """A read that is sent now must show as many entries."""
        with self._lock:
            return self._length

    # ------------------------------------------------------------------------------------ answers

    def command_was_acknowledged(self, command, reply):
        with self._lock:
            self.a_refused_command_leaves_no_trace(command, "an answer")
            self.a_retry_gets_the_recorded_reply(command, reply)
            command.reply = reply
            command.is_unknown = False
            for part, entry in enumerate(command.parts()):
                self._learn(reply["position"] + part, entry, "the reply to its command")
            self._length = max(self._length, reply["position"] + command.entries)

    def command_was_refused(self, command):
        with self._lock:
            if command.takes_effect:
                self._fail("answer", f"{command.token} was refused")
            command.is_unknown = False

    def command_was_not_answered(self, command):
        with self._lock:
            if command.reply is None:
                command.is_unknown = True

    def command_is_sent_again(self, command):
        with self._lock:
            command.is_void = False

    def read_showed(self, entries, length_when_sent):
        with self._lock:
            if len(entries) < length_when_sent:
                gone = self._entries.get(len(entries), "an entry")
                self._fail("lost", f"a read shows {len(entries)} entries where there were "
                                   f"{length_when_sent}; the first to be missed is {gone}")
            self.steps_are_there_whole(entries)
            for position, entry in enumerate(entries):
                self._learn(position, entry, "a read")
            self._length = max(self._length, len(entries))
            for token in {entry.partition(" ")[0] for entry in entries}:
                command = self._commands[token]
                if command.is_void:
                    self._fail("ghost", f"{token} had not taken effect, and now it has")
                if command.had_taken_effect is None:
                    command.had_taken_effect = True

    def nothing_is_on_its_way(self):
        """The processes that were sent the unknown commands are dead, and the next one has been
        read: what it does not show never happened."""
        with self._lock:
            for command in self._commands.values():
                if not command.is_unknown or command.was_unknown:
                    continue
                command.was_unknown = True
                if command.had_taken_effect is None:
                    command.had_taken_effect = False
                    command.is_void = True

    # ------------------------------------------------------------------------------------- checks

    def _learn(self, position, entry, source):
        self.what_was_acknowledged_or_shown_stays(position, entry, source)
        self.a_command_takes_effect_once(position, entry, source)

    def what_was_acknowledged_or_shown_stays(self, position, entry, source):
        before = self._entries.setdefault(position, entry)
        if before != entry:
            self._fail("lost", f"at {position} stood {before}, and now, says {source}, {entry}")

    def a_command_takes_effect_once(self, position, entry, source):
        place = self._places.setdefault(entry, position)
        if place != position:
            self._fail("twice", f"{entry} stands at {place}, and, says {source}, at {position}")

    def a_retry_gets_the_recorded_reply(self, command, reply):
        if command.reply is not None and command.reply != reply:
            kind = "twice" if command.reply["position"] != reply["position"] else "reply"
            self._fail(kind, f"{command.token} was answered {command.reply}, and now {reply}")

    def a_refused_command_leaves_no_trace(self, command, trace):
        if not command.takes_effect:
            self._fail("trace", f"{command.token} was to be refused, and left {trace}")

    def steps_are_there_whole(self, entries):
        """Each with all of its entries, one after the other; and nothing that was not sent."""
        position = 0
        while position < len(entries):
            token = entries[position].partition(" ")[0]
            command = self._commands.get(token)
            if command is None:
                self._fail("trace", f"at {position} stands {token}, which was never sent")
            self.a_refused_command_leaves_no_trace(command, f"an entry at {position}")
            parts = command.parts()
            shown = entries[position:position + len(parts)]
            if shown != parts:
                self._fail("torn", f"at {position} a read shows {shown}, but the step is {parts}")
            position += len(parts)

    def _fail(self, kind, text):
        named = [c for token, c in self._commands.items() if re.search(rf"\b{token}\b", text)]
        story = "".join("\n  " + line for command in named for line in command.story)
        raise Violation(kind, f"ledger {self.name}: {text}{story}")


def _of(what, lines):
    """Of such lines of a log the rest."""
    return [rest for first, *rest in lines if first == what]


class Model:
    """All ledgers of one data folder."""

    def __init__(self):
        self.ledgers = []

    def new_ledger(self, name):
        self.ledgers.append(Ledger(name))
        return self.ledgers[-1]

    def the_log_holds_each_event_once(self, lines):
        """In its order, without a gap, and nothing beside what the ledgers show. When all ledgers
        have been read."""
        ends = collections.Counter()  # of the shards' logs
        logged = collections.defaultdict(list)
        for shard, offset, kind, name, sequence, entry in _of("event", lines):
            if offset != ends[shard]:
                raise Violation("log", f"shard {shard}: expected offset {ends[shard]}, "
                                       f"came {offset}")
            ends[shard] += 1
            logged[kind, name].append(entry)
            if sequence != len(logged[kind, name]):
                raise Violation("log", f"shard {shard}, offset {offset}: {entry} has the number "
                                       f"{sequence}, expected {len(logged[kind, name])}")
        for ledger in self.ledgers:
            if logged.pop(("ledger", ledger.name), []) != ledger.entries():
                raise Violation("log", f"the log of {ledger.name} is not what a read shows")
        if strays := [name for kind, name in logged if kind == "ledger"]:
            raise Violation("log", f"the log holds {', '.join(strays)}, which were never sent to")

    @staticmethod
    def the_topic_holds_each_event_once(lines):
        """What is left of it: the last that stand in the log of the same shard."""
        logged, published = collections.defaultdict(list), collections.defaultdict(list)
        for shard, _, kind, *event in _of("event", lines):
            if kind == "ledger":
                logged[shard].append(event)
        for partition, offset, _, *event in _of("message", lines):
            published[partition].append((offset, event))
        for partition, end in _of("end", lines):
            left = list(enumerate(logged[partition]))[len(logged[partition]) -
                                                      len(published[partition]):]
            if end != len(logged[partition]) or published[partition] != left:
                raise Violation("topic", f"partition {partition} ends at {end} and holds "
                                         f"{published[partition]}, expected "
                                         f"{len(logged[partition])} and {left}")
