"""In which carts a product is, as a user asks it: the shopping cart's view, over HTTP.

usage: shopping_cart_views_test.py SHOPPING_CART_EXECUTABLE
"""

import contextlib
import sqlite3
import sys
import unittest

from harness import Service, ServiceTest, run_to_end

CART = None  # the command that starts the service


class CartsByProduct(ServiceTest):
    def setUp(self):
        super().setUp()
        self.position = {}

    def do(self, cart, method, path, body=None):
        """A command; what is asked afterwards has seen it."""
        answered = {}
        self.assertEqual(cart.http(method, path, body, answered=answered)[0], 200)
        self.position = {"perdure-position": answered["perdure-position"]}

    def add(self, cart, cart_id, product, quantity=1):
        self.do(cart, "POST", f"/carts/{cart_id}/items",
                {"product_id": product, "name": product.title(), "quantity": quantity})

    def carts(self, cart, product, query=""):
        status, page = cart.http("GET", f"/products/{product}/carts{query}", headers=self.position)
        self.assertEqual(status, 200, page)
        return page

    def ids(self, page):
        return [each["cartId"] for each in page.get("carts", [])]

    def test_items_come_add_up_and_go(self):
        with Service(CART, self.data) as cart:
            self.add(cart, "c1", "apple", 2)
            self.add(cart, "c1", "pear")
            self.add(cart, "c1", "apple", 3)
            page = self.carts(cart, "apple")
            self.assertEqual(self.ids(page), ["c1"])
            self.assertEqual(page["carts"][0]["quantity"], 5)
            self.assertEqual(page["totalCount"], "1")
            self.do(cart, "DELETE", "/carts/c1/items/apple")
            self.assertEqual(self.ids(self.carts(cart, "apple")), [])
            self.assertEqual(self.ids(self.carts(cart, "pear")), ["c1"])
            self.add(cart, "c1", "apple", 4)
            self.assertEqual(self.carts(cart, "apple")["carts"][0]["quantity"], 4)

    def test_a_cart_that_is_checked_out_says_so(self):
        with Service(CART, self.data) as cart:
            self.add(cart, "c1", "apple")
            self.add(cart, "c2", "apple")
            self.do(cart, "POST", "/carts/c2/checkout")
            self.assertEqual([each["checkedOut"] for each in self.carts(cart, "apple")["carts"]],
                             [False, True])

    def test_a_product_in_no_cart_is_an_empty_page(self):
        with Service(CART, self.data) as cart:
            self.add(cart, "c1", "apple")
            page = self.carts(cart, "pear")
            self.assertEqual(self.ids(page), [])
            self.assertEqual(page["totalCount"], "0")
            self.assertEqual(page["nextPageToken"], "")

    def test_pages_neither_repeat_nor_hide_what_comes_between(self):
        with Service(CART, self.data) as cart:
            ids = [f"c{number:02}" for number in range(45)]
            for each in ids:
                self.add(cart, each, "apple")
            seen, query = [], ""
            while True:
                page = self.carts(cart, "apple", query)
                seen += self.ids(page)
                self.assertLessEqual(len(self.ids(page)), 20)
                if not page["nextPageToken"]:
                    break
                self.assertEqual(page["totalCount"], "45" if not query else "46")
                self.add(cart, "a", "apple")  # before all pages that are left
                query = "?page_token=" + page["nextPageToken"]
            self.assertEqual(seen, ids)

    def test_rows_outlive_a_kill(self):
        with Service(CART, self.data) as cart:
            self.add(cart, "c1", "apple", 2)
            self.add(cart, "c1", "apple", 3)
            cart.kill()
        with Service(CART, self.data) as cart:
            self.assertEqual(self.carts(cart, "apple")["carts"][0]["quantity"], 5)

    def opened_by_another(self):
        """The file of rows, as any program opens it. The folder is there."""
        file = self.data / "views" / "cart.api.CartsByProduct" / "1.db"
        return contextlib.closing(sqlite3.connect(file, timeout=0, isolation_level=None))

    def test_no_other_program_opens_its_rows_meanwhile(self):
        with Service(CART, self.data) as cart:
            self.add(cart, "c1", "apple")
            self.assertEqual(self.ids(self.carts(cart, "apple")), ["c1"])
            with self.opened_by_another() as rows:
                with self.assertRaisesRegex(sqlite3.OperationalError, "database is locked"):
                    rows.execute("SELECT * FROM items")
            cart.kill()
        with self.opened_by_another() as rows:
            rows.execute("BEGIN")
            self.assertEqual(rows.execute("SELECT cart_id FROM items").fetchall(), [("c1",)])
            code, said = run_to_end([*CART, "--data", str(self.data)])
            self.assertNotEqual(code, 0)
            self.assertIn("1.db\": database is locked: another program has it open", said)
        with Service(CART, self.data) as cart:
            self.assertEqual(self.ids(self.carts(cart, "apple")), ["c1"])


if __name__ == "__main__":
    CART = [sys.argv.pop(1)]
    unittest.main(verbosity=2)
