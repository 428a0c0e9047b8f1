"""Every shell script passes shellcheck and can be started."""

import os
import shutil
import subprocess

from run import Skipped

TOOL = "shellcheck"


def scripts(tree):
    for path in tree.all:
        if (
            path.endswith(".sh")
            or path.startswith(("scripts/", ".ci/"))
            and "." not in path.rpartition("/")[2]
        ):
            first = tree.text(path).partition("\n")[0]
            if path.endswith(".sh") or first.startswith("#!") and first.endswith("sh"):
                yield path


def check(tree):
    if not shutil.which(TOOL):
        raise Skipped(f"{TOOL} is not installed; scripts/install-packages installs it")
    found = list(scripts(tree))
    for path in found:
        if (
            not path.endswith(".sh")
            and not os.access(tree.root / path, os.X_OK)
            and ".ci" not in path
        ):
            yield f"{path}: is not executable (chmod +x)"
    if found:
        ran = subprocess.run(
            [TOOL, "-x", "-f", "gcc", *found],
            cwd=tree.root,
            capture_output=True,
            text=True,
            check=False,
        )
        yield from ran.stdout.splitlines()
        yield from ran.stderr.splitlines()


EXAMPLES = [
    (
        {
            "scripts/lib.sh": "# shellcheck shell=bash\ntrue\n",
            "scripts/list": "g++\n",
            "scripts/py": "#!/usr/bin/env python3\n",
        },
        None,
    ),
    ({"scripts/lib.sh": "# shellcheck shell=bash\necho $a b\n"}, "scripts/lib.sh:2"),
    ({"scripts/a": "#!/usr/bin/env bash\ntrue\n"}, "not executable"),
    ({".ci/run": "#!/usr/bin/env bash\nls $1\n"}, ".ci/run:2"),
]
