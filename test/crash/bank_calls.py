"""What a client of the bank does."""

import collections

from clients import HEALED, UNAVAILABLE, UNKNOWN, ServerDied
from violation import Violation

FULL = 429  # nothing has happened


class Calls:
    """The things a client does. One thread."""

    def __init__(self, connection):
        self._connection = connection
        self.counts = collections.Counter()

    def get(self, path, may_be=(200,)):
        """(status, reply); a status of None when it cannot be told now."""
        status, reply = self._connection.call("GET", path)
        self.counts["reads"] += 1
        if status in UNKNOWN:
            self.counts[UNAVAILABLE] += 1
            return None, None
        if status not in may_be:
            raise Violation("answer", f"GET {path} was answered {status} {reply}")
        return status, reply

    def send(self, operation):
        """Also to send it again: the same key."""
        process = self._connection.process
        operation.tell(process, "sent")
        try:
            status, reply = self._connection.call(
                operation.method, operation.path, operation.body, operation.key,
                "respond-async" if operation.is_async else None)
        except ServerDied:
            operation.tell(process, "not answered")
            raise
        operation.tell(process, f"answered {status} {reply}")
        if status in UNKNOWN or status == FULL:
            self.counts[UNAVAILABLE if status in UNKNOWN else "refused, since all was full"] += 1
        elif status == 202 and operation.is_async:
            operation.was_accepted(reply["commandId"])
            self.counts["commands accepted"] += 1
        elif operation.is_async:
            raise Violation("answer", f"it was not accepted: {operation}")
        else:
            if self._connection.disk_has_failed and status == 200 and not operation.is_settled:
                self.counts[HEALED] += 1
            operation.a_command_has_one_outcome(
                0 if status == 200 else reply.get("status"), reply)
            self.counts["commands answered"] += 1

    def send_again(self, operation):
        operation.was_sent_again = True
        self.send(operation)
        self.counts["retries"] += 1

    def fetch(self, operation):
        """The outcome of an operation that was accepted."""
        path = f"/commands/{operation.command_id}"
        status, record = self.get(path, may_be=(200, 404))
        if status is None:
            return
        operation.an_accepted_command_has_an_outcome(status, record)
        if record["state"] != "DONE":
            return
        operation.tell(self._connection.process, f"ended {record}")
        reply = {k: v for k, v in record.get("reply", {}).items() if k != "@type"}
        operation.a_command_has_one_outcome(_name_of(record["status"]["code"]), reply)
        self.counts["outcomes fetched"] += 1

    def settle(self, operation):
        """One step towards its outcome."""
        if operation.is_settled:
            return
        if operation.is_accepted:
            self.fetch(operation)
        else:
            self.send_again(operation)

    def read_customer(self, customer):
        """While nobody writes it."""
        status, reply = self.get(f"/customers/{customer.name}", may_be=(200, 404))
        if status is not None:
            customer.shows_what_was_acknowledged_last(status, reply)

    def read_transfer(self, transfer):
        status, reply = self.get(f"/transfers/{transfer.name}")
        if status is not None:
            transfer.a_transfer_that_has_ended_stays_as_it_is(reply.get("state", "PENDING"))

    def read_savings(self, savings):
        _, source = self.get(f"/accounts/{savings.source.name}")
        if source is None:
            return
        _, target = self.get(f"/accounts/{savings.target.name}")
        if target is not None:
            savings.what_is_held_accounts_for_a_transfer_under_way(source, target)


def _name_of(code):
    names = {0: 0, 3: "INVALID_ARGUMENT", 5: "NOT_FOUND", 6: "ALREADY_EXISTS",
             9: "FAILED_PRECONDITION"}
    return names.get(code, code)
