"""What the target holds of what is known beside flights."""

import asyncio

import grpc
import sending


async def is_held(stub, command, limits):
    """Whether the target answers what this command sets. Raises gave_up, or what the target answers
    instead."""
    _, state_type = stub.rpc(command.rpc)
    get, request_type = stub.rpc(command.rpc.replace("/Set", "/Get"))
    keys = {field.name: command.fields[field.name] for field in request_type.DESCRIPTOR.fields}
    try:
        held = await sending.answered(
            lambda: get(request_type(**keys), timeout=sending.CALL_SECONDS), limits
        )
    except grpc.aio.AioRpcError as error:
        if error.code() != grpc.StatusCode.NOT_FOUND:
            raise
        return False
    return held == state_type(**command.fields)


async def are_held(stub, commands, limits):
    window = asyncio.Semaphore(limits.in_flight)

    async def look(command):
        async with window:
            return await is_held(stub, command, limits)

    try:
        async with asyncio.TaskGroup() as looking:
            tasks = [looking.create_task(look(command)) for command in commands]
    except* (sending.gave_up, grpc.aio.AioRpcError) as failures:
        raise failures.exceptions[0] from None
    return all(task.result() for task in tasks)
