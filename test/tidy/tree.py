"""The project's files, as the rules see them."""

import functools
import os
import pathlib
import re

# Build results and what tools leave behind; git does not have them either.
SKIPPED = {".git", "build", "perdure-data", ".venv", "__pycache__"}


class Tree:
    """The files below a folder. Paths are relative to it, with '/'."""

    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.all = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in SKIPPED)
            here = pathlib.Path(folder).relative_to(self.root)
            self.all += [(here / name).as_posix() for name in sorted(names)]
        self._known = set(self.all)

    def files(self, *suffixes):
        """Those with one of these suffixes. Golden files show what the generator does with good and
        bad input: they are data, and no rule is theirs."""
        return [p for p in self.all if p.endswith(suffixes) and "/golden/" not in p]

    def has(self, path):
        return path in self._known

    def has_folder(self, path):
        return (self.root / path).is_dir()

    @functools.cache
    def text(self, path):
        """Empty where there is no such file: the rule then misses what it looks for."""
        return (self.root / path).read_bytes().decode() if self.has(path) else ""

    def lines(self, path):
        """(number, line) pairs, from 1."""
        return enumerate(self.text(path).splitlines(), 1)


def rows(text, *heading):
    """The rows of the Markdown table whose heading begins with these cells, as lists of cells."""
    found = None
    for line in text.splitlines():
        if not line.startswith("|"):
            if found:
                break
            found = None
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if found is None:
            if tuple(cells[: len(heading)]) == heading:
                found = []
        elif not re.fullmatch(r":?-+:?", cells[0]):
            found.append(cells)
    return found or []


def code(text):
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def includes(tree, path):
    """(line number, included path, whether in quotes) for each #include."""
    for number, line in tree.lines(path):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if found:
            yield number, found[2], found[1] == '"'


def is_generated(included):
    return included.endswith((".pb.h", ".perdure.hpp"))
