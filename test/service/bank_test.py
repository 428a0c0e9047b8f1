"""The bank as a user meets it: its executable, HTTP, kill -9. No money is lost or made.

usage: bank_test.py BANK_EXECUTABLE
"""

import itertools
import random
import sys
import time
import unittest

from bank import CENTS, Bank, Load
from harness import ServiceTest, wait_until

BANK = None  # the command that starts the service

ACCOUNTS = [f"a{n}" for n in range(8)]


class BankTest(ServiceTest):
    def bank(self, *flags):
        return Bank(BANK, self.data, *flags)

    def done(self, came):
        self.assertEqual(came, (200, {}))

    def refused(self, came, http, code):
        self.assertEqual((came[0], came[1].get("status")), (http, code), came)

    def done_command(self, bank, came):
        """What became of a command that was accepted with `came`."""
        self.assertEqual(came[0], 202, came)

        def found():
            status, reply = bank.http("GET", "/commands/" + came[1]["commandId"])
            self.assertEqual(status, 200, reply)
            return reply if reply["state"] == "DONE" else None
        return wait_until(found, "the command is handled")


class Contract(BankTest):
    def test_a_walk_through_the_manual(self):
        with self.bank() as bank:
            self.done(bank.http("POST", "/accounts/ann",
                                {"customerId": "ann", "openingCents": 10000}))
            self.done(bank.http("POST", "/accounts/bob", {"customerId": "bob"}))
            self.done(bank.transfer("t1", "ann", "bob", 2500))
            self.assertEqual(bank.ended("t1"), ("DONE", ""))
            self.assertEqual(bank.account("ann"), (7500, 0))
            self.assertEqual(bank.account("bob"), (2500, 0))
            self.done(bank.deposit("bob", 100))
            self.done(bank.withdraw("bob", 2600))
            self.done(bank.http("DELETE", "/accounts/bob"))
            self.done(bank.http("PUT", "/customers/ann", {
                "name": "Ann", "email": "ann@example.org", "city": "Graz"}))
            self.assertEqual(bank.http("GET", "/customers/ann"), (200, {
                "customerId": "ann", "name": "Ann", "email": "ann@example.org", "city": "Graz"}))

    def test_the_domain_says_no(self):
        with self.bank() as bank:
            self.done(bank.open_account("a", 100))
            self.done(bank.transfer("t", "a", "b", 1))
            for came, http, code in [
                    (bank.open_account("a"), 409, "ALREADY_EXISTS"),
                    (bank.open_account("n", -1), 400, "INVALID_ARGUMENT"),
                    (bank.deposit("a", 0), 400, "INVALID_ARGUMENT"),
                    (bank.deposit("a", 2**63 - 1), 400, "OUT_OF_RANGE"),
                    (bank.deposit("n", 1), 404, "NOT_FOUND"),
                    (bank.withdraw("a", 1000), 400, "FAILED_PRECONDITION"),
                    (bank.http("DELETE", "/accounts/a"), 400, "FAILED_PRECONDITION"),
                    (bank.http("DELETE", "/accounts/n"), 404, "NOT_FOUND"),
                    (bank.http("GET", "/accounts/n"), 404, "NOT_FOUND"),
                    (bank.transfer("t2", "a", "a", 1), 400, "INVALID_ARGUMENT"),
                    (bank.transfer("t2", "a", "b", 0), 400, "INVALID_ARGUMENT"),
                    (bank.transfer("t", "a", "b", 2), 409, "ALREADY_EXISTS"),
                    (bank.http("GET", "/transfers/t2"), 404, "NOT_FOUND"),
                    (bank.http("GET", "/customers/n"), 404, "NOT_FOUND"),
                    (bank.http("DELETE", "/customers/n"), 404, "NOT_FOUND")]:
                self.refused(came, http, code)

    def test_what_is_deleted_is_gone_and_may_come_again(self):
        with self.bank() as bank:
            self.done(bank.open_account("a", 0))
            self.done(bank.http("DELETE", "/accounts/a"))
            self.done(bank.put_customer("c", "Ann"))
            self.done(bank.http("DELETE", "/customers/c"))
            bank.kill()
        with self.bank() as bank:
            self.refused(bank.http("GET", "/accounts/a"), 404, "NOT_FOUND")
            self.refused(bank.http("GET", "/customers/c"), 404, "NOT_FOUND")
            self.done(bank.open_account("a", 5))
            self.done(bank.put_customer("c", "Bob"))
            bank.kill()
        with self.bank() as bank:
            self.assertEqual(bank.account("a"), (5, 0))
            self.assertEqual(bank.customer("c"), "Bob")


