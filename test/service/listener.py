"""Drives the listener (listener.cpp): tells it things, and asks its ears what they have heard."""

import http.client
import threading
import time
import urllib.parse

from harness import Service, wait_until

# Its subscriptions, by their sources.
EVENTS = "listener.OfEvents/event_sourced_entity/teller"
SAID = "listener.OfTopics/topic/said"
ECHOES = "listener.OfTopics/topic/echoes"
WORDS = "listener.OfWords/topic/words"


def numbers(count):
    """As ears have them: "1" to so many."""
    return [str(number) for number in range(1, count + 1)]


class Listener(Service):
    def __init__(self, command, data, *flags):
        super().__init__(command, data, *flags)
        self.token = (data / "admin-token").read_text().strip()

    # ------------------------------------------------------------------------------- telling

    def say(self, teller, text, key=None, filling=0):
        """One event; its number."""
        headers = {"idempotency-key": key} if key else None
        status, said = self.http("POST", f"/tellers/{teller}", {"text": text, "filling": filling},
                                 headers)
        assert status == 200, (status, said)
        return int(said["number"])

    def done(self, method, path, body=None):
        status, answer = self.http(method, path, body)
        assert status == 200, (status, answer)
        return answer

    def write(self, board, text):
        self.done("PUT", f"/boards/{board}", {"text": text})

    def publish(self, kind, key, text, content_type=""):
        """`kind`: words, texts or bytes."""
        self.done("POST", f"/{kind}", {"key": key, "text": text, "contentType": content_type})

    def mend(self, fault):
        self.done("POST", f"/faults/{urllib.parse.quote(fault)}:mend")

    # ------------------------------------------------------------------------------- hearing

    def heard(self, ear):
        return self.done("GET", f"/ears/{urllib.parse.quote(ear, safe='')}").get("texts", [])

    def await_heard(self, ear, texts, seconds=60):
        """Waits until the ear has heard so many texts: they are these."""
        wait_until(lambda: len(self.heard(ear)) >= len(texts), f"{ear} hears {texts}", seconds)
        assert self.heard(ear) == texts, (ear, self.heard(ear), texts)

    # ------------------------------------------------------------------------ administering

    def admin(self, service, rpc, **request):
        """One rpc of perdure.admin.v1: (status, parsed answer)."""
        return self.http("POST", f"/perdure.admin.v1.{service}/{rpc}", request,
                         {"authorization": f"Bearer {self.token}"}, port="admin")

    def administer(self, rpc, name, **request):
        status, answer = self.admin("Subscriptions", rpc, name=name, **request)
        assert status == 200, (rpc, status, answer)
        return answer

    def subscription(self, name):
        return self.administer("Get", name)

    def held(self, name, key=None):
        """What the subscription holds back, of a key or of all."""
        messages = []
        page = {"nextPageToken": ""}
        while True:
            page = self.administer("ListHeld", name, pageToken=page["nextPageToken"])
            messages += page.get("messages", [])
            if not page["nextPageToken"]:
                return [m for m in messages if key is None or m["key"] == key]

    def warnings(self):
        status, health = self.http("GET", "/health", port="admin")
        assert (status, health["status"]) == (200, "SERVING"), (status, health)
        return health.get("warnings", [])


class Load:
    """Clients that let tellers speak and write on boards, each so many times and again until it is
    acknowledged, through deaths of the service. `service` is a function: the one that runs now."""

    def __init__(self, service, tellers, boards, times):
        self._service = service
        self._times = times
        self._lock = threading.Lock()
        self.acknowledged = 0
        self.failed = []
        self._threads = [threading.Thread(target=self._send_all, args=client) for client in
                         [("POST", f"/tellers/{name}", name) for name in tellers] +
                         [("PUT", f"/boards/{name}", None) for name in boards]]
        self.total = len(self._threads) * times
        for thread in self._threads:
            thread.start()

    def await_acknowledged(self, count):
        wait_until(lambda: self.acknowledged >= count or self.failed, f"{count:.0f} acknowledged")

    def join(self):
        for thread in self._threads:
            thread.join()
        assert not self.failed, self.failed

    def _send_all(self, method, path, teller):
        number = 0
        while number < self._times and not self.failed:
            try:
                status, said = self._service().http(method, path, {"text": str(number + 1)},
                                                    {"idempotency-key": str(number + 1)})
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)  # the service is away: there is nothing to wait for but it
                continue
            if status == 503:
                time.sleep(0.01)
                continue
            number += 1
            with self._lock:
                if status != 200 or (teller and int(said["number"]) != number):
                    self.failed.append((path, number, status, said))
                self.acknowledged += 1
