"""The bank with its customers on a real Redis: what is there outlives kill -9 of either, and while
Redis is away or full only what needs it says so.

usage: bank_redis_test.py BANK_EXECUTABLE
"""

import subprocess
import sys
import time
import unittest

from bank import CENTS, Bank, Load
from harness import ServiceTest, run_to_end, skip_all, wait_until
from redis_server import Redis, free_port, is_installed

BANK = None  # the command that starts the service

AWAY_SECONDS = 3  # that Redis is away under load

PORTS = ["--grpc-port", "0", "--http-port", "0", "--admin-port", "0"]


class RedisTest(ServiceTest):
    def redis(self, *arguments, name="redis", password=None):
        return Redis(self.data / name, *arguments, password=password)

    def bank(self, redis, *flags):
        return Bank(BANK, self.data / "bank", "--kv", "redis", "--redis", redis.address, *flags)

    def done(self, came):
        self.assertEqual(came, (200, {}))

    def unavailable(self, came, *words):
        self.assertEqual((came[0], came[1].get("status")), (503, "UNAVAILABLE"), came)
        for word in words:
            self.assertIn(word, came[1]["message"])

    def health(self, bank):
        """The warnings, each a sentence, but for those of views that wait for Redis too."""
        status, health = bank.http("GET", "/health", port="admin")
        self.assertEqual((status, health["status"]), (200, "SERVING"))
        return [w for w in health.get("warnings", []) if not w.startswith("view ")]


class Kept(RedisTest):
    def test_customers_are_in_redis_and_outlive_kill_9_of_either(self):
        with self.redis() as redis:
            with self.bank(redis) as bank:
                self.assertEqual(self.health(bank), [])
                self.done(bank.put_customer("ann", "Ann"))
                self.done(bank.open_account("a"))
                self.done(bank.put_customer("gone", "Gone"))
                self.done(bank.http("DELETE", "/customers/gone"))
                keys = redis.ask("KEYS", "*customer:ann")
                self.assertEqual(len(keys), 1)
                self.assertEqual(redis.ask("KEYS", "*account*"), [])
                bank.kill()
            with self.bank(redis) as bank:
                self.assertEqual(bank.customer("ann"), "Ann")
                self.done(bank.put_customer("ann", "Anna"))
                redis.kill()
                redis.start()
                wait_until(lambda: bank.http("GET", "/customers/ann")[0] == 200, "it heals")
                self.assertEqual(bank.customer("ann"), "Anna")
                bank.kill()
            redis.kill()
            redis.start()
            with self.bank(redis) as bank:
                self.assertEqual(bank.customer("ann"), "Anna")
                self.assertEqual(bank.account("a"), (CENTS, 0))
                self.assertEqual(bank.http("GET", "/customers/gone")[0], 404)

    def test_a_retry_gets_the_recorded_reply_after_kill_9_of_both(self):
        key = {"idempotency-key": "k"}
        with self.redis() as redis:
            with self.bank(redis) as bank:
                self.done(bank.http("PUT", "/customers/c", {"name": "first"}, key))
                self.done(bank.put_customer("c", "second"))
                bank.kill()
            redis.kill()
            redis.start()
            with self.bank(redis) as bank:
                self.done(bank.http("PUT", "/customers/c", {"name": "first"}, key))
                self.assertEqual(bank.customer("c"), "second")

    def test_a_password_and_tls(self):
        folder = self.data / "certificates"
        folder.mkdir()
        certificate, key = folder / "cert.pem", folder / "key.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        tls_port = free_port()
        (self.data / "password").write_text("secret\n")
        with self.redis("--tls-port", str(tls_port), "--tls-cert-file", certificate,
                        "--tls-key-file", key, "--tls-ca-cert-file", certificate,
                        "--tls-auth-clients", "no", password="secret") as redis:
            flags = ["--kv", "redis", "--redis", f"127.0.0.1:{tls_port}",
                     "--redis-password-file", self.data / "password", "--redis-tls"]
            with Bank(BANK, self.data / "bank", *flags, "--redis-ca-file", certificate) as bank:
                self.done(bank.put_customer("ann", "Ann"))
                self.assertEqual(bank.customer("ann"), "Ann")
                redis.kill()
                redis.start()
                wait_until(lambda: bank.http("GET", "/customers/ann")[0] == 200, "it heals")
            code, said = run_to_end(BANK, "--data", self.data / "bank", *PORTS, *flags)
            self.assertNotEqual(code, 0)
            self.assertIn("certificate", said)