class Transfers(BankTest):
    def test_one_that_fails_leaves_the_money_where_it_was(self):
        with self.bank() as bank:
            self.done(bank.open_account("a", 100))
            self.done(bank.open_account("closed", 0))
            self.done(bank.http("DELETE", "/accounts/closed"))
            for transfer, source, target, cents, why in [
                    ("short", "a", "b", 101, "from_account: the account is short of money"),
                    ("no source", "n", "a", 1, "from_account: there is no such account"),
                    ("no target", "a", "n", 1, "to_account: there is no such account"),
                    ("closed", "a", "closed", 1, "to_account: there is no such account")]:
                name = transfer.replace(" ", "%20")
                self.done(bank.transfer(name, source, target, cents))
                self.assertEqual(bank.ended(name), ("FAILED", why))
                self.assertEqual(bank.account("a"), (100, 0))

    def test_one_that_expires_meanwhile_has_happened_or_left_no_trace(self):
        # The timer takes a minute; what it sends can be sent by hand, at a time that is as bad.
        with self.bank() as bank:
            self.done(bank.open_account("a"))
            self.done(bank.open_account("b", 0))
            current = "t0"
            load = Load([lambda: bank.http("POST", "/bank.api.Transfers/Expire",
                                           {"transferId": current})] * 4)
            moved, outcomes = 0, set()
            try:
                end = time.monotonic() + 60
                for n in itertools.count():
                    current = f"t{n}"
                    self.done(bank.transfer(current, "a", "b", 1))
                    outcome = bank.ended(current)
                    outcomes.add(outcome)
                    moved += outcome[0] == "DONE"
                    self.assertEqual(bank.account("b")[0], moved)
                    if outcomes == {("DONE", ""), ("FAILED", "expired")}:
                        break
                    self.assertLess(time.monotonic(), end, outcomes)
            finally:
                load.stop()
            self.assertEqual(bank.account("a"), (CENTS - moved, 0))

    def test_they_end_and_conserve_the_sum_through_kill_9(self):
        accepted, unanswered = set(), {}
        numbers = itertools.count()
        draw = random.Random(1)

        def one_transfer(bank):
            transfer = f"t{next(numbers)}"
            # An account that is not there makes some fail and be taken back.
            source, target = draw.sample([*ACCOUNTS, "nowhere"], 2)
            unanswered[transfer] = (source, target, draw.randrange(1, CENTS // 4))
            self.done(bank.transfer(transfer, *unanswered[transfer]))
            del unanswered[transfer]
            accepted.add(transfer)

        with self.bank() as bank:
            for account in ACCOUNTS:
                self.done(bank.open_account(account))
            bank.kill()
        for _ in range(4):
            with self.bank() as bank:
                wanted = len(accepted) + 100
                load = Load([lambda: one_transfer(bank)] * 6)
                wait_until(lambda: len(accepted) >= wanted, "transfers are accepted")
                bank.kill()
                load.stop()
        with self.bank() as bank:
            # Whether they were accepted or not: asked for once more, they take effect once.
            for transfer, what in unanswered.items():
                self.done(bank.transfer(transfer, *what))
            outcomes = [bank.ended(transfer)[0] for transfer in [*accepted, *unanswered]]
            self.assertEqual(set(outcomes), {"DONE", "FAILED"})
            accounts = [bank.account(account) for account in ACCOUNTS]
            self.assertEqual(sum(balance for balance, _ in accounts), CENTS * len(ACCOUNTS))
            self.assertEqual({held for _, held in accounts}, {0})


class NotWaitedFor(BankTest):
    ASYNC = {"prefer": "respond-async"}

    def test_a_command_is_answered_at_once_and_its_outcome_fetched_later(self):
        with self.bank() as bank:
            self.done(bank.open_account("a", 0))
            answered = {}
            came = bank.http("POST", "/accounts/a/deposit", {"cents": 5}, self.ASYNC,
                             answered=answered)
            command = came[1]["commandId"]
            self.assertEqual((came[0], answered["location"], answered["perdure-command-id"]),
                             (202, "/commands/" + command, command))
            found = self.done_command(bank, came)
            self.assertEqual((found["status"]["code"], found["entityType"], found["entityId"],
                              found["method"]), (0, "account", "a", "bank.api.Accounts.Deposit"))
            self.assertEqual(bank.account("a"), (5, 0))

            came = bank.http("POST", "/accounts/a/withdraw", {"cents": 6}, self.ASYNC)
            self.assertEqual(self.done_command(bank, came)["status"],
                             {"code": 9, "message": "the account is short of money"})
            came = bank.http("GET", "/accounts/a", headers=self.ASYNC)
            reply = self.done_command(bank, came)["reply"]
            self.assertEqual((reply["@type"], reply["balanceCents"]),
                             ("type.googleapis.com/bank.api.Account", "5"))
            # A key-value entity of this process has a mailbox too.
            came = bank.http("PUT", "/customers/c", {"name": "Ann"}, self.ASYNC)
            self.assertEqual(self.done_command(bank, came)["status"]["code"], 0)
            self.assertEqual(bank.customer("c"), "Ann")

            self.refused(bank.http("GET", "/commands/9b2d61c4-3f0e-4a7b-8d15-60c2f7a1e934"), 404,
                         "NOT_FOUND")
            self.refused(bank.http("GET", "/commands/no-uuid"), 400, "INVALID_ARGUMENT")

    def test_what_was_accepted_is_done_after_kill_9(self):
        with self.bank() as bank:
            self.done(bank.open_account("a", 0))
            came = [bank.deposit("a", 1, self.ASYNC) for _ in range(100)]
            bank.kill()
        with self.bank() as bank:
            for one in came:
                self.assertEqual(self.done_command(bank, one)["status"]["code"], 0)
            self.assertEqual(bank.account("a"), (100, 0))

    def test_a_wrong_wish_is_refused(self):
        with self.bank() as bank:
            self.done(bank.open_account("a", 0))
            self.refused(bank.deposit("a", 1, {"perdure-send": "perhaps"}), 400,
                         "INVALID_ARGUMENT")
            self.assertEqual(bank.account("a"), (0, 0))


class Retries(BankTest):
    def test_a_retry_takes_effect_once_however_it_is_sent(self):
        with self.bank() as bank:
            self.done(bank.open_account("a", 0))
            for _ in range(3):
                self.done(bank.deposit("a", 5, {"idempotency-key": "waited for"}))
            wanted = {"idempotency-key": "sent", "prefer": "respond-async"}
            ids = set()
            for _ in range(3):
                came = bank.deposit("a", 7, wanted)
                ids.add(came[1]["commandId"])
                self.done_command(bank, came)
            self.assertEqual(len(ids), 1)
            self.refused(bank.deposit("a", 6, {"idempotency-key": "waited for"}), 400,
                         "INVALID_ARGUMENT")
            self.assertEqual(bank.account("a"), (12, 0))
            bank.kill()
        with self.bank() as bank:
            self.done(bank.deposit("a", 5, {"idempotency-key": "waited for"}))
            came = bank.deposit("a", 7, wanted)
            self.assertEqual({came[1]["commandId"]}, ids)
            self.assertEqual(self.done_command(bank, came)["status"]["code"], 0)
            self.assertEqual(bank.account("a"), (12, 0))
            for _ in range(2):
                self.done(bank.transfer("t", "a", "n", 1, {"idempotency-key": "t"}))
            self.assertEqual(bank.ended("t")[0], "FAILED")


if __name__ == "__main__":
    BANK = [sys.argv.pop(1)]
    unittest.main(verbosity=2)
