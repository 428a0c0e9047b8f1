"""Each folder tells in a short README.md what belongs there. A table | file | ... | or
| folder | ... | in a README names exactly what is on the disk."""

import fnmatch
import pathlib

from tree import code, rows

LINES_MAX = 40
UNLISTED = {"README.md", "CMakeLists.txt", "__init__.py"}


def folders_with_readme(tree):
    for path in tree.all:
        parts = path.split("/")
        if len(parts) > 1 and not parts[0].startswith("."):
            if parts[0] == "include":
                yield "include/perdure"
            else:
                yield parts[0]
                if parts[0] == "apps" and len(parts) > 2:
                    yield "/".join(parts[:2])


def entries(tree, folder, kind):
    """What a table of this kind must name: the folder's own files, or its folders."""
    found = set()
    for path in tree.all:
        if path.startswith(folder + "/"):
            name, _, below = path[len(folder) + 1 :].partition("/")
            if bool(below) == (kind == "folder") and name not in UNLISTED:
                found.add(name)
    return found


def is_name_of(name, entry):
    """`step_store` and `step_store.hpp` name header and source; `http_*` all that begin so."""
    stem = pathlib.PurePath(entry).stem
    return fnmatch.fnmatch(entry, name.rstrip("/")) or fnmatch.fnmatch(
        stem, name.removesuffix(".hpp")
    )


def check(tree):
    for folder in sorted(set(folders_with_readme(tree))):
        if not tree.has(folder + "/README.md"):
            yield f"{folder}/: README.md is missing: what belongs here, what does not"
    for path in tree.files("README.md"):
        if path == "README.md":
            continue
        text, folder = tree.text(path), path.rpartition("/")[0]
        # A sample's README is its manual.
        if not folder.startswith("apps/") and len(text.splitlines()) > LINES_MAX:
            count = len(text.splitlines())
            yield f"{path}: {count} lines, at most {LINES_MAX}; the rest belongs in docs/"
        for kind in ("file", "folder"):
            table = rows(text, kind)
            named = [name for row in table for name in code(row[0])]
            present = entries(tree, folder, kind)
            for name in named:
                elsewhere = tree.has(f"{folder}/{name}") or tree.has_folder(f"{folder}/{name}")
                if not elsewhere and not any(is_name_of(name, entry) for entry in present):
                    yield f"{path}: its table names {name}, which is not there"
            for entry in sorted(present if table else ()):
                if not any(is_name_of(name, entry) for name in named):
                    yield f"{path}: its table does not name {entry}"


_TABLE = "| file | what |\n| --- | --- |\n| `a` | one |\n| `http_*`, `b.txt` | more |\n"

EXAMPLES = [
    (
        {
            "x/README.md": _TABLE,
            "x/a.hpp": "",
            "x/a.cpp": "",
            "x/http_b.cpp": "",
            "x/b.txt": "",
            "x/CMakeLists.txt": "",
            "x/y/c.cpp": "",
            "README.md": "",
            ".ci/run": "",
        },
        None,
    ),
    (
        {
            "x/README.md": "| file |\n| --- |\n| `CMakeLists.txt`, `y/c.cpp` | both |\n",
            "x/y/c.cpp": "",
            "x/CMakeLists.txt": "",
        },
        None,
    ),
    ({"x/a.hpp": ""}, "README.md is missing"),
    ({"apps/README.md": "", "apps/x/a.hpp": ""}, "apps/x/: README.md is missing"),
    ({"x/README.md": "\n" * 41}, "41 lines"),
    ({"x/README.md": _TABLE, "x/a.hpp": "", "x/b.txt": ""}, "names http_*, which is not there"),
    (
        {"x/README.md": _TABLE, "x/a.hpp": "", "x/http_a": "", "x/b.txt": "", "x/z.cpp": ""},
        "does not name z.cpp",
    ),
    ({"x/README.md": "| folder |\n| --- |\n| `y/` |\n", "x/z/a": ""}, "does not name z"),
]
