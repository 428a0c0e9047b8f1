"""Makes of a data folder what a disk would show after the power has gone: takes away what the
journal says was not synced (unsynced_changes.hpp tells how to read it), as much of it as chance
has it. Called when the process is dead.
"""

import collections
import os
import pathlib
import shutil

OUTCOMES = ("all of it", "none of it", "some of it")


def cut(journal, random):
    """Leaves of each file's unsynced bytes, and of each folder's unsynced names, the first few."""
    journal = pathlib.Path(journal)
    changes = collections.defaultdict(list)
    for line in journal.read_text().splitlines():
        kind, *words = line.split(" ")
        if kind == "file":
            synced, size, path = int(words[0]), int(words[1]), words[2]
            os.truncate(path, _kept_of(synced, size, random))
        else:
            name = words[1] if kind == "renamed" else words[0]
            changes[os.path.dirname(name)].append((kind, words))
    # A folder that is not there any more has lost its names with it.
    for folder in sorted(changes, reverse=True):
        first_lost = _kept_of(0, len(changes[folder]), random)
        for kind, words in reversed(changes[folder][first_lost:]):
            _undo(kind, words)
    journal.unlink()
    shutil.rmtree(f"{journal}.kept")


def _kept_of(least, most, random):
    outcome = random.choice(OUTCOMES)
    if outcome == "all of it":
        return most
    return least if outcome == "none of it" else random.randint(least, most)


def _undo(kind, words):
    if kind == "created":
        os.unlink(words[0])
    elif kind == "folder_created":
        shutil.rmtree(words[0])
    elif kind == "deleted":
        os.rename(words[1], words[0])
    elif kind == "renamed":
        os.rename(words[1], words[0])
        if words[2] != "-":
            os.rename(words[2], words[1])
    else:
        raise ValueError(f"the journal says {kind}")
