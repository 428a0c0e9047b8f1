"""docs/PROMISES.md names for each promise the tests that keep it, and those tests exist."""

import re

from tree import code, rows

PAGE = "docs/PROMISES.md"
PROMISES = 13
LATER = "from a later version"
REFERENCE = re.compile(r"(test/\S+): (\w+)")


def has_case(text, name):
    boost = r"BOOST_\w*TEST_CASE\w*\s*\([^)]*?\b" + re.escape(name) + r"\b"
    python = r"def (?:test_)?" + re.escape(name) + r"\b"
    return re.search(boost, text) or re.search(python, text)


def check(tree):
    table = rows(tree.text(PAGE), "#", "promise", "kept by")
    numbers = [row[0] for row in table]
    if numbers != [str(n) for n in range(1, PROMISES + 1)]:
        yield f"{PAGE}: expected the promises 1 to {PROMISES}, came {', '.join(numbers) or 'none'}"
    for number, _, kept_by, *_ in table:
        references = code(kept_by)
        if not references and LATER not in kept_by:
            yield f'{PAGE}: promise {number} names no test; if it is not kept yet, say "{LATER}"'
        for reference in references:
            match = REFERENCE.fullmatch(reference)
            if not match:
                expected = "expected `test/folder/file: case`"
                yield f"{PAGE}: promise {number}: {expected}, came `{reference}`"
            elif not tree.has(match[1]):
                yield f"{PAGE}: promise {number} names {match[1]}, which does not exist"
            elif not has_case(tree.text(match[1]), match[2]):
                yield f"{PAGE}: promise {number}: {match[1]} has no case {match[2]}"


def _page(kept_by):
    later = "".join(f"| {n} | x | {LATER} |\n" for n in range(2, PROMISES + 1))
    return f"| # | promise | kept by |\n| --- | --- | --- |\n| 1 | x | {kept_by} |\n" + later


_TEST = {
    "test/a/b_test.cpp": "BOOST_FIXTURE_TEST_CASE(it_works, f) {}\n",
    "test/a/c_test.py": "  def test_it_runs(self):\n",
}

EXAMPLES = [
    ({PAGE: _page("`test/a/b_test.cpp: it_works`, `test/a/c_test.py: it_runs`"), **_TEST}, None),
    ({PAGE: _page("`test/a/b_test.cpp: it_work`"), **_TEST}, "has no case it_work"),
    ({PAGE: _page("`test/a/x_test.cpp: it_works`"), **_TEST}, "x_test.cpp, which does not exist"),
    ({PAGE: _page("the tests")}, "names no test"),
    ({PAGE: _page("`it_works`")}, "expected `test/folder/file: case`"),
    ({PAGE: "nothing"}, "came none"),
]
