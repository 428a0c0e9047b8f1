"""What the driver knows of the bank and the post, and what therefore must be true of their answers.

An operation is one command that was made up, sent as often as it takes to learn its outcome. Once
all outcomes are known and nothing is under way any more, they tell what everything must be.
"""

import collections
import threading

from violation import Violation


class Operation:
    """One command: with its outcome, as far as it is known. Sent by one client at a time, but for
    retries by two at once."""

    def __init__(self, method, path, key, body=None, is_async=False, refusals=()):
        self.method = method
        self.path = path
        self.body = body
        self.key = key
        self.is_async = is_async  # answered once it is durable; its outcome is fetched later
        self.refusals = refusals  # the codes that it may be refused with
        self.command_id = None  # once it was accepted
        self.code = None  # once its outcome is known: 0, or one of the refusals
        self.reply = None
        self.was_sent_again = False
        self.story = []  # what has happened to it, for who reads a failure
        self._lock = threading.Lock()

    def __str__(self):
        story = "".join("\n  " + line for line in self.story)
        return f"{self.method} {self.path} {self.body} ({self.key}){story}"

    def tell(self, process, what):
        self.story.append(f"process {process}: {what}")

    @property
    def is_accepted(self):
        return self.command_id is not None

    @property
    def is_settled(self):
        return self.code is not None

    @property
    def is_done(self):
        return self.code == 0

    def was_accepted(self, command_id):
        with self._lock:
            if self.command_id not in (None, command_id):
                raise Violation("reply", f"accepted as {self.command_id} and {command_id}: {self}")
            self.command_id = command_id

    def an_accepted_command_has_an_outcome(self, status, record):
        if status != 200:
            raise Violation("lost", f"command {self.command_id} is not known: {status} {record}; "
                                    f"{self}")

    def a_command_has_one_outcome(self, code, reply):
        """A refused one leaves no record, and may be done at the next try."""
        with self._lock:
            if code != 0 and code not in self.refusals:
                raise Violation("answer", f"refused with {code} {reply}: {self}")
            if self.is_done and code != 0:
                raise Violation("twice", f"it was done, and is refused with {code} {reply}: {self}")
            if self.is_done and reply != self.reply:
                raise Violation("reply", f"it was answered {self.reply}, and now {reply}: {self}")
            self.code = code
            self.reply = reply if code == 0 else None


class Account:
    def __init__(self, name):
        self.name = name
        self.close = None  # the operation
        self.changes = []  # (operation, cents)


class Transfer:
    def __init__(self, name, source, target, cents, operation):
        self.name = name
        self.source = source  # names of accounts, or of none
        self.target = target
        self.cents = cents
        self.operation = operation
        self.state = None  # once it is DONE or FAILED

    def a_transfer_that_has_ended_stays_as_it_is(self, state):
        if self.state is not None and state != self.state:
            raise Violation("lost", f"transfer {self.name} was {self.state} and is {state}: "
                                    f"{self.operation}")
        if state != "PENDING":
            self.state = state


class Customer:
    """Written by one client at a time, so that what was acknowledged last is known."""

    def __init__(self, name):
        self.name = name
        self.lock = threading.Lock()
        self.operation = None  # the last that was sent
        self._cities = (None, None)  # before and after it; None: there is no such customer

    def is_written(self, operation, city):
        """Before it is sent. None is to delete it."""
        self._cities = (self.city, city)
        self.operation = operation

    @property
    def is_settled(self):
        return self.operation is None or self.operation.is_settled

    @property
    def city(self):
        return self._cities[self.operation is not None and self.operation.is_done]

    def shows_what_was_acknowledged_last(self, status, reply):
        city = reply.get("city") if status == 200 else None
        if city != self.city:
            raise Violation("lost", f"customer {self.name} lives in {city}, expected {self.city}; "
                                    f"the last to be sent: {self.operation}")


class Savings:
    """Two accounts that money goes between in one direction only."""

    def __init__(self, source, target, cents):
        self.source = source
        self.target = target
        self.cents = cents

    def what_is_held_accounts_for_a_transfer_under_way(self, source, target):
        """`source` was read first: what has left it by then has arrived."""
        seen = [int(a.get(field, 0)) for a in (source, target)
                for field in ("balanceCents", "heldCents")]
        if sum(seen) < self.cents:
            raise Violation("lost", f"of {self.cents} cents {sum(seen)} are left: {source}, {target}")


