"""A client of the bank sample, as the tests of this folder need one."""

import http.client
import threading

from harness import Service, wait_until

CENTS = 100_000  # that each account opens with


class Bank(Service):
    def open_account(self, account, cents=CENTS):
        return self.http("POST", f"/accounts/{account}",
                         {"customerId": "c", "openingCents": cents})

    def deposit(self, account, cents, headers=None):
        return self.http("POST", f"/accounts/{account}/deposit", {"cents": cents}, headers)

    def withdraw(self, account, cents):
        return self.http("POST", f"/accounts/{account}/withdraw", {"cents": cents})

    def transfer(self, transfer, source, target, cents, headers=None):
        return self.http("POST", f"/transfers/{transfer}",
                         {"fromAccount": source, "toAccount": target, "cents": cents}, headers)

    def account(self, account):
        """(balance, held), in cents."""
        status, reply = self.http("GET", f"/accounts/{account}")
        assert status == 200, reply
        return int(reply["balanceCents"]), int(reply["heldCents"])

    def ended(self, transfer):
        """(state, reason) of a transfer, once it is no longer pending."""
        def found():
            status, reply = self.http("GET", f"/transfers/{transfer}")
            assert status == 200, reply
            return reply if reply["state"] != "PENDING" else None
        reply = wait_until(found, f"transfer {transfer} ends")
        return reply["state"], reply["reason"]

    def put_customer(self, customer, name):
        return self.http("PUT", f"/customers/{customer}",
                         {"name": name, "email": f"{name}@example.org", "city": "Graz"})

    def customer(self, customer):
        """Its name."""
        status, reply = self.http("GET", f"/customers/{customer}")
        assert status == 200, reply
        return reply["name"]


class Load:
    """Clients, each a function that is called again and again until they are told to stop, the
    service is gone, or it fails; stop() then fails too."""

    def __init__(self, clients):
        self._stop = threading.Event()
        self._broken = []
        self._threads = [threading.Thread(target=self._run, args=(client,)) for client in clients]
        for thread in self._threads:
            thread.start()

    def _run(self, client):
        try:
            while not self._stop.is_set():
                client()
        except (OSError, http.client.HTTPException):
            pass  # the service is gone
        except BaseException as broken:  # a failed assertion must not end with its thread
            self._broken.append(broken)

    def is_well(self):
        return not self._broken

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._broken:
            raise self._broken[0]
