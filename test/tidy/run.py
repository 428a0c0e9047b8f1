"""Runs one rule on the tree: run.py RULE ROOT.

A rule is a module beside this file with

  check(tree)  gives a line of text per breach, "path:line: what is wrong"
  EXAMPLES     small trees with what check() must say of each: ({path: text, ...}, "part of a
               breach"), or None where there is no breach. They run first: a rule that finds nothing
               in a bad tree proves nothing about ours.

Ends with 0, with 1 on a breach, with 77 (which ctest shows as skipped) when the rule says that it
cannot run here, by raising Skipped.
"""

import importlib
import pathlib
import sys
import tempfile

from tree import Tree

SKIPPED_EXIT = 77


class Skipped(Exception):
    """Says why."""


def breaches_of_example(rule, files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            target = pathlib.Path(root, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        return list(rule.check(Tree(root)))


def failed_examples(rule):
    for number, (files, expected) in enumerate(rule.EXAMPLES, 1):
        found = breaches_of_example(rule, files)
        if expected is None and found:
            yield f"example {number}: expected no breach, came {found}"
        if expected is not None and not any(expected in breach for breach in found):
            yield f"example {number}: expected a breach with {expected!r}, came {found}"


def main(name, root):
    rule = importlib.import_module(name)
    try:
        failed = list(failed_examples(rule))
        breaches = [] if failed else list(rule.check(Tree(root)))
    except Skipped as why:
        print(f"skipped: {why}")
        return SKIPPED_EXIT
    for line in failed:
        print(f"the rule {name} does not work: {line}")
    for line in breaches:
        print(line)
    if not failed:
        print(f"{name}: {len(breaches)} breaches, {len(rule.EXAMPLES)} examples judged rightly")
    return 1 if failed or breaches else 0


if __name__ == "__main__":
    # A rule imports this file by its name, and must raise the same Skipped.
    sys.modules["run"] = sys.modules["__main__"]
    sys.exit(main(*sys.argv[1:]))
