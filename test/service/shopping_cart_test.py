"""The shopping cart as a user meets it: its executable, HTTP, kill -9, SIGTERM.

usage: shopping_cart_test.py SHOPPING_CART_EXECUTABLE
"""

import contextlib
import pathlib
import re
import resource
import socket
import subprocess
import sys
import threading
import unittest

from harness import Service, ServiceTest, run_to_end

CART = None  # the command that starts the service


def apples(quantity):
    return {"product_id": "apple", "name": "Apple", "quantity": quantity}


class Contract(ServiceTest):
    def test_a_cart_from_the_first_item_to_checkout(self):
        with Service(CART, self.data) as cart:
            self.assertEqual(cart.http("POST", "/carts/c1/items", apples(2)), (200, {}))
            self.assertEqual(cart.http("POST", "/carts/c1/items", apples(3)), (200, {}))
            pear = {"productId": "pear", "name": "Pear", "quantity": 1}
            self.assertEqual(cart.http("POST", "/carts/c1/items", pear)[0], 200)
            self.assertEqual(cart.http("DELETE", "/carts/c1/items/pear")[0], 200)
            self.assertEqual(cart.http("POST", "/carts/c1/checkout")[0], 200)
            status, reply = cart.http("GET", "/carts/c1")
            self.assertEqual(status, 200)
            self.assertEqual(reply["items"],
                             [{"productId": "apple", "name": "Apple", "quantity": 5}])
            self.assertTrue(reply["checkedOut"])

    def test_the_domain_says_no(self):
        with Service(CART, self.data) as cart:
            cart.http("POST", "/carts/c1/items", apples(1))
            for method, path, body, status, code in [
                    ("POST", "/carts/c1/items", apples(0), 400, "INVALID_ARGUMENT"),
                    ("DELETE", "/carts/c1/items/pear", None, 404, "NOT_FOUND"),
                    ("POST", "/carts/empty/checkout", None, 400, "FAILED_PRECONDITION")]:
                came = cart.http(method, path, body)
                self.assertEqual((came[0], came[1]["status"]), (status, code), path)
            cart.http("POST", "/carts/c1/checkout")
            came = cart.http("POST", "/carts/c1/items", apples(1))
            self.assertEqual((came[0], came[1]["status"]), (400, "FAILED_PRECONDITION"))

    def test_every_rpc_is_there_by_its_name_too(self):
        with Service(CART, self.data) as cart:
            body = {"cartId": "c1", **apples(1)}
            self.assertEqual(cart.http("POST", "/cart.api.ShoppingCart/AddItem", body)[0], 200)
            came = cart.http("POST", "/cart.api.ShoppingCart/AddItem", apples(1))
            self.assertEqual((came[0], came[1]["status"]), (400, "INVALID_ARGUMENT"))
            self.assertIn("cart_id", came[1]["message"])

    def test_an_idempotency_key_takes_effect_once(self):
        with Service(CART, self.data) as cart:
            key = {"idempotency-key": "k1"}
            for _ in range(3):
                self.assertEqual(cart.http("POST", "/carts/c1/items", apples(2), key)[0], 200)
            came = cart.http("POST", "/carts/c1/items", apples(3), key)
            self.assertEqual((came[0], came[1]["status"]), (400, "INVALID_ARGUMENT"))
            self.assertEqual(cart.http("GET", "/carts/c1")[1]["items"][0]["quantity"], 2)


