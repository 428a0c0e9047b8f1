"""Sends commands: many at a time, those of one entity one after the other, each as often as it
takes to be answered. An idempotency key makes a repeated command count once."""

import asyncio
import collections
import time

import grpc

REFUSALS_KEPT = 10

limits = collections.namedtuple("limits", ["in_flight", "give_up_after"])

# The target is down, restarting or busy, or its answer was lost: sent again, with the same key.
TRANSIENT = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
}
CALL_SECONDS = 10
BACKOFF_SECONDS = (0.05, 1.0)
SAID_EVERY_SECONDS = 5


class gave_up(Exception):
    """The target has not answered for too long."""


async def wait_until_served(channel, target, limits, say):
    try:
        await asyncio.wait_for(channel.channel_ready(), 1)
        return
    except asyncio.TimeoutError:
        say(f"waiting for {target}; if it is not running, start it with scripts/run flights")
    try:
        await asyncio.wait_for(channel.channel_ready(), limits.give_up_after)
    except asyncio.TimeoutError:
        raise gave_up(
            f"nothing answers at {target}: expected the flights sample's gRPC port there; "
            "start it with scripts/run flights or name another with --target"
        ) from None


async def answered(call, limits, on_transient=lambda error: None):
    """Awaits `call()`, again after each transient error. Raises other errors, and gave_up."""
    started = time.monotonic()
    backoff, backoff_max = BACKOFF_SECONDS
    while True:
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if error.code() not in TRANSIENT:
                raise
            on_transient(error)
            if time.monotonic() - started > limits.give_up_after:
                raise gave_up(
                    f"no answer for {limits.give_up_after:g} s; the last error was "
                    f"{error.code().name}: {error.details()}. The same command goes on from there"
                ) from error
        await asyncio.sleep(backoff)
        backoff = min(2 * backoff, backoff_max)


class sender:
    """`on_acknowledged(position)` hears how far all are answered, `say` of troubles."""

    def __init__(self, stub, limits, on_acknowledged, say):
        self.retries = 0
        self.refused = 0
        self.refusals = []  # the first REFUSALS_KEPT of them, as text
        self.acknowledged = 0  # all before this position are answered
        self._stub = stub
        self._limits = limits
        self._on_acknowledged = on_acknowledged
        self._say = say
        self._answered_early = set()  # positions after `acknowledged`
        self._said_at = -SAID_EVERY_SECONDS

    async def send(self, commands, first):
        """Sends commands[first:]. Raises gave_up; may be cancelled at any time."""
        self.acknowledged = first
        window = asyncio.Semaphore(self._limits.in_flight)
        latest = {}  # (rpc, entity) -> the task that sends its latest command
        try:
            async with asyncio.TaskGroup() as sending:
                for position in range(first, len(commands)):
                    await window.acquire()
                    command = commands[position]
                    of = (command.rpc, command.entity)
                    task = sending.create_task(self._send_one(position, command, latest.get(of)))
                    task.add_done_callback(lambda _: window.release())
                    latest[of] = task
        except* gave_up as failures:
            raise failures.exceptions[0] from None

    async def _send_one(self, position, command, before):
        if before is not None and not before.done():
            await asyncio.wait([before])
        call, request_type = self._stub.rpc(command.rpc)
        request = request_type(**command.fields)
        key = command.idempotency_key
        metadata = (("idempotency-key", key),) if key else None
        try:
            await answered(
                lambda: call(request, metadata=metadata, timeout=CALL_SECONDS),
                self._limits,
                self._count_retry,
            )
        except grpc.aio.AioRpcError as error:
            self.refused += 1
            if len(self.refusals) < REFUSALS_KEPT:
                self.refusals.append(f"{command.name}: {error.code().name}: {error.details()}")
        self._acknowledge(position)

    def _acknowledge(self, position):
        self._answered_early.add(position)
        while self.acknowledged in self._answered_early:
            self._answered_early.remove(self.acknowledged)
            self.acknowledged += 1
        self._on_acknowledged(self.acknowledged)

    def _count_retry(self, error):
        self.retries += 1
        now = time.monotonic()
        if now - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = now
            self._say(f"{error.code().name}: {error.details()}; trying again")
