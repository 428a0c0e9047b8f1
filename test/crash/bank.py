"""The bank, and the post beside it, as a subject of the crash test: money that is neither lost nor
made, letters that are numbered, alarms that ring once.

crash_test.py tells what a subject is.
"""

import itertools
import time

from bank_calls import Calls
from bank_load import Load
from bank_model import Customer, Model, Operation, Savings
from violation import Violation

ACCOUNTS = 5
CUSTOMERS = 5
WRITERS = ("couriers/c1", "couriers/c2", "desks/d1", "desks/d2")
OPENING_CENTS = 2000
SAVED_CENTS = 10_000_000

QUIET_SECONDS = 20  # a bound on failure only; a transfer expires after 60
LOOK_AGAIN_SECONDS = 0.02


class BankSubject:
    # Snapshots, recoveries and passivations without end.
    settings = ("--snapshot-every", "6", "--resident-entities-max", "5", "--shards", "4")

    calls = Calls

    def __init__(self, counts, with_redis):
        self.points = {
            "before_commit": 200, "after_commit": 200, "load": 200,
            "log_half": 120, "log_unsynced": 120, "snapshot_half": 60, "snapshot_unsynced": 60,
            "open": 45,
            "mail_durable": 120, "mail_handled": 120, "timer_due": 20, "timer_fired": 20,
        }
        if with_redis:
            self.points |= {
                "redis_before": 60, "redis_after": 60, "relay_begin": 30, "relay_end": 30,
                "take_out": 60, "outbox_trim": 20,
            }
        self._counts = counts
        self._names = itertools.count(1)
        self._model = None

    def begin(self):
        self._model = Model()
        for _ in range(ACCOUNTS):
            self._model.add_account(f"a{next(self._names)}", OPENING_CENTS)
        self._model.customers = [Customer(f"c{n}") for n in range(CUSTOMERS)]
        self._model.writers = list(WRITERS)
        self._begin_savings()

    def load(self, rng):
        return Load(self._model, self._names).run

    def settle(self, clients, rng):
        jobs = []
        for operation in self._model.unsettled():
            # Sometimes by two clients at once; not where the second may be refused for the first.
            again = 1 if operation.refusals or operation.is_accepted else rng.choice((1, 1, 2))
            jobs += [lambda calls, op=operation: calls.settle(op)] * again
        done = [op for op in self._model.operations if op.is_done]
        jobs += [lambda calls, op=op: calls.send_again(op)
                 for op in rng.sample(done, min(24, len(done)))]
        rng.shuffle(jobs)
        if not clients.do_all(jobs) or not self._read_customers(clients):
            return False
        return rng.random() > 0.3 or self._all_is_as_it_must_be(clients)

    def end(self, clients, rng):
        self._all_is_as_it_must_be(clients)
        self._count_outcomes()

    def is_closed(self, data):
        pass

    def what_did_not_happen(self):
        for what in ("transfers that were DONE", "transfers that were FAILED", "outcomes fetched",
                     "letters", "alarms"):
            if not self._counts[what]:
                return f"there were no {what}"
        return None

    def _begin_savings(self):
        """Not among the accounts that are changed at random."""
        source = self._model.add_account("savings", SAVED_CENTS)
        target = self._model.add_account("saved", 0)
        self._model.accounts = self._model.accounts[:-2]
        self._model.savings = Savings(source, target, SAVED_CENTS)

    def _count_outcomes(self):
        for transfer in self._model.transfers:
            if transfer.state is not None:
                self._counts[f"transfers that were {transfer.state}"] += 1
        self._counts["letters"] += sum(self._model.expected_letters().values())
        self._counts["alarms"] += len(self._model.alarms)

    # ----------------------------------------------------------------------------------- all quiet

    def _read_customers(self, clients):
        settled = [c for c in self._model.customers if c.is_settled]
        return clients.do_all([lambda calls, c=c: calls.read_customer(c) for c in settled])

    def _all_is_as_it_must_be(self, clients):
        """Once nothing is under way any more. False when the process died meanwhile."""
        model = self._model
        accounts = [*model.accounts, model.savings.source, model.savings.target]
        for account in accounts:
            self._send_behind_all_mail(account)
        wrong = None
        end = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            unsettled = model.unsettled()
            if not clients.do_all([lambda calls, op=op: calls.settle(op) for op in unsettled]):
                return False
            wrong = next((Violation("lost", f"it has no outcome: {op}")
                          for op in model.unsettled()), None)
            if wrong is None:
                wrong = self._what_is_under_way(clients)
            if wrong is None:
                break
            if wrong == "died":
                return False
            time.sleep(LOOK_AGAIN_SECONDS)
        if wrong is not None:
            raise wrong
        model.letters_are_numbered_once()
        # One that was refused may have been done by its retry since.
        refused = [op for op in model.operations if op.is_accepted and not op.is_done]
        if not clients.do_all([lambda calls, op=op: calls.fetch(op) for op in refused]):
            return False
        return self._read_customers(clients) and clients.do_all(
            [lambda calls, a=a: self._check_account(calls, a) for a in accounts])

    def _send_behind_all_mail(self, account):
        """Once its outcome is known, no mail of the account is older."""
        number = next(self._names)
        operation = Operation("POST", f"/accounts/{account.name}/deposit", f"behind {number}",
                              {"cents": 1}, is_async=True, refusals=("NOT_FOUND",))
        account.changes.append((self._model.add(operation), 1))

    def _what_is_under_way(self, clients):
        """The first thing, as the violation that it is if it stays so; None when there is none;
        "died" when that cannot be told any more."""
        model = self._model
        pending = [t for t in model.transfers if t.state is None and t.operation.is_done]
        boxes = {}

        def read_box(calls, writer):
            _, boxes[writer] = calls.get(f"/{writer}")

        jobs = [lambda calls, t=t: calls.read_transfer(t) for t in pending]
        jobs += [lambda calls, w=w: read_box(calls, w) for w in model.writers]
        if not clients.do_all(jobs):
            return "died"
        if None in boxes.values():
            return Violation("answer", "the post cannot be read")
        for writer, box in boxes.items():
            model.letters_come_once_and_in_order(writer, box)
        for transfer in pending:
            if transfer.state is None:
                return Violation("lost", f"transfer {transfer.name} does not end: "
                                         f"{transfer.operation}")
        return (model.all_letters_have_come(boxes, model.expected_letters())
                or model.alarms_ring_once(boxes))

    def _check_account(self, calls, account):
        status, reply = calls.get(f"/accounts/{account.name}", may_be=(200, 404))
        self._model.an_account_has_what_its_changes_come_to(account, status, reply)