class Model:
    """All of one data folder. Things are only ever added."""

    def __init__(self):
        self.operations = []
        self.accounts = []
        self.savings = None
        self.transfers = []
        self.customers = []
        self.writers = []  # the kind and name of each courier and desk: "couriers/c1"
        self.letters = []  # (operation, from, to, letters, whether each is answered)
        self.alarms = []  # (operation, whose, name)

    def add(self, operation):
        self.operations.append(operation)
        return operation

    def add_account(self, name, cents):
        """And the operation that opens it, to be sent."""
        account = Account(name)
        opening = self.add(Operation("POST", f"/accounts/{name}", f"open {name}",
                                     {"customerId": "somebody", "openingCents": cents}))
        account.changes.append((opening, cents))
        self.accounts.append(account)
        return account

    def unsettled(self):
        return [op for op in self.operations if not op.is_settled]

    # --------------------------------------------------------- when all is settled and nothing moves

    def an_account_has_what_its_changes_come_to(self, account, status, reply):
        """Each transfer that is done moved its money once, one that has failed none."""
        expected = sum(cents for op, cents in account.changes if op.is_done)
        for t in self.transfers:
            if t.state == "DONE":
                expected += t.cents * ((t.target == account.name) - (t.source == account.name))
        is_closed = account.close is not None and account.close.is_done
        if status != (404 if is_closed else 200):
            raise Violation("lost", f"account {account.name} was answered {status} {reply}; "
                                    f"close: {account.close}")
        balance, held = (int(reply.get(field, 0)) for field in ("balanceCents", "heldCents"))
        if held:
            raise Violation("held", f"account {account.name} holds {held} cents for nothing")
        if balance != expected:
            kind = "lost" if balance < expected else "twice"
            raise Violation(kind, f"account {account.name} has {balance} cents, "
                                  f"its changes come to {expected}")

    def expected_letters(self):
        """By sender and receiver."""
        expected = collections.Counter()
        for op, sender, receiver, letters, is_answered in self.letters:
            if op.is_done:
                expected[sender, receiver] += letters
                expected[receiver, sender] += letters if is_answered else 0
        return expected

    def letters_come_once_and_in_order(self, writer, box):
        for what in box.get("misplaced", []):
            _, number, _, last = what.split(" ")
            kind = "twice" if int(number) <= int(last) else "order"
            raise Violation(kind, f"{writer} received {what}; all: {box['misplaced'][:20]}")

    def all_letters_have_come(self, boxes, expected):
        """The first thing that is wrong, or None."""
        for (sender, receiver), letters in expected.items():
            sent = int(boxes[sender].get("sent", {}).get(_name(receiver), 0))
            received = int(boxes[receiver].get("received", {}).get(_name(sender), 0))
            if (sent, received) != (letters, letters):
                kind = "lost" if min(sent, received) < letters else "twice"
                return Violation(kind, f"from {sender} to {receiver} {letters} letters were written, "
                                       f"{sent} sent and {received} received")
        return None

    def letters_are_numbered_once(self):
        """What each was answered is a range of its own."""
        taken = {}
        for op, sender, receiver, letters, _ in self.letters:
            if not op.is_done:
                continue
            last = int(op.reply["last"])
            for number in range(last - letters + 1, last + 1):
                other = taken.setdefault((sender, receiver, number), op)
                if other is not op:
                    raise Violation("twice", f"{sender} has two letters {number} to {receiver}: "
                                             f"{other}\n{op}")

    def alarms_ring_once(self, boxes):
        """The first that has not rung, or None."""
        for op, writer, name in self.alarms:
            rang = boxes[writer].get("rang", {}).get(name, 0)
            if rang > 1 or rang and not op.is_done:
                raise Violation("twice", f"alarm {name} of {writer} rang {rang} times: {op}")
            if op.is_done and not rang:
                return Violation("lost", f"alarm {name} of {writer} did not ring: {op}")
        return None


def _name(writer):
    return writer.partition("/")[2]
