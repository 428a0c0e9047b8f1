"""The load under which the bank dies: random commands and reads, on few entities, so that each has
many commands and much mail under way.
"""

import collections

from bank_model import Operation, Transfer

SHORT = "FAILED_PRECONDITION"
UNKNOWN_ID = "NOT_FOUND"
INVALID = "INVALID_ARGUMENT"

ALARM_MS_MAX = 300
PADDINGS = (0, 0, 20, 300, 5000)


class Load:
    """What the clients of one process choose from."""

    def __init__(self, model, names):
        self._model = model
        self._names = names  # numbers that were never used
        # Whose outcome is not known yet.
        self._open = collections.deque(model.unsettled())
        self._choices = (
            (12, self._change_account), (24, self._transfer), (5, self._save), (1, self._close),
            (16, self._write_customer), (24, self._write_letters), (6, self._set_alarm),
            (12, self._settle_one), (4, self._send_again), (4, self._read_transfer),
            (4, lambda calls, rng: calls.read_savings(model.savings)))

    def run(self, calls, rng):
        """One client; leaves by ServerDied."""
        weights, choices = zip(*self._choices)
        while True:
            rng.choices(choices, weights)[0](calls, rng)

    def _send(self, calls, operation):
        """One that the model knows for what it is."""
        self._model.add(operation)
        calls.send(operation)
        if not operation.is_settled:
            self._open.append(operation)

    def _operation(self, rng, path, body, refusals=(), can_be_async=True):
        return Operation("POST", path, f"k{next(self._names)}", body,
                         can_be_async and rng.random() < 0.4, refusals)

    # ------------------------------------------------------------------------------------ the bank

    def _change_account(self, calls, rng):
        account = rng.choice(self._model.accounts)
        cents = rng.randint(1, 400)
        if rng.random() < 0.5:
            deposit = self._operation(rng, f"/accounts/{account.name}/deposit", {"cents": cents},
                                      (UNKNOWN_ID,))
            account.changes.append((deposit, cents))
            self._send(calls, deposit)
        else:
            withdrawal = self._operation(rng, f"/accounts/{account.name}/withdraw",
                                         {"cents": cents}, (UNKNOWN_ID, SHORT))
            account.changes.append((withdrawal, -cents))
            self._send(calls, withdrawal)

    def _close(self, calls, rng):
        """An account that was opened for it, and may have been paid into since."""
        closed = [a for a in self._model.accounts if a.close is not None]
        if closed and rng.random() < 0.5:
            account = rng.choice(closed)
            self._transfer_between(calls, rng, rng.choice(self._model.accounts).name, account.name)
            return
        account = self._model.add_account(f"a{next(self._names)}", 0)
        calls.send(account.changes[0][0])
        account.close = Operation("DELETE", f"/accounts/{account.name}", f"close {account.name}",
                                  refusals=(SHORT, UNKNOWN_ID))
        self._send(calls, account.close)

    def _transfer(self, calls, rng):
        names = [a.name for a in self._model.accounts] + ["nobody"]
        self._transfer_between(calls, rng, rng.choice(names), rng.choice(names))

    def _save(self, calls, rng):
        savings = self._model.savings
        self._transfer_between(calls, rng, savings.source.name, savings.target.name)

    def _transfer_between(self, calls, rng, source, target):
        name = f"t{next(self._names)}"
        cents = rng.choice((1, 10, 100, 10_000))
        body = {"fromAccount": source, "toAccount": target, "cents": cents}
        operation = self._operation(rng, f"/transfers/{name}", body,
                                    (INVALID,) if source == target else ())
        self._model.transfers.append(Transfer(name, source, target, cents, operation))
        self._send(calls, operation)

    def _read_transfer(self, calls, rng):
        begun = [t for t in self._model.transfers[-200:] if t.operation.is_done]
        if begun:
            calls.read_transfer(rng.choice(begun))

    def _write_customer(self, calls, rng):
        customer = rng.choice(self._model.customers)
        if not customer.lock.acquire(blocking=False):
            return
        try:
            if not customer.is_settled:
                calls.settle(customer.operation)
            elif rng.random() < 0.25:
                calls.read_customer(customer)
            else:
                self._send(calls, self._new_write(customer, rng))
        finally:
            customer.lock.release()

    def _new_write(self, customer, rng):
        path = f"/customers/{customer.name}"
        city = f"city {next(self._names)}"
        if customer.city is not None and rng.random() < 0.2:
            operation, city = Operation("DELETE", path, city), None
        else:
            body = {"name": "Ann", "email": "x" * rng.choice(PADDINGS), "city": city}
            operation = Operation("PUT", path, city, body, rng.random() < 0.3)
        customer.is_written(operation, city)
        return operation

    # ------------------------------------------------------------------------------------ the post

    def _write_letters(self, calls, rng):
        sender = rng.choice(self._model.writers)
        receiver = rng.choice([w for w in self._model.writers if w[0] != sender[0]])
        letters = rng.randint(1, 4)
        body = {"to": receiver.partition("/")[2], "letters": letters, "wait": rng.random() < 0.2,
                "answer": rng.random() < 0.5, "padding": "x" * rng.choice(PADDINGS)}
        operation = self._operation(rng, f"/{sender}/letters", body)
        self._model.letters.append((operation, sender, receiver, letters, body["answer"]))
        self._send(calls, operation)

    def _set_alarm(self, calls, rng):
        writer = rng.choice(self._model.writers)
        name = f"r{next(self._names)}"
        operation = self._operation(rng, f"/{writer}/alarms/{name}",
                                    {"afterMs": rng.randint(0, ALARM_MS_MAX)})
        self._model.alarms.append((operation, writer, name))
        self._send(calls, operation)

    # ----------------------------------------------------------------------------------- once more

    def _settle_one(self, calls, rng):
        try:
            operation = self._open.popleft()
        except IndexError:
            return
        try:
            calls.settle(operation)
        finally:
            if not operation.is_settled:
                self._open.append(operation)

    def _send_again(self, calls, rng):
        operation = rng.choice(self._model.operations)
        if operation.is_done:
            calls.send_again(operation)
