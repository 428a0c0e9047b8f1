"""Which headers stand behind a fence: the table in docs/ARCHITECTURE.md is the rule.

Third parties, so that one can be replaced and none is compiled everywhere; and our own adapters,
so that only the composition root knows which is in use. Tests and benchmarks are beyond the fences.
"""

import fnmatch

from tree import code, includes, is_generated, rows

DESIGN = "docs/ARCHITECTURE.md"
FREE = ("test/", "bench/")


def is_inside(path, place):
    """Places are folders ("actors/") or patterns ("persistence/rocksdb_*")."""
    return path.startswith(place) if place.endswith("/") else fnmatch.fnmatch(path, place)


def check(tree):
    fences = [
        (start, code(places))
        for headers, places, *_ in rows(tree.text(DESIGN), "include", "only in")
        for start in code(headers)
    ]
    if not fences:
        yield f"{DESIGN}: no table | include | only in |"
        return
    for path in tree.files(".hpp", ".cpp"):
        if path.startswith(FREE):
            continue
        for number, included, _ in includes(tree, path):
            if is_generated(included):
                continue
            for start, places in fences:
                if included.startswith(start) and not any(is_inside(path, p) for p in places):
                    where = ", ".join(places)
                    yield f"{path}:{number}: {included} belongs in {where} only ({DESIGN})"


_FENCES = """
| include | only in |
| --- | --- |
| `caf/` | `actors/`, `apps/runtime/` |
| `rocksdb/` | `persistence/rocksdb_*` |
"""

EXAMPLES = [
    (
        {
            DESIGN: _FENCES,
            "actors/a.cpp": "#include <caf/all.hpp>\n",
            "persistence/rocksdb_a.cpp": "#include <rocksdb/db.h>\n",
            "test/a.cpp": "#include <rocksdb/db.h>\n",
        },
        None,
    ),
    (
        {DESIGN: _FENCES, "gateway/a.hpp": "#include <caf/all.hpp>\n"},
        "caf/all.hpp belongs in actors/",
    ),
    ({DESIGN: _FENCES, "persistence/a.cpp": '#include "rocksdb/db.h"\n'}, "persistence/rocksdb_*"),
    ({DESIGN: "no table"}, "no table"),
]
