"""A disk that is full: what needs it is answered UNAVAILABLE, and all goes on without a restart when
there is space again. The disk is a small tmpfs, so this needs the right to mount.

usage: disk_full_test.py BANK_EXECUTABLE RELAY_EXECUTABLE
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from bank import CENTS, Bank, Load
from harness import Service, ServiceTest, skip_all, wait_until

BANK = None  # the commands that start the services
RELAY = None

# RocksDB takes no writes again before 64 MiB are free.
DISK_BYTES = 160 << 20

# It looks at a full disk every few seconds.
HEALS_SECONDS = 60


class Disk:
    """A small disk at `path`. Unmounted at the end of the `with` block."""

    def __init__(self, path):
        self.path = path
        path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", path],
                       check=True, capture_output=True, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "--lazy", self.path], check=True)

    def fill(self):
        """Takes all the space that is left."""
        with open(self.path / "filler", "ab", buffering=0) as filler:
            with contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(4096))

    def free(self):
        os.unlink(self.path / "filler")


def why_not_mounted():
    """None where this machine lets us mount."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Disk(pathlib.Path(folder) / "disk"):
                return None
        except FileNotFoundError:
            return "there is no mount"
        except subprocess.CalledProcessError as refused:
            return refused.stderr.strip()


class DiskFull(ServiceTest):
    def disk(self):
        return Disk(self.data / "disk")

    def done(self, came):
        self.assertEqual(came, (200, {}))

    def unavailable(self, came):
        self.assertEqual((came[0], came[1].get("status")), (503, "UNAVAILABLE"), came)

    def test_commands_are_refused_and_all_heals_without_a_restart(self):
        with self.disk() as disk, Bank(BANK, disk.path / "bank") as bank:
            self.done(bank.open_account("a"))
            self.done(bank.open_account("b"))
            self.done(bank.put_customer("c", "before"))
            disk.fill()
            # What RocksDB has set aside takes some more.
            wait_until(lambda: bank.deposit("filling", 1) and
                       bank.http("PUT", "/customers/filling", {"name": "x" * 100_000})[0] == 503,
                       "the disk is full")
            for _ in range(20):
                self.unavailable(bank.deposit("a", 1))
                self.unavailable(bank.put_customer("c", "refused"))
                self.unavailable(bank.transfer("t", "a", "b", 1))
                self.unavailable(bank.deposit("a", 1, {"prefer": "respond-async"}))
            # Reads go on.
            self.assertEqual((bank.account("a"), bank.customer("c")), ((CENTS, 0), "before"))
            disk.free()
            key = {"idempotency-key": "once"}
            wait_until(lambda: bank.deposit("a", 7, key) == (200, {}), "it heals", HEALS_SECONDS)
            self.done(bank.put_customer("c", "after"))
            self.done(bank.transfer("t", "a", "b", 1))
            self.assertEqual(bank.ended("t"), ("DONE", ""))
            accounts = bank.account("a"), bank.account("b")
            bank.kill()
            with Bank(BANK, disk.path / "bank") as again:
                self.assertEqual((again.account("a"), again.account("b")), accounts)
                self.assertEqual(again.customer("c"), "after")

    def test_transfers_that_were_accepted_before_end_after(self):
        accepted, refused = [], []

        def one_transfer(n):
            transfer = f"t{n}-{len(accepted) + len(refused)}"
            came = bank.transfer(transfer, f"a{n}", f"a{(n + 1) % 4}", 1)
            if came[0] == 200:
                accepted.append(transfer)
            else:
                self.unavailable(came)
                refused.append(transfer)

        with self.disk() as disk, Bank(BANK, disk.path / "bank") as bank:
            for n in range(4):
                self.done(bank.open_account(f"a{n}"))
            load = Load([lambda n=n: one_transfer(n) for n in range(4)])
            try:
                wait_until(lambda: len(accepted) > 50, "transfers are accepted")
                for _ in range(2):
                    wanted = len(refused) + 50
                    disk.fill()
                    wait_until(lambda: len(refused) >= wanted, "transfers are refused")
                    wanted = len(accepted) + 50
                    disk.free()
                    wait_until(lambda: len(accepted) >= wanted, "it heals", HEALS_SECONDS)
            finally:
                load.stop()
            self.assertEqual({bank.ended(transfer) for transfer in accepted}, {("DONE", "")})
            # What was refused has an unknown outcome: there or not, but not half.
            for transfer in refused:
                if bank.http("GET", f"/transfers/{transfer}")[0] == 200:
                    self.assertEqual(bank.ended(transfer), ("DONE", ""))
            accounts = [bank.account(f"a{n}") for n in range(4)]
            self.assertEqual(sum(balance for balance, _ in accounts), 4 * CENTS)
            self.assertEqual({held for _, held in accounts}, {0})

    def test_timers_and_mail_of_before_are_handled_after(self):
        with self.disk() as disk, Service(RELAY, disk.path / "relay") as relays:
            def texts(relay):
                return relays.http("GET", f"/relays/{relay}")[1]["texts"]

            due = time.monotonic() + 2
            self.done(relays.http("POST", "/relays/timed/timers",
                                  {"name": "t", "delay": 2000, "text": "fired"}))
            # Its handler is at work while the disk is filled.
            came = relays.http("POST", "/relays/mailed/kept", {"text": "kept", "milliseconds": 2000},
                               {"prefer": "respond-async"})
            self.assertEqual(came[0], 202)
            disk.fill()
            wait_until(lambda: relays.http("POST", "/relays/full/notes", {"text": "x" * 100_000})[0]
                       == 503, "the disk is full")
            self.assertLess(time.monotonic(), due, "the disk was filled too late")
            wait_until(lambda: time.monotonic() > due + 1, "the timer is due")
            self.assertEqual(texts("timed"), [])
            disk.free()
            wait_until(lambda: texts("timed") == ["fired"], "the timer fires", HEALS_SECONDS)
            wait_until(lambda: texts("mailed") == ["kept"], "the mail is handled", HEALS_SECONDS)
            status, found = relays.http("GET", "/commands/" + came[1]["commandId"])
            self.assertEqual((status, found["state"]), (200, "DONE"))


if __name__ == "__main__":
    BANK, RELAY = [sys.argv.pop(1)], [sys.argv.pop(1)]
    if why := why_not_mounted():
        skip_all(f"no tmpfs can be mounted here: {why}")
    unittest.main(verbosity=2)
