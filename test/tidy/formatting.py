"""Every C++ file is as clang-format 14 writes it."""

import shutil
import subprocess

from run import Skipped

TOOL = "clang-format-14"


def check(tree):
    if not shutil.which(TOOL):
        raise Skipped(f"{TOOL} is not installed; scripts/install-packages installs it")
    files = tree.files(".cpp", ".hpp")
    if not files:
        return
    ran = subprocess.run(
        [TOOL, "--dry-run", "-Werror", "--ferror-limit=1", *files],
        cwd=tree.root,
        capture_output=True,
        text=True,
        check=False,
    )
    for line in ran.stderr.splitlines():
        if "error:" in line:
            yield line.replace("code should be clang-formatted", f"{TOOL} -i would change this")
    if ran.returncode and "error:" not in ran.stderr:
        yield f"{TOOL} failed: {ran.stderr.strip()}"


_STYLE = {".clang-format": "BasedOnStyle: Google\n"}

EXAMPLES = [
    ({**_STYLE, "a.cpp": "int main() { return 0; }\n"}, None),
    ({**_STYLE, "a.cpp": "int main(){return 0;}\n"}, "a.cpp:1"),
]