class BadInput(ServiceTest):
    def test_each_bad_request_gets_a_clear_answer_and_the_service_goes_on(self):
        with Service(CART, self.data) as cart:
            for method, path, body, status in [
                    ("POST", "/carts/c1/items", "{not json", 400),
                    ("POST", "/carts/c1/items", {"no_such_field": 1}, 400),
                    ("POST", "/carts/c1/items", {"quantity": "many"}, 400),
                    ("POST", "/carts//items", apples(1), 400),
                    ("POST", "/cart.api.ShoppingCart/NoSuchRpc", {}, 404),
                    ("GET", "/carts/" + "x" * 5000, None, 400),
                    ("POST", "/carts/c1/items", b'{"name": "\xff\xfe"}', 400),
                    ("POST", "/carts/c1/items", '{"name": "' + "x" * (5 << 20) + '"}', 413)]:
                came = cart.http(method, path, body)
                self.assertEqual(came[0], status, (method, path[:40], came))
                self.assertTrue(came[1]["message"], path[:40])
            self.assertEqual(cart.http("GET", "/carts/c1")[1]["items"], [])

    def test_a_client_that_goes_away_leaves_nothing_behind(self):
        with Service(CART, self.data) as cart:
            for _ in range(200):
                with socket.create_connection(("127.0.0.1", cart.ports["http"])) as half:
                    half.sendall(b"POST /carts/c1/items HTTP/1.1\r\ncontent-length: 100\r\n\r\n{")
            self.assertEqual(cart.http("GET", "/carts/c1")[1]["items"], [])


    def test_ten_thousand_connections_do_not_stop_others(self):
        wanted = 10_000
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < wanted + 200:
            self.skipTest(f"this machine allows {hard} descriptors, {wanted + 200} are needed")
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        with Service(CART, self.data) as cart, contextlib.ExitStack() as held:
            for port in ["http", "grpc"]:
                for _ in range(wanted // 2):
                    held.enter_context(socket.create_connection(("127.0.0.1", cart.ports[port])))
            self.assertEqual(cart.http("POST", "/carts/c1/items", apples(1))[0], 200)
            self.assertEqual(cart.http("GET", "/carts/c1")[1]["items"][0]["quantity"], 1)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Life(ServiceTest):
    def test_what_was_answered_is_there_after_kill_9(self):
        with Service(CART, self.data) as cart:
            for _ in range(20):
                self.assertEqual(cart.http("POST", "/carts/c1/items", apples(1))[0], 200)
            cart.kill()
        with Service(CART, self.data) as cart:
            self.assertEqual(cart.http("GET", "/carts/c1")[1]["items"][0]["quantity"], 20)

    def test_sigterm_answers_what_was_accepted(self):
        with Service(CART, self.data) as cart:
            answered = []
            enough, refused = threading.Event(), threading.Event()

            def keep_adding(n):
                try:
                    while not refused.is_set():
                        came = cart.http("POST", f"/carts/c{n}/items", apples(1))
                        if came[0] != 200:
                            break
                        answered.append(n)
                        if len(answered) >= 100:
                            enough.set()
                except OSError:
                    pass
                refused.set()

            clients = [threading.Thread(target=keep_adding, args=(n,)) for n in range(8)]
            for client in clients:
                client.start()
            self.assertTrue(enough.wait(timeout=60))
            self.assertEqual(cart.terminate(), 0)
            for client in clients:
                client.join()
        with Service(CART, self.data) as cart:
            for n in range(8):
                lines = cart.http("GET", f"/carts/c{n}")[1]["items"]
                # Less would be a lost answer, more a command that was accepted and not answered.
                self.assertEqual(sum(line["quantity"] for line in lines), answered.count(n))

    def test_two_processes_never_share_a_data_folder(self):
        with Service(CART, self.data) as cart:
            code, said = run_to_end(CART, "--data", str(self.data), "--grpc-port", "0",
                                    "--http-port", "0", "--admin-port", "0")
            self.assertNotEqual(code, 0)
            self.assertIn(str(cart.process.pid), said)
            self.assertEqual(cart.http("GET", "/carts/c1")[0], 200)

    def test_a_taken_port_is_named(self):
        with Service(CART, self.data) as cart:
            code, said = run_to_end(CART, "--data", str(self.data / "other"), "--grpc-port", "0",
                                    "--admin-port", "0", "--http-port", str(cart.ports["http"]))
            self.assertNotEqual(code, 0)
            self.assertIn(str(cart.ports["http"]), said)

    def test_a_wrong_flag_is_refused(self):
        self.assertNotEqual(run_to_end(CART, "--no-such-flag")[0], 0)
        self.assertNotEqual(run_to_end(CART, "--grpc-port", "123456")[0], 0)
        self.assertNotEqual(run_to_end(CART, "--data", "/dev/null/x")[0], 0)


class Settings(ServiceTest):
    def largest_accepted(self, *flags, env=None):
        """Which of three sizes of request the service still takes."""
        with Service(CART, self.data / "store", *flags, env=env, cwd=self.data) as cart:
            accepted = 0
            for size in [500, 3_000, 30_000]:
                if cart.http("POST", "/carts/c1/items", {**apples(1), "name": "x" * size})[0] == 200:
                    accepted = size
            return accepted

    def test_flags_go_before_variables_before_the_file(self):
        (self.data / "perdure.toml").write_text('message-bytes-max = "1kb"\n')
        variable = {"PERDURE_MESSAGE_BYTES_MAX": "10kb"}
        self.assertEqual(self.largest_accepted(), 500)
        self.assertEqual(self.largest_accepted(env=variable), 3_000)
        self.assertEqual(self.largest_accepted("--message-bytes-max", "1mb", env=variable), 30_000)

    def test_the_manual_lists_every_setting(self):
        said = subprocess.run([*CART, "--help"], capture_output=True, text=True, check=True).stdout
        flags = set(re.findall(r"^  (--[a-z-]+)", said, re.MULTILINE)) - {"--version", "--config"}
        manual = pathlib.Path(__file__).parents[2] / "docs/reference/settings.md"
        listed = set(re.findall(r"^\| `(--[a-z-]+)`", manual.read_text(), re.MULTILINE))
        self.assertEqual(flags, listed)

    def test_a_wrong_setting_is_refused_wherever_it_stands(self):
        (self.data / "perdure.toml").write_text("no-such-setting = 1\n")
        code, said = run_to_end(CART, "--config", str(self.data / "perdure.toml"))
        self.assertNotEqual(code, 0)
        self.assertIn("no-such-setting", said)
        for flag, value in [("--shards", "0"), ("--idle-max", "fast"), ("--idle-max", "5"), ("--log-level", "loud"),
                            ("--message-bytes-max", "-1"), ("--snapshot-every", "0")]:
            code, said = run_to_end(CART, flag, value)
            self.assertNotEqual(code, 0, flag)
            self.assertIn(flag, said)


class Admin(ServiceTest):
    def test_health_and_metrics(self):
        with Service(CART, self.data) as cart:
            cart.http("GET", "/carts/c1")
            self.assertEqual(cart.http("GET", "/health", port="admin"),
                             (200, {"status": "SERVING"}))
            status, metrics = cart.http("GET", "/metrics", port="admin")
            self.assertEqual(status, 200)
            self.assertIn("perdure_resident_entities 1\n", metrics)


if __name__ == "__main__":
    CART = [sys.argv.pop(1)]
    unittest.main(verbosity=2)
