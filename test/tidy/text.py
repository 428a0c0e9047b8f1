"""What every text file keeps to: no stray white space, no path of one machine, nothing left to do,
and, for code, a length that can be read."""

import re

CODE = (".cpp", ".hpp", ".py", ".cmake", ".sh")
PLAIN = CODE + (".md", ".proto", ".txt", ".json", ".yml", ".map", ".toml", ".supp", ".clang-format")
LINES_MAX = 400
MACHINE_PATH = re.compile(r"(?<![\w.$})>/-])/(?:work|farm|home|root|Users)/")
LEFT_TO_DO = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")


def texts(tree):
    scripts = [
        p
        for p in tree.all
        if p.startswith(("scripts/", ".ci/")) and "." not in p.rpartition("/")[2]
    ]
    return tree.files(*PLAIN) + scripts


def check(tree):
    for path in texts(tree):
        text = tree.text(path)
        if text and not text.endswith("\n"):
            yield f"{path}: the last line does not end"
        if "\r" in text:
            yield f"{path}: has carriage returns"
        for number, line in enumerate(text.split("\n"), 1):
            if line.rstrip(" \t") != line:
                yield f"{path}:{number}: white space at the end of the line"
            if MACHINE_PATH.search(line):
                yield f"{path}:{number}: a path of one machine"
            if LEFT_TO_DO.search(line):
                yield f"{path}:{number}: something left to do; do it, or file it"
        if path.endswith(CODE) and text.count("\n") > LINES_MAX:
            yield f"{path}: {text.count(chr(10))} lines, at most {LINES_MAX}; it has two subjects"


EXAMPLES = [
    (
        {
            "a.cpp": "int a;  // build/work/a, ${x}/work/b, http://h/home/c\n" + "\n" * 399,
            "b.hpp": "",
        },
        None,
    ),
    ({"a.cpp": "int a;"}, "does not end"),
    ({"a.md": "a\r\n"}, "carriage returns"),
    ({"a.py": "a \n"}, "a.py:1: white space"),
    ({"scripts/a": "cd /ho" + "me/me/x\n"}, "scripts/a:1: a path"),
    ({"a.cmake": 'set(x "/wo' + 'rk/x")\n'}, "a path of one machine"),
    ({"a.hpp": "// TO" + "DO: later\n"}, "left to do"),
    ({"a.cpp": "\n" * 401}, "401 lines"),
]
