"""Code in documents is the code that is compiled: a block after <!-- from: path#region --> equals
what stands in that file between the comments [region] and [/region]."""

import re
import textwrap

MARKER = re.compile(
    r"<!-- from: ([^\s#]+)#(\S+) -->\n(?:```\w*\n(.*?)^```$)?", re.DOTALL | re.MULTILINE
)


def region(text, name):
    """The lines between the marks, as far to the left as they go; None without such marks."""
    comment = r"^[ \t]*(?://|#|--)[ \t]*"
    found = re.search(
        comment + re.escape(f"[{name}]") + r"\n(.*?)" + comment + re.escape(f"[/{name}]"),
        text,
        re.DOTALL | re.MULTILINE,
    )
    return textwrap.dedent(found[1]) if found else None


def check(tree):
    for path in tree.files(".md"):
        for source, name, block in MARKER.findall(tree.text(path)):
            if not tree.has(source):
                yield f"{path}: shows {source}, which does not exist"
                continue
            original = region(tree.text(source), name)
            if original is None:
                yield f"{path}: {source} has no region [{name}] ... [/{name}]"
            elif original != block:
                yield f"{path}: the code is not what {source} has between [{name}] and [/{name}]"


_DOC = "<!-- from: a.cpp#x -->\n```cpp\nint a;\n```\n"

EXAMPLES = [
    ({"a.md": _DOC, "a.cpp": "{\n  // [x]\n  int a;\n  // [/x]\n}\n"}, None),
    ({"a.md": _DOC, "a.cpp": "// [x]\nint b;\n// [/x]\n"}, "is not what a.cpp has"),
    (
        {"a.md": "<!-- from: a.cpp#x -->\n\n", "a.cpp": "// [x]\nint b;\n// [/x]\n"},
        "is not what a.cpp has",
    ),
    ({"a.md": _DOC, "a.cpp": "int a;\n"}, "no region [x]"),
    ({"a.md": _DOC}, "does not exist"),
]
