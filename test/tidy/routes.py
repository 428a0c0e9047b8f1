"""The way of a command through the files: "Before:" and "Next:" in comments, and the route in
docs/ARCHITECTURE.md, name files that exist."""

import fnmatch
import re

DESIGN = "docs/ARCHITECTURE.md"
ROUTE = re.compile(r"<!-- route -->\n```\w*\n(.*?)^```", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"[\w.-]+(?:/[\w.*-]+)+")


def comments(tree, path):
    """(number of the first line, text) of each run of lines that begin with //."""
    first, text = 0, []
    for number, line in [*tree.lines(path), (0, "")]:
        if line.startswith("//"):
            first = first if text else number
            text.append(line[2:].strip())
        elif text:
            yield first, " ".join(text)
            text = []


def names(text):
    """The files that route lines name: up to the end of the sentence that begins with the word."""
    for sentence in re.findall(r"\b(?:Before|Next): (.*?)(?:\.(?=\s|$)|;|$)", text):
        yield from FILE.findall(sentence)


def check(tree):
    everything = tree.all
    for path in tree.files(".hpp", ".cpp"):
        for number, text in comments(tree, path):
            for name in names(text):
                if not fnmatch.filter(everything, name):
                    yield f"{path}:{number}: the route names {name}, which does not exist"
    route = ROUTE.search(tree.text(DESIGN))
    if not route:
        yield f"{DESIGN}: no code block follows a line <!-- route -->"
        return
    for line in route[1].splitlines():
        name = line.split()[0] if line.split() else ""
        if not tree.has(name):
            yield f"{DESIGN}: the route names {name or 'nothing'}, which does not exist"


_ROUTE = "<!-- route -->\n```\nactors/a.cpp  the first\n```\n"

EXAMPLES = [
    (
        {
            DESIGN: _ROUTE,
            "actors/a.cpp": "// Step 1. Before: nothing. Next:\n// actors/b*.cpp.\n",
            "actors/b.cpp": "// Before: actors/a.cpp or actors/b.cpp.\n",
        },
        None,
    ),
    (
        {DESIGN: _ROUTE, "actors/a.cpp": "// Step 1. Next:\n// actors/b.cpp.\n"},
        "actors/a.cpp:1: the route names actors/b.cpp",
    ),
    (
        {DESIGN: _ROUTE, "actors/a.cpp": "// Before: actors/a.cpp or x/http_*. Next: y.\n"},
        "names x/http_*",
    ),
    ({DESIGN: _ROUTE}, "names actors/a.cpp"),
    ({DESIGN: "no route"}, "no code block"),
]
