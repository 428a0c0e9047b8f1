"""What the target knows of each aircraft, and the sums over all of them."""

import asyncio

import grpc
import sending


async def by_aircraft(stub, tail_numbers, limits):
    """The state of each aircraft that the target knows, by tail number. Raises gave_up, or what the
    target answers instead."""
    window = asyncio.Semaphore(limits.in_flight)
    get_aircraft, request_type = stub.rpc("Aircraft/GetAircraft")
    states = {}

    async def get(tail_number):
        request = request_type(tail_number=tail_number)
        async with window:
            try:
                state = await sending.answered(
                    lambda: get_aircraft(request, timeout=sending.CALL_SECONDS), limits
                )
            except grpc.aio.AioRpcError as error:
                if error.code() != grpc.StatusCode.NOT_FOUND:
                    raise
                return
        states[tail_number] = {
            "flights": state.flights,
            "cancellations": state.cancellations,
            "minutes": state.minutes,
            "miles": state.miles,
            "last_seen": state.last_seen,
        }

    try:
        async with asyncio.TaskGroup() as getting:
            for tail_number in tail_numbers:
                getting.create_task(get(tail_number))
    except* (sending.gave_up, grpc.aio.AioRpcError) as failures:
        raise failures.exceptions[0] from None
    return states


def summed(states):
    sums = {"aircraft": len(states)}
    for name in ("flights", "cancellations", "minutes", "miles"):
        sums[name] = sum(state[name] for state in states.values())
    return sums
