"""Who lives in a city and what they have, as a user asks it: the bank's view, over HTTP.

usage: bank_views_test.py BANK_EXECUTABLE
"""

import json
import sys
import unittest

from bank import Bank
from harness import ServiceTest, wait_until

BANK = None  # the command that starts the service


class CustomersByCity(ServiceTest):
    def setUp(self):
        super().setUp()
        self.position = {}

    def do(self, bank, method, path, body=None):
        """A command; what is asked afterwards has seen it, where the view follows its entity."""
        answered = {}
        came = bank.http(method, path, body, answered=answered)
        self.assertEqual(came, (200, {}))
        self.position = {name: value for name, value in answered.items()
                         if name == "perdure-position"}

    def put(self, bank, customer, city):
        self.do(bank, "PUT", f"/customers/{customer}",
                {"name": customer.title(), "email": f"{customer}@example.org", "city": city})

    def open(self, bank, account, customer, cents):
        self.do(bank, "POST", f"/accounts/{account}",
                {"customerId": customer, "openingCents": cents})

    def customers(self, bank, city):
        status, text = bank.http("GET", f"/cities/{city}/customers", headers=self.position)
        self.assertEqual(status, 200, text)
        found = {}
        for customer in map(json.loads, text.splitlines()):
            accounts = {a["accountId"]: int(a["balanceCents"]) for a in customer["accounts"]}
            self.assertEqual(int(customer["balanceCents"]), sum(accounts.values()))
            self.assertEqual(customer["name"], customer["customerId"].title())
            found[customer["customerId"]] = accounts
        return found

    def test_customers_come_with_their_accounts(self):
        with Bank(BANK, self.data) as bank:
            self.put(bank, "ann", "Graz")
            self.put(bank, "bob", "Graz")
            self.put(bank, "cyd", "Linz")
            self.open(bank, "a1", "ann", 100)
            self.open(bank, "a2", "ann", 20)
            self.open(bank, "c1", "cyd", 3)
            # The position is that of the last command; the others are in other logs.
            wait_until(lambda: self.customers(bank, "Graz") ==
                       {"ann": {"a1": 100, "a2": 20}, "bob": {}}, "the customers of Graz")
            self.assertEqual(self.customers(bank, "Linz"), {"cyd": {"c1": 3}})
            self.assertEqual(self.customers(bank, "Wien"), {})

    def test_money_moves_and_accounts_close(self):
        with Bank(BANK, self.data) as bank:
            self.put(bank, "ann", "Graz")
            self.open(bank, "a1", "ann", 100)
            self.open(bank, "a2", "ann", 20)
            self.do(bank, "POST", "/accounts/a1/deposit", {"cents": 7})
            self.do(bank, "POST", "/accounts/a2/withdraw", {"cents": 20})
            wait_until(lambda: self.customers(bank, "Graz") == {"ann": {"a1": 107, "a2": 0}},
                       "deposit and withdrawal")
            self.do(bank, "POST", "/transfers/t1",
                    {"fromAccount": "a1", "toAccount": "a2", "cents": 50})
            wait_until(lambda: self.customers(bank, "Graz") == {"ann": {"a1": 57, "a2": 50}},
                       "a transfer")
            self.do(bank, "POST", "/transfers/t2",
                    {"fromAccount": "a1", "toAccount": "nobody", "cents": 50})
            self.assertEqual(bank.ended("t2")[0], "FAILED")
            wait_until(lambda: self.customers(bank, "Graz") == {"ann": {"a1": 57, "a2": 50}},
                       "a transfer that failed")
            self.do(bank, "POST", "/accounts/a2/withdraw", {"cents": 50})
            self.do(bank, "DELETE", "/accounts/a2")
            self.assertEqual(self.customers(bank, "Graz"), {"ann": {"a1": 57}})

    def test_a_customer_moves_and_is_deleted(self):
        with Bank(BANK, self.data) as bank:
            self.put(bank, "ann", "Graz")
            self.assertEqual(self.customers(bank, "Graz"), {"ann": {}})
            self.put(bank, "ann", "Linz")
            self.assertEqual(self.customers(bank, "Graz"), {})
            self.assertEqual(self.customers(bank, "Linz"), {"ann": {}})
            self.do(bank, "DELETE", "/customers/ann")
            self.assertEqual(self.customers(bank, "Linz"), {})


if __name__ == "__main__":
    BANK = [sys.argv.pop(1)]
    unittest.main(verbosity=2)