class Away(RedisTest):
    def test_under_load_only_what_needs_it_waits_and_all_heals(self):
        names = [0] * 4  # of each customer the last that was acknowledged
        refused = [0] * 4  # how often it was told to come again
        deposits = [0] * 2
        transfers = [0]

        def put_next(n):
            wanted = str(names[n] + 1)
            came = bank.http("PUT", f"/customers/c{n}", {"name": wanted},
                             {"idempotency-key": wanted})
            if came[0] != 200:
                self.unavailable(came)
                refused[n] += 1
                time.sleep(0.005)  # as a client that backs off
                return
            names[n] += 1

        def deposit(n):
            self.done(bank.deposit(f"a{n}", 1))
            deposits[n] += 1

        def transfer():
            self.done(bank.transfer(f"t{transfers[0]}", "a0", "a1", 1))
            transfers[0] += 1

        def all_go_on(counts):
            wanted = [count + 20 for count in counts]
            return lambda: all(count >= least for count, least in zip(counts, wanted))

        with self.redis() as redis, self.bank(redis) as bank:
            for n in range(2):
                self.done(bank.open_account(f"a{n}"))
            load = Load([*(lambda n=n: put_next(n) for n in range(4)),
                         *(lambda n=n: deposit(n) for n in range(2)), transfer])
            try:
                wait_until(all_go_on(names), "customers are put")
                redis.kill()
                gone = time.monotonic()
                wait_until(all_go_on(refused), "key-value commands are refused")
                for counts in [deposits, transfers]:
                    wait_until(all_go_on(counts), "event sourced commands go on")
                [warning] = self.health(bank)
                self.assertIn(f"Redis at {redis.address}: ", warning)
                before = names[:]
                self.assertTrue(self.hold(load, AWAY_SECONDS - (time.monotonic() - gone)))
                for counts in [deposits, transfers]:
                    wait_until(all_go_on(counts), "event sourced commands go on all the time")
                self.assertEqual(names, before)
                redis.start()
                wait_until(all_go_on(names), "key-value commands are served again")
                self.assertEqual(self.health(bank), [])
            finally:
                load.stop()
            self.assert_kept(bank, names, deposits, transfers[0])
            # Being away is told once, not per command.
            self.assertLess(len(bank.logged().splitlines()), 50, bank.logged()[-5000:])
            redis.kill()
            redis.start()
            bank.kill()
            with self.bank(redis) as again:
                self.assert_kept(again, names, deposits, transfers[0])

    def hold(self, load, seconds):
        """Whether the clients were well all the time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and load.is_well():
            time.sleep(0.05)
        return load.is_well()

    def assert_kept(self, bank, names, deposits, transfers):
        self.assertEqual([bank.customer(f"c{n}") for n in range(4)], [str(name) for name in names])
        for n in range(transfers):
            self.assertEqual(bank.ended(f"t{n}"), ("DONE", ""))
        self.assertEqual(bank.account("a0"), (CENTS + deposits[0] - transfers, 0))
        self.assertEqual(bank.account("a1"), (CENTS + deposits[1] + transfers, 0))

    def test_mail_is_accepted_meanwhile_and_handled_after(self):
        with self.redis() as redis, self.bank(redis) as bank:
            redis.kill()
            came = [bank.http("PUT", f"/customers/c{n}", {"name": "mailed"},
                              {"prefer": "respond-async"}) for n in range(20)]
            self.assertEqual({one[0] for one in came}, {202})
            commands = [one[1]["commandId"] for one in came]
            for command in commands:
                status, found = bank.http("GET", f"/commands/{command}")
                if status != 503:
                    self.assertEqual((status, found["state"]), (200, "PENDING"))
            redis.start()
            for n, command in enumerate(commands):
                wait_until(lambda: bank.http("GET", f"/commands/{command}")[1].get("state") ==
                           "DONE", "the mail is handled")
                self.assertEqual(bank.customer(f"c{n}"), "mailed")


class Full(RedisTest):
    def test_a_full_redis_refuses_and_heals_when_it_has_memory_again(self):
        with self.redis("--maxmemory-policy", "noeviction") as redis, self.bank(redis) as bank:
            self.done(bank.put_customer("c", "before"))
            self.done(bank.open_account("a"))
            redis.ask("CONFIG", "SET", "maxmemory", "1")
            for customer in ["c", "new"]:
                self.unavailable(bank.put_customer(customer, "refused"))
            self.assertEqual(bank.customer("c"), "before")  # reads go on
            self.done(bank.deposit("a", 1))
            self.assertIn("no memory left (maxmemory)", bank.logged())
            redis.ask("CONFIG", "SET", "maxmemory", "0")
            wait_until(lambda: bank.put_customer("new", "after")[0] == 200, "it heals")
            self.assertEqual((bank.customer("c"), bank.customer("new")), ("before", "after"))


class Opening(RedisTest):
    def refused(self, redis, *flags, words):
        code, said = run_to_end(BANK, "--data", self.data / "bank", *PORTS, "--kv", "redis",
                                "--redis", redis if isinstance(redis, str) else redis.address,
                                *flags)
        self.assertNotEqual(code, 0)
        for word in ["cannot start: Redis at ", *words]:
            self.assertIn(word, said)

    def test_a_weaker_durability_is_told_in_log_and_health(self):
        with self.redis("--appendfsync", "everysec") as redis, self.bank(redis) as bank:
            [warning] = self.health(bank)
            self.assertIn(f"Redis at {redis.address}: it has appendfsync everysec", warning)
            self.assertEqual(bank.logged().count(warning), 1)
            self.done(bank.put_customer("c", "served all the same"))
            # As is what is found when it comes back as another.
            redis.kill()
            redis.arguments = ["--maxmemory-policy", "allkeys-lru"]
            redis.start()
            wait_until(lambda: bank.put_customer("c", "again")[0] == 200, "it heals")
            [warning] = self.health(bank)
            self.assertIn("maxmemory-policy allkeys-lru", warning)

    def test_one_that_is_not_there(self):
        self.refused(f"127.0.0.1:{free_port()}", words=["not reachable"])

    def test_a_wrong_password(self):
        with self.redis(password="secret") as redis:
            self.refused(redis, words=["wants a password"])
            self.refused(redis, "--redis-password", "wrong", words=["refuses the password"])
            with self.bank(redis, "--redis-password", "secret") as bank:
                self.done(bank.put_customer("c", "Ann"))

    def test_a_read_only_replica(self):
        with self.redis() as primary, \
                self.redis("--replicaof", f"127.0.0.1 {primary.port}", name="replica") as replica:
            self.refused(replica, words=["read-only replica", primary.address])

    def test_other_data_under_our_keys(self):
        with self.redis() as redis:
            redis.ask("SET", "perdure:store", "somebody's")
            self.refused(redis, words=["other data under our key perdure:store"])
            self.assertEqual(redis.ask("GET", "perdure:store"), "somebody's")
            redis.ask("DEL", "perdure:store")
            redis.ask("SET", "perdure:{3}:log", "somebody's")
            self.refused(redis, words=["other data under our key perdure:{3}:log"])
            self.assertEqual(redis.ask("KEYS", "*"), ["perdure:{3}:log"])

    def test_the_redis_of_another_data_folder(self):
        with self.redis() as redis, self.redis(name="other") as other:
            with self.bank(redis) as bank:
                self.done(bank.put_customer("c", "Ann"))
                code, said = run_to_end(BANK, "--data", self.data / "new", *PORTS, "--kv", "redis",
                                        "--redis", redis.address)
                self.assertNotEqual(code, 0)
                self.assertIn("another data folder", said)
                # Who has it goes on.
                self.done(bank.put_customer("c", "Anna"))
                bank.kill()
            self.refused(other, words=["holds no store"])
            code, said = run_to_end(BANK, "--data", self.data / "bank", *PORTS)
            self.assertNotEqual(code, 0)
            self.assertIn("--kv redis", said)
            # A folder that has not come to use a Redis is as it was.
            with Bank(BANK, self.data / "new") as bank:
                self.done(bank.put_customer("c", "Bob"))
            with self.bank(redis) as bank:
                self.assertEqual(bank.customer("c"), "Anna")

    def test_one_that_has_lost_its_data(self):
        with self.redis() as redis:
            with self.bank(redis) as bank:
                self.done(bank.put_customer("c", "Ann"))
            redis.ask("FLUSHALL")
            self.refused(redis, words=["holds no store", "lost its data"])
            self.assertEqual(redis.ask("KEYS", "*"), [])
            (self.data / "bank" / "REDIS.perdure").unlink()
            with self.bank(redis) as bank:
                self.assertEqual(bank.http("GET", "/customers/c")[0], 404)

    def test_a_start_that_was_killed_half_way_is_no_obstacle(self):
        with self.redis() as redis:
            with self.bank(redis) as bank:
                self.done(bank.put_customer("c", "Ann"))
            named = self.data / "bank" / "REDIS.perdure"
            named.write_text("new " + named.read_text())  # the store was created, and no more
            with self.bank(redis) as bank:
                self.assertEqual(bank.customer("c"), "Ann")
            self.assertNotIn("new", named.read_text())
            named.write_text("nonsense")
            code, said = run_to_end(BANK, "--data", self.data / "bank", *PORTS, "--kv", "redis",
                                    "--redis", redis.address)
            self.assertNotEqual(code, 0)
            self.assertIn("REDIS.perdure", said)

    def test_settings_of_redis_without_it(self):
        code, said = run_to_end(BANK, "--data", self.data / "bank", *PORTS, "--redis",
                                "127.0.0.1:6379")
        self.assertNotEqual(code, 0)
        self.assertIn("--kv redis", said)


if __name__ == "__main__":
    BANK = [sys.argv.pop(1)]
    if not is_installed():
        skip_all("redis-server is not installed (scripts/packages)")
    unittest.main(verbosity=2)
